/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/added.h"

#include "engine/base/buffer.h"
#include "engine/base/size.h"
#include "engine/text/unicode.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unictype.h>

#define ADDED_MAX 4096

bool added_tokens_add(struct added_tokens *added, struct added_token token, struct error *error)
{
	struct added_token *items;

	for (size_t i = 0; i < added->count; i++) {
		if (strcmp(added->items[i].name, token.name) != 0)
			continue;
		RETURN_IF(added->items[i].id != token.id, error, ERROR_DATA,
		          "the added token \"%.64s\" has the ids %" PRId32 " and %" PRId32, token.name, added->items[i].id,
		          token.id);
		return true;
	}
	RETURN_IF(added->count == ADDED_MAX, error, ERROR_DATA, "more than %d added tokens", ADDED_MAX);
	if (added->count == added->capacity) {
		size_t capacity = added->capacity ? 2 * added->capacity : 16;

		items = size_realloc(added->items, capacity, sizeof *items);
		if (!items)
			return error_memory(error, "reading added tokens");
		added->items = items;
		added->capacity = capacity;
	}
	token.name = strdup(token.name);
	token.content = NULL;
	if (!token.name)
		return error_memory(error, "reading added tokens");
	added->items[added->count++] = token;
	return true;
}

bool added_tokens_check_ids(const struct added_tokens *added, int32_t pieces, struct error *error)
{
	bool taken[ADDED_MAX] = {false};
	int32_t beyond = 0;

	for (size_t i = 0; i < added->count; i++)
		beyond += added->items[i].id >= pieces;
	for (size_t i = 0; i < added->count; i++) {
		int32_t place = added->items[i].id - pieces;

		if (place < 0)
			continue;
		RETURN_IF(place >= beyond || taken[place], error, ERROR_DATA,
		          "the added token \"%.64s\" has the id %" PRId32 ": %" PRId32 " added tokens should be numbered from %"
		          PRId32 " without a gap", added->items[i].name, added->items[i].id, beyond, pieces);
		taken[place] = true;
	}
	return true;
}

void added_tokens_free(struct added_tokens *added)
{
	for (size_t i = 0; i < added->count; i++) {
		free(added->items[i].name);
		free(added->items[i].content);
	}
	free(added->items);
	*added = (struct added_tokens){0};
}

static void buffer_take(void *context, uint32_t c, uint32_t end)
{
	unsigned char bytes[4];

	(void)end;
	buffer_add(context, bytes, unicode_encode(c, bytes));
}

/* What is looked for. NULL when memory is short. */
static char *make_content(const struct added_token *token, const struct normal *normal)
{
	struct buffer out = {.maximum = 16 * strlen(token->name) + 16};
	struct normal_stream stream = {.normal = *normal, .take = buffer_take, .context = &out};
	const unsigned char *at = (const unsigned char *)token->name, *end = at + strlen(token->name);

	if (!token->normalized)
		return strdup(token->name);
	if (!buffer_reserve(&out, 15 * strlen(token->name)) || !buffer_add(&out, "", 0))
		return NULL;
	while (at < end)
		normal_take(&stream, unicode_decode(&at, end), 0);
	normal_finish(&stream);
	return out.data;
}

/* Two names may be one when they are normalised. Which counts is random in the reference; here the one that reads so
 * already, then the lower id. */
static int by_content(const void *a, const void *b)
{
	const struct added_token *one = a, *two = b;
	int order = one->normalized - two->normalized;

	if (order == 0)
		order = strcmp(one->content, two->content);
	if (order == 0)
		order = (strcmp(two->name, two->content) == 0) - (strcmp(one->name, one->content) == 0);
	return order ? order : one->id < two->id ? -1 : one->id > two->id;
}

static bool make_contents(struct added_tokens *added, const struct normal *normal)
{
	for (size_t i = 0; i < added->count; i++) {
		struct added_token *token = added->items + i;

		token->content = make_content(token, normal);
		if (!token->content)
			return false;
		token->size = strlen(token->content);
		added->any_normalized = added->any_normalized || (token->normalized && token->size > 0);
	}
	return true;
}

bool added_tokens_finish(struct added_tokens *added, const struct normal *normal, struct error *error)
{
	if (!make_contents(added, normal))
		return error_memory(error, "reading added tokens");
	if (added->count)
		qsort(added->items, added->count, sizeof *added->items, by_content);
	for (size_t i = 0; i < added->count; i++) {
		const struct added_token *token = added->items + i;
		struct added_range *range = &added->first[token->normalized][(unsigned char)*token->content];

		if (token->size == 0)
			continue;
		if (range->end == 0) {
			range->begin = (uint16_t)i;
			added->start[token->normalized] = (unsigned char)*token->content;
			added->different[token->normalized]++;
		}
		range->end = (uint16_t)(i + 1);
	}
	return true;
}

