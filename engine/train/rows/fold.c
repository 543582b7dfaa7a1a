/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/fold.h"

#define DIGITS_MAX 9

static bool digits(const char **text, uint32_t *out)
{
	const char *start = *text;

	*out = 0;
	while (**text >= '0' && **text <= '9' && *text - start < DIGITS_MAX)
		*out = *out * 10 + (uint32_t)(*(*text)++ - '0');
	return *text > start;
}

bool fold_parse(const char *text, struct fold *fold)
{
	return digits(&text, &fold->number) && *text++ == '/' && digits(&text, &fold->of) && !*text;
}

bool fold_check(struct fold fold, struct error *error)
{
	RETURN_IF(fold.of < 2 || fold.of > FOLDS_MAX || fold.number < 1 || fold.number > fold.of, error, ERROR_USAGE,
	          "--validation: %u/%u is no fold: 1/5 to 5/5 are those of five, 2 to %d folds are possible", fold.number, fold.of,
	          FOLDS_MAX);
	return true;
}

uint64_t fold_count(struct fold fold, uint64_t count)
{
	return count / fold.of + (fold.number <= count % fold.of);
}
