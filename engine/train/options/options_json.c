/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/options/options_json.h"

#include "engine/base/number.h"
#include "engine/span.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void option_json_key(const struct option_row *row, char out[64])
{
	size_t i = 0;

	for (; row->name[i] && i < 63; i++)
		out[i] = row->name[i] == '-' ? '_' : row->name[i];
	out[i] = '\0';
}

/* Reading */

static bool read_option(const json_t *value, const struct option_row *row, struct train_options *options,
                        struct error *error)
{
	char number[NUMBER_TEXT];

	if (json_is_string(value))
		return train_option_set(options, row, json_string_value(value), error);
	if (json_is_boolean(value))
		return train_option_set(options, row, json_is_true(value) ? "true" : "false", error);
	RETURN_IF(!json_is_number(value), error, ERROR_DATA, "option \"%s\" is no number, no text and no truth value", row->name);
	if (json_is_integer(value))
		snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		number_format(number, json_real_value(value));
	return train_option_set(options, row, number, error);
}

bool options_from_json(const json_t *object, struct train_options *options, const char *path, struct error *error)
{
	char key[64];

	RETURN_IF(!json_is_object(object), error, ERROR_DATA, "%s: \"options\" is missing", path);
	train_options_init(options);
	for (int i = 0; i < train_option_count; i++) {
		option_json_key(&train_option_rows[i], key);
		const json_t *value = json_object_get(object, key);
		if (value && !read_option(value, &train_option_rows[i], options, error)) {
			error_prefix(error, "%s", path);
			if (error)
				error->kind = ERROR_DATA;
			return false;
		}
	}
	return true;
}

/* Writing */

static json_t *option_to_json(const struct train_options *options, const struct option_row *row)
{
	const void *field = (const char *)options + row->offset;

	if (row->kind == OPTION_BOOLEAN)
		return json_boolean(*(const bool *)field);
	if (row->kind == OPTION_INTEGER)
		return json_integer(*(const int64_t *)field);
	if (row->kind == OPTION_REAL)
		return json_real(*(const double *)field);
	return json_string(field);
}

json_t *options_to_json(const struct train_options *options)
{
	json_t *object = json_object();
	char key[64];

	for (int i = 0; object && i < train_option_count; i++) {
		option_json_key(&train_option_rows[i], key);
		if (json_object_set_new(object, key, option_to_json(options, &train_option_rows[i])) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/* Comparing */

/* Each is free to change between two steps: none of them decides what a step computes. */
static bool may_change(const struct option_row *row)
{
	static const char *const names[] = {"save-strategy", "save-steps", "save-total-limit", "save-adapter", "save-dtype",
	                                    "logging-strategy", "logging-steps", "logging-first-step", "device", "threads"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(row->name, names[i]) == 0)
			return true;
	return false;
}

static bool describe(struct option_change *change, const struct option_row *row, const struct train_options *before,
                     const struct train_options *now)
{
	char was[OPTION_TEXT_MAX], is[OPTION_TEXT_MAX];

	train_option_format(before, row, was, sizeof was);
	train_option_format(now, row, is, sizeof is);
	if (strcmp(was, is) == 0)
		return false;
	change->allowed = may_change(row);
	option_json_key(row, change->key);
	snprintf(change->before, sizeof change->before, "%.*s", (int)span_prefix(span_of(was), 99).size, was);
	snprintf(change->now, sizeof change->now, "%.*s", (int)span_prefix(span_of(is), 99).size, is);
	return true;
}

bool options_next_change(const json_t *object, const struct train_options *now, int *next, struct option_change *change)
{
	struct train_options *before = calloc(1, sizeof *before);
	bool found = false;

	while (before && !found && *next < train_option_count) {
		const struct option_row *row = &train_option_rows[(*next)++];
		const json_t *value;
		char key[64];

		option_json_key(row, key);
		value = json_object_get(object, key);
		found = value && read_option(value, row, before, NULL) && describe(change, row, before, now);
	}
	free(before);
	return found;
}
