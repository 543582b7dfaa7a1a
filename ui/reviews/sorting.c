/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/sorting.h"

#include <math.h>
#include <stdlib.h>

enum key_kind { KEY_NUMBER, KEY_WORD, KEY_NONE };

/* `major` orders keys of a kind; words of which it is the same by their bytes. */
struct sort_key {
	uint64_t row, major;
	size_t word; /* where a word begins in `bytes`: a length, then the bytes */
	enum key_kind kind;
};

struct sorting {
	struct sort_key *keys;
	size_t count, capacity;
	unsigned char *bytes;
	size_t bytes_size, bytes_capacity;
	size_t common; /* bytes that all words begin with */
};

struct sorting *sorting_new(void)
{
	return calloc(1, sizeof(struct sorting));
}

void sorting_free(struct sorting *sorting)
{
	if (!sorting)
		return;
	free(sorting->keys);
	free(sorting->bytes);
	free(sorting);
}

static bool sorting_add(struct sorting *sorting, const struct sort_key *key)
{
	if (sorting->count == sorting->capacity) {
		const size_t capacity = sorting->capacity ? 2 * sorting->capacity : 1024;
		struct sort_key *keys = reallocarray(sorting->keys, capacity, sizeof *keys);

		if (!keys)
			return false;
		sorting->keys = keys;
		sorting->capacity = capacity;
	}
	sorting->keys[sorting->count++] = *key;
	return true;
}

bool sorting_add_none(struct sorting *sorting, uint64_t row)
{
	return sorting_add(sorting, &(struct sort_key){.row = row, .kind = KEY_NONE});
}

/* IEEE 754 in the order of its values: of negative numbers all bits turned, of others the sign. */
bool sorting_add_number(struct sorting *sorting, uint64_t row, double number)
{
	uint64_t bits;

	if (isnan(number))
		return sorting_add_none(sorting, row);
	number += 0.0; /* -0 is 0 */
	memcpy(&bits, &number, sizeof bits);
	bits ^= bits >> 63 ? UINT64_MAX : UINT64_C(1) << 63;
	return sorting_add(sorting, &(struct sort_key){.row = row, .kind = KEY_NUMBER, .major = bits});
}

static unsigned char lower(char byte)
{
	return (unsigned char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
}

static bool sorting_reserve(struct sorting *sorting, size_t more)
{
	const size_t capacity = 2 * sorting->bytes_capacity + 4096;
	unsigned char *bytes;

	if (sorting->bytes_size + more <= sorting->bytes_capacity)
		return true;
	bytes = realloc(sorting->bytes, capacity);
	if (!bytes)
		return false;
	sorting->bytes = bytes;
	sorting->bytes_capacity = capacity;
	return true;
}

bool sorting_add_word(struct sorting *sorting, uint64_t row, struct span word)
{
	const size_t size = word.size < SORTING_BYTES ? word.size : SORTING_BYTES;
	const struct sort_key key = {.row = row, .kind = KEY_WORD, .word = sorting->bytes_size};

	if (!sorting_reserve(sorting, size + 1))
		return false;
	sorting->bytes[sorting->bytes_size++] = (unsigned char)size;
	for (size_t i = 0; i < size; i++)
		sorting->bytes[sorting->bytes_size++] = lower(word.data[i]);
	return sorting_add(sorting, &key);
}

/* How many bytes all words have in common at their beginning. */
static size_t common_bytes(const struct sorting *sorting)
{
	const unsigned char *first = NULL;
	size_t common = 0;

	for (size_t i = 0; i < sorting->count; i++) {
		const unsigned char *word = sorting->bytes + sorting->keys[i].word;
		size_t same = 0;

		if (sorting->keys[i].kind != KEY_WORD)
			continue;
		if (!first) {
			first = word;
			common = *word;
		}
		while (same < common && same < *word && word[1 + same] == first[1 + same])
			same++;
		common = same;
	}
	return common;
}

/* The eight bytes after those that say nothing decide nearly always, without a look at the words themselves. */
static void set_majors(struct sorting *sorting)
{
	sorting->common = common_bytes(sorting);
	for (size_t i = 0; i < sorting->count; i++) {
		struct sort_key *key = &sorting->keys[i];
		const unsigned char *word = sorting->bytes + key->word;

		if (key->kind != KEY_WORD)
			continue;
		key->major = 0;
		for (size_t at = sorting->common; at < sorting->common + 8; at++)
			key->major = key->major << 8 | (at < *word ? word[1 + at] : 0u);
	}
}

static int compare_words(const struct sorting *sorting, const struct sort_key *a, const struct sort_key *b)
{
	const unsigned char *left = sorting->bytes + a->word, *right = sorting->bytes + b->word;
	const size_t least = *left < *right ? *left : *right;
	const int order = least > sorting->common ? memcmp(left + 1 + sorting->common, right + 1 + sorting->common,
	                                                   least - sorting->common) : 0;

	return order != 0 ? order : *left - *right;
}

/* Whether `b` goes before `a`, which was added earlier: not where they are equal. */
static bool goes_before(const struct sorting *sorting, const struct sort_key *b, const struct sort_key *a, bool reverse)
{
	int order;

	if (a->kind == KEY_NONE || b->kind == KEY_NONE)
		return a->kind == KEY_NONE && b->kind != KEY_NONE;
	if (a->kind != b->kind)
		return (b->kind < a->kind) != reverse;
	if (a->major != b->major)
		return (b->major < a->major) != reverse;
	order = a->kind == KEY_WORD ? compare_words(sorting, b, a) : 0;
	return reverse ? order > 0 : order < 0;
}

static void merge(const struct sorting *sorting, const struct sort_key *from, struct sort_key *to, size_t middle, size_t end,
                  bool reverse)
{
	size_t left = 0, right = middle;

	for (size_t i = 0; i < end; i++) {
		if (left < middle && (right >= end || !goes_before(sorting, &from[right], &from[left], reverse)))
			to[i] = from[left++];
		else
			to[i] = from[right++];
	}
}

/* One pass over all keys: runs of `run` keys, each sorted, become runs of twice as many. */
static void merge_runs(const struct sorting *sorting, const struct sort_key *from, struct sort_key *to, size_t run, bool reverse)
{
	const size_t count = sorting->count;

	for (size_t start = 0; start < count; start += 2 * run) {
		const size_t left = count - start < run ? count - start : run;
		const size_t both = count - start < 2 * run ? count - start : 2 * run;

		merge(sorting, from + start, to + start, left, both, reverse);
	}
}

bool sorting_sort(struct sorting *sorting, bool reverse, const struct progress *progress)
{
	struct sort_key *other = reallocarray(NULL, sorting->count ? sorting->count : 1, sizeof *other);

	if (!other)
		return false;
	set_majors(sorting);
	for (size_t run = 1; run < sorting->count; run *= 2) {
		struct sort_key *keys = sorting->keys;

		if (!progress_report(progress, "sorting", run, sorting->count)) {
			free(other);
			return false;
		}
		merge_runs(sorting, keys, other, run, reverse);
		sorting->keys = other;
		other = keys;
	}
	sorting->capacity = sorting->count;
	free(other);
	return true;
}

size_t sorting_count(const struct sorting *sorting)
{
	return sorting->count;
}

uint64_t sorting_row(const struct sorting *sorting, size_t index)
{
	return sorting->keys[index].row;
}
