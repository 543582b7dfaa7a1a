/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/column_notes.h"

#include "engine/base/names.h"
#include "engine/base/size.h"
#include "engine/data/missing.h"

#include <stdio.h>

#define LIST_BYTES 300

static const char *several_name(const void *columns, int i)
{
	const struct columns *all = columns;

	return all->names[all->several[i]];
}

static void describe_form(const struct columns *columns, char *out, size_t capacity)
{
	out[0] = '\0';
	switch (columns->form) {
	case LABELS_JOINED:
		if (columns->traits[columns->label].separator == columns->separator)
			break; /* as files of this format are */
		snprintf(out, capacity, ", \"%c\" stands between several%s", columns->separator,
		         columns->separator_guessed ? " (guessed; --label-separator none: a field is one)" : "");
		break;
	case LABELS_LIST:
		snprintf(out, capacity, ", lists of labels");
		break;
	case LABELS_VECTOR:
		snprintf(out, capacity, ", lists of 0 and 1 for %d labels", columns->vector_size);
		break;
	default:
		break;
	}
}

static void describe_label(const struct columns *columns, char *out, size_t capacity)
{
	const char *comma = columns->text >= 0 ? ", " : "";
	char list[LIST_BYTES], form[100];

	if (columns->form == LABELS_COLUMNS) {
		names_list(list, sizeof list, columns->several_count, several_name, columns);
		snprintf(out, capacity, "%slabels in %d columns of 0 and 1: %s", comma, columns->several_count, list);
		return;
	}
	describe_form(columns, form, sizeof form);
	snprintf(out, capacity, "%slabel \"%.*s\"%s%s", comma, NAME_ARGUMENTS(columns->names[columns->label]),
	         columns->label_guessed ? " (guessed; --label-column names another)" : "", form);
}

void columns_describe(const struct columns *columns, char *out, size_t capacity)
{
	char label[2 * LIST_BYTES] = "";

	if (columns->label >= 0)
		describe_label(columns, label, sizeof label);
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
	struct columns binaries = {.form = LABELS_COLUMNS, .names = columns->names, .label = 0};
	char list[LIST_BYTES], wish[1000];
	bool added;

	for (int c = 0; c < columns->count; c++)
		binaries.several_count += columns->traits[c].binary;
	if (binaries.several_count == 0)
		return true;
	binaries.several = size_calloc((size_t)columns->count, sizeof *binaries.several);
	if (!binaries.several)
		return false;
	for (int c = 0, i = 0; c < columns->count; c++)
		if (columns->traits[c].binary)
			binaries.several[i++] = c;
	names_list(list, sizeof list, binaries.several_count, several_name, &binaries);
	if (!columns_label_wish(&binaries, wish, sizeof wish))
		snprintf(wish, sizeof wish, "NAME,NAME,...");
	added = notices_add(notices, "has several columns of 0 and 1, as sets with several labels a review have: %s; --label-column "
	                    "\"%s\" takes them all, --label-column NAME one of them", list, wish);
	free(binaries.several);
	return added;
}

bool columns_add_notices(const struct columns *columns, bool wished, struct notices *notices)
{
	if (columns->label >= 0)
		return add_missing(columns, notices);
	return wished || add_binaries(columns, notices);
}
