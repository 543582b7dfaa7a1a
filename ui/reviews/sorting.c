/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/sorting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEW 32 /* words that are sorted without counting their bytes */

enum key_kind { KEY_NUMBER, KEY_WORD, KEY_NONE };

/* `major` orders keys of a kind: a number as an integer, of a word eight of its bytes at a time. */
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
	const size_t capacity = 2 * (sorting->bytes_size + more) + 4096;
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

bool sorting_append(struct sorting *sorting, const struct sorting *others)
{
	if (!sorting_reserve(sorting, others->bytes_size))
		return false;
	for (size_t i = 0; i < others->count; i++) {
		struct sort_key key = others->keys[i];

		key.word += sorting->bytes_size;
		if (!sorting_add(sorting, &key))
			return false;
	}
	if (others->bytes_size > 0)
		memcpy(sorting->bytes + sorting->bytes_size, others->bytes, others->bytes_size);
	sorting->bytes_size += others->bytes_size;
	return true;
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

/* What a pass of the radix sort orders by: the byte `place` of the major key, and last of all the kind. Rows without a key are
 * last both ways. */
#define PLACE_KIND 8
#define PLACES 9

static size_t digit(const struct sort_key *key, int place, bool reverse)
{
	if (place < PLACE_KIND)
		return (reverse ? ~key->major : key->major) >> (8 * place) & 0xFF;
	return key->kind == KEY_NONE ? 2 : (key->kind == KEY_WORD) != reverse;
}

static void count_digits(const struct sort_key *keys, size_t count, bool reverse, size_t counts[PLACES][256])
{
	memset(counts, 0, PLACES * sizeof *counts);
	for (size_t i = 0; i < count; i++) {
		for (int place = 0; place < PLACES; place++)
			counts[place][digit(&keys[i], place, reverse)]++;
	}
}

/* One pass: every key goes to where its digit is, those of one digit as they came. Uses up `counts`. */
static void scatter(const struct sort_key *from, struct sort_key *to, size_t count, int place, bool reverse, size_t counts[256])
{
	size_t start = 0;

	for (size_t i = 0; i < 256; i++) {
		const size_t size = counts[i];

		counts[i] = start;
		start += size;
	}
	for (size_t i = 0; i < count; i++)
		to[counts[digit(&from[i], place, reverse)]++] = from[i];
}

/* Sorts by major keys and kinds; a place where all keys are the same needs no pass. `spare` has room for as many. */
static void sort_majors(struct sort_key *keys, struct sort_key *spare, size_t count, bool reverse)
{
	size_t counts[PLACES][256];
	struct sort_key *from = keys, *to = spare;

	count_digits(keys, count, reverse, counts);
	for (int place = 0; place < PLACES; place++) {
		struct sort_key *sorted = to;

		if (counts[place][digit(&keys[0], place, reverse)] == count)
			continue;
		scatter(from, to, count, place, reverse, counts[place]);
		to = from;
		from = sorted;
	}
	if (from != keys)
		memcpy(keys, from, count * sizeof *keys);
}

/* The eight bytes of each word from `at` on become its major key; past the end of the longest its length, as a word goes
 * before those that begin with it. False: that was all of them. */
static bool set_majors(const struct sorting *sorting, struct sort_key *keys, size_t count, size_t at)
{
	size_t longest = 0;

	for (size_t i = 0; i < count; i++) {
		const unsigned char *word = sorting->bytes + keys[i].word;

		if (keys[i].kind != KEY_WORD)
			continue;
		longest = *word > longest ? *word : longest;
		keys[i].major = 0;
		for (size_t k = at; k < at + 8; k++)
			keys[i].major = keys[i].major << 8 | (k < *word ? word[1 + k] : 0u);
	}
	if (at < longest)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (keys[i].kind == KEY_WORD)
			keys[i].major = sorting->bytes[keys[i].word];
	}
	return false;
}

static int compare_words(const struct sorting *sorting, const struct sort_key *a, const struct sort_key *b)
{
	const unsigned char *left = sorting->bytes + a->word, *right = sorting->bytes + b->word;
	const int order = memcmp(left + 1, right + 1, *left < *right ? *left : *right);

	return order != 0 ? order : *left - *right;
}

/* For a few words: each goes up past those that it stands before. */
static void insert_words(const struct sorting *sorting, struct sort_key *keys, size_t count, bool reverse)
{
	for (size_t i = 1; i < count; i++) {
		const struct sort_key key = keys[i];
		size_t at = i;

		for (; at > 0; at--) {
			const int order = compare_words(sorting, &key, &keys[at - 1]);

			if (reverse ? order <= 0 : order >= 0)
				break;
			keys[at] = keys[at - 1];
		}
		keys[at] = key;
	}
}

struct order {
	struct sorting *sorting;
	struct sort_key *spare;
	bool reverse;
	const struct progress *progress;
};

static bool sort_words(const struct order *order, struct sort_key *keys, size_t count, size_t at);

/* Words that were the same so far are told apart by what comes next. */
static bool sort_equals(const struct order *order, struct sort_key *keys, size_t count, size_t at)
{
	size_t end;

	for (size_t start = 0; start < count; start = end) {
		for (end = start + 1; end < count && keys[end].major == keys[start].major && keys[end].kind == keys[start].kind;)
			end++;
		if (keys[start].kind == KEY_WORD && end - start > 1 && !sort_words(order, keys + start, end - start, at))
			return false;
	}
	return true;
}

/* Keys that are the same in all that comes before byte `at`. Ends at last where the words do, SORTING_BYTES / 8 calls deep. */
static bool sort_words(const struct order *order, struct sort_key *keys, size_t count, size_t at)
{
	bool more;

	if (count < FEW) {
		insert_words(order->sorting, keys, count, order->reverse);
		return true;
	}
	more = set_majors(order->sorting, keys, count, at);
	sort_majors(keys, order->spare, count, order->reverse);
	return progress_report(order->progress, "sorting", 0, 0) && (!more || sort_equals(order, keys, count, at + 8));
}

bool sorting_sort(struct sorting *sorting, bool reverse, const struct progress *progress)
{
	const size_t count = sorting->count;
	const struct order order = {sorting, reallocarray(NULL, count ? count : 1, sizeof *order.spare), reverse, progress};
	const size_t common = common_bytes(sorting);
	bool done = order.spare && progress_report(progress, "sorting", 0, count);

	if (done && count > 0) {
		const bool more = set_majors(sorting, sorting->keys, count, common);

		sort_majors(sorting->keys, order.spare, count, reverse);
		done = !more || sort_equals(&order, sorting->keys, count, common + 8);
	}
	free(order.spare);
	return done;
}

size_t sorting_count(const struct sorting *sorting)
{
	return sorting->count;
}

uint64_t sorting_row(const struct sorting *sorting, size_t index)
{
	return sorting->keys[index].row;
}
