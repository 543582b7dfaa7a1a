/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/columns.h"

#include "engine/base/names.h"
#include "engine/base/number.h"
#include "engine/base/size.h"
#include "engine/data/missing.h"

#include <stdio.h>
#include <strings.h>

/* The arrays are full at every power of two. */
static bool reserve_name(struct columns *columns)
{
	size_t count = (size_t)columns->count;
	struct column_trait *traits;
	char **names;

	if (columns->names && columns->traits && (count & (count - 1)) != 0)
		return true;
	names = size_realloc(columns->names, count ? 2 * count : 1, sizeof *names);
	if (names)
		columns->names = names;
	traits = size_realloc(columns->traits, count ? 2 * count : 1, sizeof *traits);
	if (traits)
		columns->traits = traits;
	return names && traits;
}

bool columns_add(struct columns *columns, struct span name)
{
	bool numbered = name.size == 0;
	char number[32];

	if (!reserve_name(columns))
		return false;
	if (numbered) {
		snprintf(number, sizeof number, "column %d", columns->count + 1);
		name = span_of(number);
	}
	columns->names[columns->count] = strndup(name.data, name.size);
	if (!columns->names[columns->count])
		return false;
	columns->traits[columns->count++] = (struct column_trait){.numbered = numbered};
	return true;
}

void columns_free(struct columns *columns)
{
	for (int i = 0; i < columns->count; i++)
		free(columns->names[i]);
	free(columns->names);
	free(columns->traits);
	*columns = (struct columns){.text = -1, .label = -1};
}

int columns_find(const struct columns *columns, const char *name)
{
	for (int i = 0; i < columns->count; i++)
		if (strcmp(columns->names[i], name) == 0)
			return i;
	for (int i = 0; i < columns->count; i++)
		if (strcasecmp(columns->names[i], name) == 0)
			return i;
	return -1;
}

static const char *name_of(const void *columns, int i)
{
	return ((const struct columns *)columns)->names[i];
}

/* By its number from 1 where no column is called so: a table without a header has no names. */
static int find_numbered(const struct columns *columns, const char *text)
{
	int64_t number;

	return number_parse_integer(text, &number) && number >= 1 && number <= columns->count ? (int)number - 1 : -1;
}

static bool wish_one(const struct columns *columns, const char *name, int *column, const char *path,
                     struct error *error)
{
	char list[400];

	if (!name)
		return true;
	*column = *name ? columns_find(columns, name) : -1;
	if (*column < 0 && *name)
		*column = find_numbered(columns, name);
	if (*column >= 0 || !*name)
		return true;
	names_list(list, sizeof list, columns->count, name_of, columns);
	return error_set(error, ERROR_DATA, "%s: has no column \"%.*s\"; it has: %s", path, NAME_ARGUMENTS(name), list);
}

bool columns_wish(struct columns *columns, const char *text, const char *label, const char *path,
                  struct error *error)
{
	if (!wish_one(columns, text, &columns->text, path, error) ||
	    !wish_one(columns, label, &columns->label, path, error))
		return false;
	if (columns->label == columns->text && !label)
		columns->label = -1; /* what is named as the review was a wrong guess at the label */
	columns->text_guessed = columns->text_guessed && !text;
	columns->label_guessed = columns->label_guessed && !label;
	return true;
}

bool columns_check(const struct columns *columns, bool labels, const char *path, struct error *error)
{
	RETURN_IF(columns->text < 0, error, ERROR_DATA,
	          "%s: no column looks like the reviews: --text-column names it", path);
	RETURN_IF(labels && columns->label < 0, error, ERROR_DATA,
	          "%s: no column looks like the labels: --label-column names it", path);
	RETURN_IF(labels && columns->label == columns->text, error, ERROR_USAGE,
	          "%s: \"%.*s\" cannot be both the review and the label: --text-column names the other", path,
	          NAME_ARGUMENTS(columns->names[columns->text]));
	return true;
}

int columns_missing(const struct columns *columns, struct span label)
{
	const struct column_trait *trait = &columns->traits[columns->label];
	int missing = missing_find(label);

	if (missing < 0 || (trait->marked && label.size > 0) ||
	    (trait->minus_one && missing_is_minus_one(missing)) || (trait->none && missing_is_none(missing)))
		return -1;
	return missing;
}
