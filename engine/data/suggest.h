/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which encoding a text is probably in, where it is not UTF-8: each candidate is tried, and the one under which the letters
 * are those that its language uses most wins. */
#ifndef REVUE_DATA_SUGGEST_H
#define REVUE_DATA_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

struct suggestion {
	const char *name;    /* a name of iconv's; NULL: Windows-1252, or nothing can be said */
	bool doubtful;       /* as Windows-1252 many letters are unusual, whatever else it may be */
};

/* Looks at the first words of the sample that are not ASCII. False: out of memory. */
bool suggest_encoding(const char *data, size_t size, struct suggestion *suggestion);

#endif
