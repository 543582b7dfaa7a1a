/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/marks.h"

#include <stdlib.h>
#include <string.h>

bool marks_has(const struct marks *marks, uint64_t row)
{
	return row / 64 < marks->words && marks->bits[row / 64] >> (row % 64) & 1;
}

static bool marks_grow(struct marks *marks, uint64_t row)
{
	const size_t words = (size_t)(row / 64) + (size_t)(row / 256) + 16;
	uint64_t *bits;

	if (row / 64 < marks->words)
		return true;
	bits = reallocarray(marks->bits, words, sizeof *bits);
	if (!bits)
		return false;
	memset(bits + marks->words, 0, (words - marks->words) * sizeof *bits);
	marks->bits = bits;
	marks->words = words;
	return true;
}

bool marks_set(struct marks *marks, uint64_t row, bool marked)
{
	if (marks_has(marks, row) == marked)
		return true;
	if (!marks_grow(marks, row))
		return false;
	marks->bits[row / 64] ^= UINT64_C(1) << (row % 64);
	marks->count += marked ? 1 : UINT64_MAX;
	return true;
}

void marks_clear(struct marks *marks)
{
	free(marks->bits);
	*marks = (struct marks){0};
}

bool marks_copy(struct marks *out, const struct marks *marks)
{
	if (marks->words == 0)
		return true;
	out->bits = malloc(marks->words * sizeof *out->bits);
	if (!out->bits)
		return false;
	memcpy(out->bits, marks->bits, marks->words * sizeof *out->bits);
	out->words = marks->words;
	out->count = marks->count;
	return true;
}
