/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text to ids. Literal tokens divide the text; what lies between them goes through the three steps of step.h.
 *
 * Where a splitter looks at one character at a time and words have a longest length, as BERT's do, the text streams
 * through all steps and nothing is allocated. Otherwise, and for the rare tokenizer with tokens to be found in
 * normalised text, that text is gathered first. Encoding stops soon after max_length was reached. */
#include "engine/base/buffer.h"
#include "engine/text/tokenizer_core.h"
#include "engine/text/unicode.h"

#include <stdlib.h>

/* The word that is being read. ends[i] belongs to bytes[i]. Characters beyond the longest word are only counted. */
struct open_word {
	size_t size;
	int32_t chars;
	uint32_t end;
	char bytes[4 * WORD_CHARS_MAX];
	uint32_t ends[4 * WORD_CHARS_MAX];
};

/* Normalised text with the source byte where each of its bytes ends. */
struct normal_text {
	struct buffer text, ends;
	bool failed;
};

struct encoder {
	const struct tokenizer *tokenizer;
	struct id_list out;
	struct open_word word;
	struct normal_stream normal;
	struct normal_text *gathered; /* not NULL while normalised text is gathered instead of cut into words */
};

static void word_finish(struct encoder *encoder)
{
	const struct piece_model *model = &encoder->tokenizer->model;
	struct open_word *open = &encoder->word;

	if (open->chars > 0) {
		struct word word = {open->bytes, open->ends, open->size, open->chars, open->end};

		model->step->encode(model, &word, &encoder->out);
	}
	open->chars = 0;
	open->size = 0;
}

/* Inline, as part_take is, so that for ASCII the size is known when it is compiled. */
static inline __attribute__((always_inline)) void word_add(struct encoder *encoder, const unsigned char *bytes,
                                                           size_t size, uint32_t end)
{
	struct open_word *word = &encoder->word;

	word->end = end;
	if (word->chars > encoder->tokenizer->model.max_word_chars)
		return;
	if (word->chars++ == encoder->tokenizer->model.max_word_chars)
		return;
	for (size_t i = 0; i < size; i++) {
		word->bytes[word->size] = (char)bytes[i];
		word->ends[word->size++] = end;
	}
}

/* One normalised character as a part of a word. */
static inline __attribute__((always_inline)) void part_take(struct encoder *encoder, enum split_part part,
                                                            const unsigned char *bytes, size_t size, uint32_t end)
{
	if (part == SPLIT_JOIN) {
		word_add(encoder, bytes, size, end);
		return;
	}
	word_finish(encoder);
	if (part == SPLIT_DROP)
		return;
	word_add(encoder, bytes, size, end);
	word_finish(encoder);
}

static void gather(struct normal_text *gathered, const unsigned char *bytes, size_t size, uint32_t end)
{
	gathered->failed = gathered->failed || !buffer_add(&gathered->text, bytes, size);
	for (size_t i = 0; i < size; i++)
		gathered->failed = gathered->failed || !buffer_add(&gathered->ends, &end, sizeof end);
}

static void take_normalised(void *context, uint32_t c, uint32_t end)
{
	struct encoder *encoder = context;
	unsigned char bytes[4];
	size_t size = unicode_encode(c, bytes);

	if (encoder->gathered)
		gather(encoder->gathered, bytes, size, end);
	else
		part_take(encoder, encoder->tokenizer->splitter->part(c), bytes, size, end);
}

/* The same that the long way through normal_take would do. */
static void take_ascii(struct encoder *encoder, unsigned char byte, uint32_t end)
{
	const struct ascii_plan *plan = &encoder->tokenizer->ascii;
	uint8_t part = plan->part[byte];

	if (part == ASCII_LONG_WAY) {
		normal_take(&encoder->normal, byte, end);
		return;
	}
	normal_finish(&encoder->normal);
	part_take(encoder, part, &plan->byte[byte], 1, end);
}

/* The hot loop: ASCII characters that go on with the word, as many as it has room for. Returns where they end. */
static const unsigned char *take_letters(struct encoder *encoder, const unsigned char *start, const unsigned char *at,
                                         const unsigned char *end)
{
	const struct ascii_plan *plan = &encoder->tokenizer->ascii;
	struct open_word *word = &encoder->word;
	int32_t room = encoder->tokenizer->model.max_word_chars - word->chars, count = 0;
	char *bytes = word->bytes + word->size;
	uint32_t *ends = word->ends + word->size, first = (uint32_t)(at - start) + 1;

	if (end - at < room)
		room = (int32_t)(end - at);
	for (; count < room && at[count] < 0x80 && plan->part[at[count]] == SPLIT_JOIN; count++) {
		bytes[count] = (char)plan->byte[at[count]];
		ends[count] = first + (uint32_t)count;
	}
	if (count == 0)
		return at;
	word->size += (size_t)count;
	word->chars += count;
	word->end = ends[count - 1];
	return at + count;
}

static void normalise(struct encoder *encoder, struct span text, size_t from, size_t to)
{
	const unsigned char *start = (const unsigned char *)text.data, *at = start + from, *end = start + to;

	while (at < end && !encoder->out.full) {
		if (*at < 0x80 && !encoder->gathered) {
			const unsigned char *past = encoder->normal.held_count ? at : take_letters(encoder, start, at, end);

			if (past == at)
				take_ascii(encoder, *past++, (uint32_t)(at - start + 1));
			at = past;
		} else {
			uint32_t c = unicode_decode(&at, end);

			normal_take(&encoder->normal, c, (uint32_t)(at - start));
		}
	}
	normal_finish(&encoder->normal);
}

