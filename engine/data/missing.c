/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/missing.h"

#define LONGEST 8 /* bytes of the longest word */

/* Case counts, as in pandas: "none" and "NONE" are classes of stance and sarcasm sets. */
static const char *const words[] = {
	"empty", "-1", "-1.0", "None", "NULL", "null", "Null", "NaN", "nan", "NAN", "-NaN", "-nan", "N/A", "n/a", "NA", "#N/A", "#NA",
	"<NA>", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "#N/A N/A",
};

#define WORDS ((int)(sizeof words / sizeof *words))

enum { MINUS_ONE = 1, MINUS_ONE_POINT_ZERO, NONE };

int missing_find(struct span field)
{
	if (field.size == 0)
		return MISSING_EMPTY;
	if (field.size > LONGEST || !memchr("-#<1nN", field.data[0], 6))
		return -1;
	for (int i = MISSING_EMPTY + 1; i < WORDS; i++)
		if (words[i][0] == field.data[0] && span_equal(field, span_of(words[i])))
			return i;
	return -1;
}

const char *missing_word(int number)
{
	return number < WORDS ? words[number] : NULL;
}

bool missing_is_minus_one(int number)
{
	return number == MINUS_ONE || number == MINUS_ONE_POINT_ZERO;
}

bool missing_is_none(int number)
{
	return number == NONE;
}
