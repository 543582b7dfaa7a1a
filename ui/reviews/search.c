/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/search.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>

static unsigned char fold(const struct search *search, char byte)
{
	const unsigned char plain = (unsigned char)byte;

	return search->any_case && plain >= 'A' && plain <= 'Z' ? (unsigned char)(plain | 0x20) : plain;
}

/* Letters beyond ASCII have their lower case looked up by regexec. */
static bool is_plain(const char *pattern)
{
	for (; *pattern; pattern++) {
		if ((unsigned char)*pattern >= 0x80 || strchr(".[]{}()*+?^$|\\", *pattern))
			return false;
	}
	return true;
}

bool search_is_any_case(const char *pattern)
{
	for (; *pattern; pattern++) {
		if (pattern[0] == '\\' && pattern[1])
			pattern++; /* \W is no letter */
		else if (*pattern >= 'A' && *pattern <= 'Z')
			return false;
	}
	return true;
}

static bool refers_back(const char *pattern)
{
	for (; *pattern; pattern++) {
		if (pattern[0] == '\\' && isdigit((unsigned char)pattern[1]))
			return true;
		if (pattern[0] == '\\' && pattern[1])
			pattern++;
	}
	return false;
}

void search_clear(struct search *search)
{
	if (search->is_regex)
		regfree(&search->regex);
	search->is_regex = false;
	search->pattern[0] = '\0';
	search->size = 0;
}

bool search_set(struct search *search, const char *pattern, struct error *error)
{
	const size_t size = strlen(pattern);
	char reason[128];
	regex_t regex;
	int failed;

	RETURN_IF(size >= sizeof search->pattern, error, ERROR_USAGE, "the text to search for is too long");
	RETURN_IF(refers_back(pattern), error, ERROR_USAGE, "\\1 to \\9 are not supported in a search");
	if (!is_plain(pattern)) {
		failed = regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE | (search_is_any_case(pattern) ? REG_ICASE : 0));
		if (failed) {
			regerror(failed, &regex, reason, sizeof reason);
			return error_set(error, ERROR_USAGE, "not a regular expression: %s", reason);
		}
	}
	search_clear(search);
	search->is_regex = !is_plain(pattern);
	search->any_case = search_is_any_case(pattern);
	if (search->is_regex)
		search->regex = regex;
	memcpy(search->pattern, pattern, size + 1);
	search->size = size;
	return true;
}

/* The text need not end with a zero byte: REG_STARTEND. AddressSanitizer's own regexec reads it as a string all the same, so it
 * gets a copy that is one. */
#ifdef __SANITIZE_ADDRESS__
static int match_regex(const regex_t *regex, struct span text, regmatch_t *match)
{
	char *copy = malloc(text.size + 1);
	int result = REG_ESPACE;

	if (copy) {
		memcpy(copy, text.data, text.size);
		copy[text.size] = '\0';
		result = regexec(regex, copy, 1, match, REG_STARTEND);
	}
	free(copy);
	return result;
}
#else
static int match_regex(const regex_t *regex, struct span text, regmatch_t *match)
{
	return regexec(regex, (const char *)text.data, 1, match, REG_STARTEND);
}
#endif

static bool find_regex(const struct search *search, struct span text, size_t from, size_t *start, size_t *end)
{
	regmatch_t match = {.rm_so = (regoff_t)from, .rm_eo = (regoff_t)text.size};

	if (text.size > INT32_MAX || match_regex(&search->regex, text, &match) != 0)
		return false;
	*start = (size_t)match.rm_so;
	*end = (size_t)match.rm_eo;
	return true;
}

static bool find_plain(const struct search *search, struct span text, size_t from, size_t *start, size_t *end)
{
	const unsigned char first = fold(search, search->pattern[0]);

	for (size_t i = from; i + search->size <= text.size; i++) {
		size_t j = 1;

		if (fold(search, text.data[i]) != first)
			continue;
		while (j < search->size && fold(search, text.data[i + j]) == fold(search, search->pattern[j]))
			j++;
		if (j == search->size) {
			*start = i;
			*end = i + j;
			return true;
		}
	}
	return false;
}

bool search_find(const struct search *search, struct span text, size_t from, size_t *start, size_t *end)
{
	if (search->size == 0 || from > text.size || text.size == 0)
		return false;
	return search->is_regex ? find_regex(search, text, from, start, end) : find_plain(search, text, from, start, end);
}
