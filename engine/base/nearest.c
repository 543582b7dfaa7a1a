/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/nearest.h"

#include <string.h>

static char plain(char c)
{
	return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Bytes to insert, drop or change, and neighbours to swap, until one is the other (Damerau 1964, restricted: nothing is changed
 * twice); for names that are shorter than NEAREST_NAME_MAX. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t rows[3][NEAREST_NAME_MAX + 1];
	const size_t m = strlen(a), n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= m; i++) {
		size_t *row = rows[i % 3], *before = rows[(i + 2) % 3];
		const size_t *two_before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			row[j] = least(least(row[j - 1], before[j]) + 1, before[j - 1] + (plain(a[i - 1]) != plain(b[j - 1])));
			if (i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2]) && plain(a[i - 2]) == plain(b[j - 1]))
				row[j] = least(row[j], two_before[j - 2] + 1);
		}
	}
	return rows[m % 3][n];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	size_t length = strlen(nearest->wanted), distance;

	if (length < 2 || length >= NEAREST_NAME_MAX || strlen(candidate) >= NEAREST_NAME_MAX)
		return;
	distance = strncmp(candidate, nearest->wanted, length) == 0 ? 1 : edit_distance(nearest->wanted, candidate);
	if (distance > 1 + length / 4 || (nearest->name && distance >= nearest->distance))
		return;
	nearest->name = candidate;
	nearest->distance = distance;
}
