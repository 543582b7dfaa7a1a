/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A text as sequences of limited length. Its ids are found once; a sequence is one stretch of them, or of head and tail
 * two, between the special tokens. */
#include "engine/base/size.h"
#include "engine/text/tokenizer_core.h"

#include <stdlib.h>
#include <string.h>

#define TOKENS_FIRST 1024
#define TOKENS_MAX (INT32_MAX / 8) /* of one text */

static const char *const names[] = {"head", "tail", "head+tail", "windows"};

const char *truncation_name(enum truncation truncation)
{
	return names[truncation];
}

bool truncation_find(const char *name, enum truncation *truncation)
{
	const char *found = strcmp(name, "right") == 0 ? "head" : strcmp(name, "left") == 0 ? "tail" : name;

	for (int i = TRUNCATION_HEAD; i <= TRUNCATION_WINDOWS; i++)
		if (strcmp(found, names[i]) == 0) {
			*truncation = (enum truncation)i;
			return true;
		}
	return false;
}

/* Makes room for `capacity` tokens; false: no memory. */
static bool list_resize(struct id_list *list, int64_t capacity)
{
	int32_t *ids = size_realloc(list->ids, (size_t)capacity, sizeof *ids);
	uint32_t *ends;

	if (!ids)
		return false;
	list->ids = ids;
	ends = size_realloc(list->ends, (size_t)capacity, sizeof *ends);
	if (!ends)
		return false;
	list->ends = ends;
	list->limit = capacity;
	return true;
}

static bool list_grow(struct id_list *list)
{
	int64_t capacity = list->limit < TOKENS_FIRST ? TOKENS_FIRST : 2 * list->limit;

	return capacity <= TOKENS_MAX && list_resize(list, capacity);
}

/* All ids of the text, or as many as count where that is its head. *more: there are others. */
static bool find_ids(struct sequences *s, struct span text, bool *more)
{
	bool head = s->cut.truncation == TRUNCATION_HEAD, done;
	struct id_list list = {.ids = s->ids, .ends = s->ends, .limit = s->capacity, .grow = head ? NULL : list_grow};

	done = !head || s->room <= s->capacity || list_resize(&list, s->room);
	if (done) {
		s->capacity = list.limit;
		list.limit = head ? s->room : list.limit;
		tokenizer_find_ids(s->tokenizer, text, &list);
		s->capacity = head ? s->capacity : list.limit;
	}
	s->ids = list.ids;
	s->ends = list.ends;
	s->found = list.count;
	*more = list.full;
	return done && (head || !list.full);
}

static int32_t clamp(double value, int32_t lowest, int32_t highest)
{
	if (!(value < highest))
		return highest < lowest ? lowest : highest;
	return value < lowest ? lowest : (int32_t)value;
}

static int32_t step_of(const struct cut *cut, int32_t room)
{
	double stride = cut->stride > 0 ? cut->stride : CUT_STRIDE;

	return clamp(stride <= 1 ? stride * cut->max_length : stride, 1, room);
}

/* Tokens before the gap of head+tail: the original's 128 of 512 where nothing is said. */
static int32_t head_of(const struct sequences *s)
{
	return clamp(s->cut.head_tokens > 0 ? s->cut.head_tokens : s->cut.max_length / 4, 0, s->room);
}

/* How many windows the tokens that were found need, or may have. */
static int32_t windows_of(const struct sequences *s)
{
	int64_t needed = s->found <= s->room || s->room == 0 ? 1 : 1 + (s->found - s->room + s->step - 1) / s->step;

	return s->cut.max_windows > 0 && needed > s->cut.max_windows ? s->cut.max_windows : (int32_t)needed;
}

/* The byte where the first `tokens` tokens end. */
static uint32_t end_of(const struct sequences *s, int64_t tokens)
{
	return tokens > 0 ? s->ends[tokens - 1] : 0;
}

