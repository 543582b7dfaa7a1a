/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fuzzy.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define TOGETHER 4 /* for a letter right after the one before */
#define AT_WORD 3  /* at the beginning of a word */
#define AT_FRONT 8 /* the text begins with the pattern */
#define WHOLE 16   /* it is the pattern */

static char lower(char c)
{
	return (char)tolower((unsigned char)c);
}

static bool begins_word(const char *text, size_t i)
{
	return i == 0 || strchr(" -_/,", text[i - 1]);
}

/* Letter by letter from `first` on; -1: not all of them come. */
static int score_from(const char *pattern, const char *text, size_t first)
{
	size_t last = first;
	int score = 0;

	for (size_t i = first; *pattern && text[i]; i++) {
		if (lower(text[i]) != lower(*pattern))
			continue;
		score += 1 + (i == last + 1 ? TOGETHER : 0) + (begins_word(text, i) ? AT_WORD : 0);
		last = i;
		pattern++;
	}
	return *pattern ? -1 : score;
}

int fuzzy_score(const char *pattern, const char *text)
{
	const size_t size = strlen(pattern);
	int best = size == 0 ? 0 : -1;

	for (size_t i = 0; size > 0 && text[i]; i++) {
		const int score = lower(text[i]) == lower(*pattern) ? score_from(pattern, text, i) : -1;

		best = score > best ? score : best;
	}
	if (best > 0 && strncasecmp(pattern, text, size) == 0)
		best += text[size] ? AT_FRONT : WHOLE;
	return best;
}
