/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding a text in reviews: what the person typed is a plain text, or a POSIX extended regular expression
 * when it holds one of its signs. Upper and lower case are the same unless an upper-case letter (of A to Z) was typed.
 * Pure: knows no curses. */
#ifndef REVUE_UI_SEARCH_H
#define REVUE_UI_SEARCH_H

#include "engine/error.h"
#include "engine/span.h"

#include <regex.h>

struct search {
	char pattern[512]; /* as typed; "": nothing is searched for */
	size_t size;
	bool is_regex, any_case;
	regex_t regex;
};

/* Replaces what was searched for. False with one line: not a regular expression, too long, or one that refers
 * back (\1), which may take for ever. Start with {0}; end with search_clear. */
bool search_set(struct search *search, const char *pattern, struct error *error);
void search_clear(struct search *search);

/* Whether a pattern stands for any case: it has no upper-case letter. */
bool search_is_any_case(const char *pattern);

/* The first match in `text` at or after byte `from`; false: none. Thread-safe. */
bool search_find(const struct search *search, struct span text, size_t from, size_t *start, size_t *end);

#endif