/* The first of the tokens in [low, high), which are the same before `depth`, whose byte there is not below `byte`. */
static size_t lower_bound(const struct added_token *items, size_t low, size_t high, size_t depth, unsigned char byte)
{
	while (low < high) {
		size_t middle = (low + high) / 2;

		if ((unsigned char)items[middle].content[depth] < byte)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The longest token that begins at `at`: byte by byte, the range of those that agree so far gets narrower. */
static const struct added_token *token_at(const struct added_tokens *added, bool normalized, struct span text,
                                          size_t at)
{
	const unsigned char *bytes = (const unsigned char *)text.data + at;
	struct added_range range = added->first[normalized][*bytes];
	const struct added_token *items = added->items, *found = NULL;
	size_t low = range.begin, high = range.end;

	for (size_t depth = 1; low < high; depth++) {
		if (items[low].size == depth)
			found = items + low;
		if (depth == text.size - at)
			break;
		low = lower_bound(items, low, high, depth, bytes[depth] ? bytes[depth] : 1);
		high = lower_bound(items, low, high, depth, (unsigned char)(bytes[depth] + 1));
	}
	return found;
}

/* The character that ends at `at`, 0 at the beginning. */
static uint32_t character_before(struct span text, size_t at)
{
	const unsigned char *start = (const unsigned char *)text.data, *p;
	size_t from = at;

	if (at == 0)
		return 0;
	do
		from--;
	while (from > 0 && at - from < 4 && (start[from] & 0xC0) == 0x80);
	p = start + from;
	return unicode_decode(&p, start + at);
}

static uint32_t character_after(struct span text, size_t at)
{
	const unsigned char *p = (const unsigned char *)text.data + at;

	return at < text.size ? unicode_decode(&p, (const unsigned char *)text.data + text.size) : 0;
}

/* \w of the Rust regular expressions (Unicode technical standard 18, annex C). */
static bool is_word_character(uint32_t c)
{
	return uc_is_property(c, UC_PROPERTY_ALPHABETIC) || uc_is_property(c, UC_PROPERTY_JOIN_CONTROL) ||
	       uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_Nd | UC_CATEGORY_MASK_Pc);
}

static bool is_space(uint32_t c)
{
	uint8_t kind = unicode_classify(c).kind;

	return kind == KIND_SPACE || kind == KIND_CONTROL_SPACE;
}

static bool stands_alone(struct span text, size_t start, size_t stop)
{
	return (start == 0 || !is_word_character(character_before(text, start))) &&
	       (stop == text.size || !is_word_character(character_after(text, stop)));
}

static size_t skip_space_before(struct span text, size_t from, size_t at)
{
	unsigned char bytes[4];

	while (at > from) {
		uint32_t c = character_before(text, at);

		if (!is_space(c) || unicode_encode(c, bytes) > at - from)
			break;
		at -= unicode_encode(c, bytes);
	}
	return at;
}

static size_t skip_space_after(struct span text, size_t at)
{
	unsigned char bytes[4];

	while (at < text.size && is_space(character_after(text, at)))
		at += unicode_encode(character_after(text, at), bytes);
	return at;
}

/* The first byte from `at` on that a token begins with; the text's size: there is none. Special tokens mostly all begin
 * with '[', which memchr finds many bytes at a time. */
static size_t find_start(const struct added_tokens *added, bool normalized, struct span text, size_t at)
{
	const char *found;

	if (added->different[normalized] == 0 || at >= text.size)
		return text.size;
	if (added->different[normalized] > 1) {
		while (at < text.size && added->first[normalized][(unsigned char)text.data[at]].end == 0)
			at++;
		return at;
	}
	found = memchr(text.data + at, added->start[normalized], text.size - at);
	return found ? (size_t)(found - text.data) : text.size;
}

const struct added_token *added_tokens_next(const struct added_tokens *added, bool normalized, struct span text,
                                            struct added_cursor *cursor)
{
	size_t at = find_start(added, normalized, text, cursor->scan);

	for (; at < text.size; at = find_start(added, normalized, text, at + 1)) {
		const struct added_token *token = token_at(added, normalized, text, at);

		if (!token)
			continue;
		if (token->single_word && !stands_alone(text, at, at + token->size)) {
			at += token->size - 1;
			continue;
		}
		cursor->scan = at + token->size;
		cursor->start = token->lstrip ? skip_space_before(text, cursor->stop, at) : at;
		cursor->stop = token->rstrip ? skip_space_after(text, cursor->scan) : cursor->scan;
		return token;
	}
	return NULL;
}
