/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/near.h"

#include <string.h>

#define NEAR_BYTES 64 /* longer words are not looked at */

static char lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

static size_t least(size_t a, size_t b, size_t c)
{
	const size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Bytes to insert, drop or change, and neighbours to swap, until one is the other in any case (Damerau 1964, restricted: nothing
 * is changed twice). */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][NEAR_BYTES + 1];
	const size_t m = strlen(a), n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= m; i++) {
		size_t *row = rows[i % 3], *before = rows[(i + 2) % 3];
		const size_t *two_before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			row[j] = least(row[j - 1] + 1, before[j] + 1, before[j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]) &&
			    two_before[j - 2] + 1 < row[j])
				row[j] = two_before[j - 2] + 1;
		}
	}
	return rows[m % 3][n];
}

struct near near_to(const char *word)
{
	return (struct near){word, NULL, strlen(word) <= 3 ? 2 : strlen(word) <= 8 ? 3 : 4};
}

void near_offer(struct near *near, const char *name)
{
	size_t far;

	if (!*near->word || strlen(near->word) > NEAR_BYTES || strlen(name) > NEAR_BYTES)
		return;
	far = distance(near->word, name);
	if (far >= near->distance)
		return;
	near->name = name;
	near->distance = far;
}
