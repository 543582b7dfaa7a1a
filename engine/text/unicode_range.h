/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sorted tables of code points: what a row is, and finding the row of a code point. */
#ifndef REVUE_TEXT_UNICODE_RANGE_H
#define REVUE_TEXT_UNICODE_RANGE_H

#include <stddef.h>
#include <stdint.h>

enum unicode_kind {
	KIND_OTHER,
	KIND_SPACE,         /* separates words */
	KIND_CONTROL,       /* removed by clean_text, U+FFFD included */
	KIND_CONTROL_SPACE, /* removed by clean_text; where that is off it separates words */
	KIND_PUNCTUATION,   /* a word of its own */
	KIND_IDEOGRAPH,     /* spaces are put around it */
	KIND_MARK,          /* category Mn: removed with accents */
};

/* A row of a sorted table, inclusive on both ends. `order` is the canonical combining class (Unicode Standard Annex
 * 44), 0 for a starter; for a KIND_MARK, which is removed, it only says whether the class is 0. */
struct unicode_range {
	uint32_t first, last;
	uint8_t kind, order;
};

/* A code point and what it decomposes to: one code point, or from UNICODE_EXPANSION on a place in a list. */
#define UNICODE_EXPANSION 0x110000u
struct unicode_pair {
	uint32_t from, to;
};

/* first, first + step, ..., last: each moves by delta. */
struct unicode_shift {
	uint32_t first, last, step;
	int32_t delta;
};

/* The row that holds the code point, NULL when none does. */
static inline const struct unicode_range *unicode_range_find(const struct unicode_range *table, size_t count, uint32_t c)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > table[middle].last)
			low = middle + 1;
		else if (c < table[middle].first)
			high = middle;
		else
			return &table[middle];
	}
	return NULL;
}

#endif
