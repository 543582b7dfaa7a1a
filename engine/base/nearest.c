/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/nearest.h"

#include <string.h>

static char dash(char c)
{
	return c == '_' ? '-' : c;
}

/* Levenshtein's distance, for names that are shorter than NEAREST_NAME_MAX. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[NEAREST_NAME_MAX + 1], length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < length; j++) {
			size_t change = diagonal + (dash(a[i]) != dash(b[j]));
			size_t other = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
			diagonal = row[j + 1];
			row[j + 1] = change < other ? change : other;
		}
	}
	return row[length];
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