static int32_t count_chars(struct span word)
{
	int32_t chars = 0;

	for (size_t i = 0; i < word.size && chars < INT32_MAX; i++)
		chars += ((unsigned char)word.data[i] & 0xC0) != 0x80;
	return chars;
}

/* The words of a stretch of gathered text. */
static void encode_words(struct encoder *encoder, const struct normal_text *gathered, size_t from, size_t to)
{
	const struct piece_model *model = &encoder->tokenizer->model;
	const uint32_t *ends = (const uint32_t *)(const void *)gathered->ends.data;
	struct span stretch, found;
	size_t at = 0;

	if (from >= to)
		return;
	stretch = (struct span){gathered->text.data + from, to - from};
	while (!encoder->out.full && encoder->tokenizer->splitter->next(stretch, &at, &found)) {
		size_t first = (size_t)(found.data - gathered->text.data);
		struct word word = {found.data, ends + first, found.size, count_chars(found), ends[first + found.size - 1]};

		model->step->encode(model, &word, &encoder->out);
	}
}

static void encode_gathered(struct encoder *encoder, const struct normal_text *gathered)
{
	struct span text = {gathered->text.data, gathered->text.size};
	const uint32_t *ends = (const uint32_t *)(const void *)gathered->ends.data;
	struct added_cursor cursor = {0};
	const struct added_token *token;
	size_t at = 0;

	while (!encoder->out.full &&
	       (token = added_tokens_next(&encoder->tokenizer->added, true, text, &cursor)) != NULL) {
		encode_words(encoder, gathered, at, cursor.start);
		id_list_add(&encoder->out, token->id, ends[cursor.stop - 1]);
		at = cursor.stop;
	}
	encode_words(encoder, gathered, at, text.size);
}

static bool can_stream(const struct tokenizer *tokenizer)
{
	return tokenizer->splitter->part && tokenizer->model.max_word_chars && !tokenizer->added.any_normalized;
}

/* A stretch of the text that holds no literal token; none of it (from > to) before a token in the white space that the
 * token before it has swallowed. */
static void encode_plain(struct encoder *encoder, struct span text, size_t from, size_t to)
{
	struct normal_text gathered = {.text = {.maximum = SIZE_MAX / 16}, .ends = {.maximum = SIZE_MAX / 4}};

	if (from >= to)
		return;
	if (can_stream(encoder->tokenizer)) {
		normalise(encoder, text, from, to);
		word_finish(encoder);
		return;
	}
	encoder->gathered = &gathered;
	normalise(encoder, text, from, to);
	encoder->gathered = NULL;
	if (gathered.failed)
		id_list_add(&encoder->out, encoder->tokenizer->model.unknown, (uint32_t)to);
	else
		encode_gathered(encoder, &gathered);
	buffer_free(&gathered.text);
	buffer_free(&gathered.ends);
}

static void encode(struct encoder *encoder, struct span text)
{
	struct added_cursor cursor = {0};
	const struct added_token *token;
	size_t at = 0;

	while (!encoder->out.full &&
	       (token = added_tokens_next(&encoder->tokenizer->added, false, text, &cursor)) != NULL) {
		encode_plain(encoder, text, at, cursor.start);
		id_list_add(&encoder->out, token->id, (uint32_t)cursor.stop);
		at = cursor.stop;
	}
	encode_plain(encoder, text, at, text.size);
}

/* The arrays are left as they are: they are written before they are read. */
static void encoder_start(struct encoder *encoder, const struct tokenizer *tokenizer)
{
	encoder->tokenizer = tokenizer;
	encoder->word.size = 0;
	encoder->word.chars = 0;
	encoder->normal.normal = tokenizer->normal;
	encoder->normal.take = take_normalised;
	encoder->normal.context = encoder;
	encoder->normal.held_count = 0;
	encoder->gathered = NULL;
}

void tokenizer_find_ids(const struct tokenizer *tokenizer, struct span text, struct id_list *list)
{
	struct encoder encoder;

	encoder_start(&encoder, tokenizer);
	encoder.out = *list;
	encode(&encoder, text);
	*list = encoder.out;
}

static int32_t smaller(int64_t a, int64_t b)
{
	return (int32_t)(a < b ? a : b);
}

/* Where max_length has no room for the whole template, what fits of it counts. */
int32_t tokenizer_encode(const struct tokenizer *tokenizer, struct span text, int32_t max_length, int32_t *ids,
                         uint32_t *ends, bool *truncated)
{
	const struct template *template = &tokenizer->template;
	int32_t before = smaller(template->before_count, max_length), count, after;
	struct id_list found = {
		.ids = ids + before,
		.ends = ends ? ends + before : NULL,
		.limit = max_length > template_size(template) ? max_length - template_size(template) : 0,
	};

	tokenizer_find_ids(tokenizer, text, &found);
	count = before + (int32_t)found.count;
	after = smaller(template->after_count, max_length - count);
	memcpy(ids, template->before, (size_t)before * sizeof *ids);
	memcpy(ids + count, template->after, (size_t)after * sizeof *ids);
	for (int32_t i = 0; ends && i < before; i++)
		ends[i] = 0;
	for (int32_t i = 0; ends && i < after; i++)
		ends[count + i] = found.last_end;
	if (truncated)
		*truncated = found.full;
	return count + after;
}

int64_t tokenizer_count(const struct tokenizer *tokenizer, struct span text)
{
	struct id_list found = {.limit = INT64_MAX};

	tokenizer_find_ids(tokenizer, text, &found);
	return found.count + template_size(&tokenizer->template);
}
