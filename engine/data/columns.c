/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/columns.h"

#include "engine/base/buffer.h"
#include "engine/base/names.h"
#include "engine/base/number.h"
#include "engine/base/size.h"
#include "engine/data/field.h"
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
	free(columns->several);
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

static int find_wished(const struct columns *columns, const char *name)
{
	int column = columns_find(columns, name);

	return column >= 0 ? column : find_numbered(columns, name);
}

static bool refuse_wish(const struct columns *columns, const char *name, const char *path, struct error *error)
{
	char list[400];

	names_list(list, sizeof list, columns->count, name_of, columns);
	return error_set(error, ERROR_DATA, "%s: has no column \"%.*s\"; it has: %s", path, NAME_ARGUMENTS(name), list);
}

static bool wish_one(const struct columns *columns, const char *name, int *column, const char *path,
                     struct error *error)
{
	if (!name)
		return true;
	*column = *name ? find_wished(columns, name) : -1;
	return *column >= 0 || !*name || refuse_wish(columns, name, path, error);
}

/* Takes one name of "a,b,c", which becomes a string, into columns->several. */
static bool add_wished(struct columns *columns, char *name, const char *path, struct error *error)
{
	struct span trimmed = span_trim(span_of(name));
	char *text = name + (trimmed.data - name);
	int column;

	text[trimmed.size] = '\0';
	if (trimmed.size == 0)
		return true;
	column = find_wished(columns, text);
	if (column < 0)
		return refuse_wish(columns, text, path, error);
	for (int i = 0; i < columns->several_count; i++)
		RETURN_IF(columns->several[i] == column, error, ERROR_USAGE, "--label-column names \"%.*s\" twice", NAME_ARGUMENTS(text));
	columns->several[columns->several_count++] = column;
	return true;
}

static bool add_all_wished(struct columns *columns, char *names, const char *path, struct error *error)
{
	for (char *name = names, *next; name; name = next) {
		next = strchr(name, ',');
		if (next)
			*next++ = '\0';
		RETURN_IF(columns->several_count == columns->count, error, ERROR_USAGE,
		          "--label-column names more columns than \"%s\" has", path);
		if (!add_wished(columns, name, path, error))
			return false;
	}
	return true;
}

static bool wish_several(struct columns *columns, const char *label, const char *path, struct error *error)
{
	char *names = strdup(label);
	bool done;

	columns_set_label(columns, -1);
	columns->several = size_calloc((size_t)columns->count, sizeof *columns->several);
	done = (names && columns->several) || error_memory(error, "opening a file");
	done = done && add_all_wished(columns, names, path, error);
	free(names);
	if (!done)
		return false;
	if (columns->several_count < 2) {
		columns_set_label(columns, columns->several_count == 1 ? columns->several[0] : -1);
		return true;
	}
	columns->label = columns->several[0];
	columns->form = LABELS_COLUMNS;
	return true;
}

static bool wish_label(struct columns *columns, const char *label, const char *path, struct error *error)
{
	if (label && strchr(label, ',') && find_wished(columns, label) < 0)
		return wish_several(columns, label, path, error);
	return wish_one(columns, label, &columns->label, path, error);
}

void columns_set_label(struct columns *columns, int column)
{
	free(columns->several);
	columns->several = NULL;
	columns->several_count = 0;
	columns->form = LABELS_ONE;
	columns->label = column;
}

/* By numbers where a name could be taken for two. */
bool columns_label_wish(const struct columns *columns, char *out, size_t capacity)
{
	struct buffer text = buffer_of(out, capacity);
	bool commas = false, done = true;

	out[0] = '\0';
	if (columns->label < 0)
		return true;
	if (columns->several_count == 0)
		return buffer_add_text(&text, columns->names[columns->label]) && buffer_add(&text, "", 1);
	for (int i = 0; i < columns->several_count; i++)
		commas = commas || strchr(columns->names[columns->several[i]], ',');
	for (int i = 0; done && i < columns->several_count; i++) {
		int column = columns->several[i];

		done = (i == 0 || buffer_add_text(&text, ",")) && (commas ? buffer_format(&text, "%d", column + 1)
		                                                          : buffer_add_text(&text, columns->names[column]));
	}
	return done && buffer_add(&text, "", 1);
}

int columns_fixed_labels(const struct columns *columns)
{
	return columns->form == LABELS_COLUMNS  ? columns->several_count
	       : columns->form == LABELS_VECTOR ? columns->vector_size
	                                        : 0;
}

struct span columns_fixed_label(const struct columns *columns, int label, char digits[16])
{
	if (columns->form == LABELS_COLUMNS)
		return span_trim(span_of(columns->names[columns->several[label]]));
	snprintf(digits, 16, "%d", label);
	return span_of(digits);
}

bool columns_wish(struct columns *columns, const char *text, const char *label, const char *path,
                  struct error *error)
{
	if (!wish_one(columns, text, &columns->text, path, error) ||
	    !wish_label(columns, label, path, error))
		return false;
	if (columns->label == columns->text && !label)
		columns->label = -1; /* what is named as the review was a wrong guess at the label */
	columns->text_guessed = columns->text_guessed && !text;
	columns->label_guessed = columns->label_guessed && !label;
	return true;
}

#define ONE_IS_BOTH "%s: \"%.*s\" cannot be both the review and the label: --text-column names the other"

bool columns_check(const struct columns *columns, bool labels, const char *path, struct error *error)
{
	RETURN_IF(columns->text < 0, error, ERROR_DATA,
	          "%s: no column looks like the reviews: --text-column names it", path);
	RETURN_IF(labels && columns->label < 0, error, ERROR_DATA,
	          "%s: no column looks like the labels: --label-column names it", path);
	for (int i = 0; labels && i < columns->several_count; i++)
		RETURN_IF(columns->several[i] == columns->text, error, ERROR_USAGE, ONE_IS_BOTH, path,
		          NAME_ARGUMENTS(columns->names[columns->text]));
	RETURN_IF(labels && columns->label == columns->text, error, ERROR_USAGE, ONE_IS_BOTH, path,
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
