/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/column_notes.h"

#include "engine/base/names.h"
#include "engine/data/missing.h"

#include <stdio.h>

#define LIST_BYTES 300

void columns_describe(const struct columns *columns, char *out, size_t capacity)
{
	char label[300] = "";

	if (columns->label >= 0)
		snprintf(label, sizeof label, "%slabel \"%.*s\"%s", columns->text >= 0 ? ", " : "",
		         NAME_ARGUMENTS(columns->names[columns->label]),
		         columns->label_guessed ? " (guessed; --label-column names another)" : "");
	if (columns->text >= 0)
		snprintf(out, capacity, "text \"%.*s\"%s%s", NAME_ARGUMENTS(columns->names[columns->text]),
		         columns->text_guessed ? " (guessed; --text-column names another)" : "", label);
	else
		snprintf(out, capacity, "%s", label);
}

/* The words for missing labels that the sample has, but for the empty one, in the order of missing_word. */
struct words_seen {
	const char *of[32];
	int count;
};

static const char *seen_word(const void *seen, int i)
{
	return ((const struct words_seen *)seen)->of[i];
}

static const char *binary_name(const void *columns, int i)
{
	const struct columns *all = columns;
	int c = 0;

	for (; !all->traits[c].binary || i-- > 0; c++)
		;
	return all->names[c];
}

static bool add_missing(const struct columns *columns, struct notices *notices)
{
	const struct column_trait *trait = &columns->traits[columns->label];
	struct words_seen seen = {.count = 0};
	char list[LIST_BYTES];

	for (int i = MISSING_EMPTY + 1; missing_word(i); i++)
		if (trait->missing >> i & 1 && !(trait->none && missing_is_none(i)) && !(trait->minus_one && missing_is_minus_one(i)))
			seen.of[seen.count++] = missing_word(i);
	if (trait->none && !notices_add(notices, "\"None\" counts as a label here, for what stands beside it in \"%.*s\"",
	                                NAME_ARGUMENTS(columns->names[columns->label])))
		return false;
	if (seen.count == 0)
		return true;
	names_list(list, sizeof list, seen.count, seen_word, &seen);
	return notices_add(notices, "in \"%.*s\" %s count%s as no label", NAME_ARGUMENTS(columns->names[columns->label]), list,
	                   seen.count == 1 ? "s" : "");
}

static bool add_binaries(const struct columns *columns, struct notices *notices)
{
	char list[LIST_BYTES];
	int count = 0;

	for (int c = 0; c < columns->count; c++)
		count += columns->traits[c].binary;
	if (count == 0)
		return true;
	names_list(list, sizeof list, count, binary_name, columns);
	return notices_add(notices, "has several columns of 0 and 1, as sets with several labels a review have: %s; --label-column names "
	                            "the one that is meant", list);
}

bool columns_add_notices(const struct columns *columns, bool wished, struct notices *notices)
{
	if (columns->label >= 0)
		return add_missing(columns, notices);
	return wished || add_binaries(columns, notices);
}