static int32_t smaller(int64_t a, int64_t b)
{
	return (int32_t)(a < b ? a : b);
}

/* What is not read: tokens from .. to - 1 of those that were found, and more of them than that after the head. */
static void note_unread(struct sequences *s, struct span text, int64_t from, int64_t to, bool more)
{
	const struct template *template = &s->tokenizer->template;
	int32_t special = smaller(template_size(template), s->cut.max_length);

	s->truncated = more || from < to;
	s->unread_from = end_of(s, from);
	s->unread_to = more || (s->truncated && to == s->found) ? (uint32_t)text.size : end_of(s, to);
	s->tokens_read = (int32_t)(s->found - (to - from)) + special;
	s->tokens = s->found + special;
}

bool tokenizer_cut(const struct tokenizer *tokenizer, struct span text, const struct cut *cut, struct sequences *s)
{
	int64_t from, to, covered;
	bool more;

	s->tokenizer = tokenizer;
	s->cut = *cut;
	s->room = cut->max_length > template_size(&tokenizer->template) ? cut->max_length - template_size(&tokenizer->template) : 0;
	s->step = step_of(cut, s->room);
	s->count = 1;
	if (!find_ids(s, text, &more))
		return false;
	from = to = s->found;
	if (cut->truncation == TRUNCATION_WINDOWS) {
		s->count = windows_of(s);
		covered = s->room + (int64_t)(s->count - 1) * s->step;
		from = covered < s->found ? covered : s->found;
	} else if (s->found > s->room) {
		from = cut->truncation == TRUNCATION_TAIL ? 0 : head_of(s);
		to = s->found - s->room + from;
	}
	note_unread(s, text, from, to, more);
	return true;
}

void tokenizer_cut_free(struct sequences *s)
{
	free(s->ids);
	free(s->ends);
	*s = (struct sequences){0};
}

/* The tokens of a sequence without special ones: `count` of them, of which `head` stand from `first` on and the others at the
 * end of the text. */
struct stretch {
	int64_t first;
	int32_t count, head;
};

static struct stretch stretch_of(const struct sequences *s, int32_t index)
{
	int64_t first = s->cut.truncation == TRUNCATION_WINDOWS ? (int64_t)index * s->step : 0;
	int32_t count = smaller(s->found - first, s->room), head = count;

	if (s->cut.truncation == TRUNCATION_TAIL)
		head = 0;
	if (s->cut.truncation == TRUNCATION_HEAD_TAIL)
		head = smaller(head_of(s), count);
	return (struct stretch){first, count, head};
}

static int32_t copy_ids(const struct sequences *s, int32_t index, int32_t *out)
{
	struct stretch of = stretch_of(s, index);

	if (of.head > 0)
		memcpy(out, s->ids + of.first, (size_t)of.head * sizeof *out);
	if (of.count > of.head)
		memcpy(out + of.head, s->ids + s->found - (of.count - of.head), (size_t)(of.count - of.head) * sizeof *out);
	return of.count;
}

int64_t tokenizer_cut_token(const struct sequences *s, int32_t index, int32_t place)
{
	struct stretch of = stretch_of(s, index);
	int32_t at = place - smaller(s->tokenizer->template.before_count, s->cut.max_length);

	if (at < 0 || at >= of.count)
		return -1;
	return at < of.head ? of.first + at : s->found - of.count + at;
}

/* Where max_length has no room for the whole template, what fits of it counts. */
int32_t tokenizer_cut_take(const struct sequences *s, int32_t index, int32_t *ids)
{
	const struct template *template = &s->tokenizer->template;
	int32_t before = smaller(template->before_count, s->cut.max_length), count, after;

	memcpy(ids, template->before, (size_t)before * sizeof *ids);
	count = before + copy_ids(s, index, ids + before);
	after = smaller(template->after_count, s->cut.max_length - count);
	memcpy(ids + count, template->after, (size_t)after * sizeof *ids);
	return count + after;
}
