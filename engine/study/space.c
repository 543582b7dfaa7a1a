/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/study/space.h"

#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/base/random.h"
#include "engine/nearest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPACE_BYTES_MAX 65536
#define REDRAWS_MAX 100
#define DIGITS 3 /* of a number that is drawn */

/* One option of the space. */
struct axis {
	const struct option_row *row;
	const json_t *values; /* a list; NULL: bounds */
	double least, most;
	bool log;
};

struct space {
	const char *path;
	json_t *document;
	struct axis axes[STUDY_SETTINGS_MAX];
	int count;
};

/* Settings */

bool setting_check(const struct setting *setting, struct error *error)
{
	struct train_options *scratch = malloc(sizeof *scratch);
	bool done;

	if (!scratch)
		return error_memory(error, "checking an option");
	train_options_init(scratch);
	done = train_option_set(scratch, setting->row, setting->value, error);
	free(scratch);
	return done;
}

bool settings_apply(const struct settings *settings, struct train_options *options, struct error *error)
{
	for (int i = 0; i < settings->count; i++)
		if (!train_option_set(options, settings->list[i].row, settings->list[i].value, error))
			return false;
	return true;
}

static bool same(const struct settings *a, const struct settings *b)
{
	for (int i = 0; i < a->count; i++)
		if (strcmp(a->list[i].value, b->list[i].value) != 0)
			return false;
	return true;
}

/* Reading */

static bool find_row(struct space *space, const char *key, struct error *error)
{
	struct nearest nearest = {.wanted = key};
	struct axis *axis = &space->axes[space->count];

	RETURN_IF(space->count == STUDY_SETTINGS_MAX, error, ERROR_USAGE, "%s: more than %d options", space->path, STUDY_SETTINGS_MAX);
	axis->row = train_option_find(key);
	if (axis->row)
		return true;
	for (int i = 0; i < train_option_count; i++)
		nearest_offer(&nearest, train_option_rows[i].name);
	return error_set(error, ERROR_USAGE, "%s: \"%.64s\" is no option of a training%s%s%s", space->path, key,
	                 nearest.name ? ": did you mean \"" : "", nearest.name ? nearest.name : "", nearest.name ? "\"?" : "");
}

static bool read_bounds(const struct space *space, struct axis *axis, const json_t *bounds, struct error *error)
{
	const json_t *least = json_object_get(bounds, "min"), *most = json_object_get(bounds, "max");

	RETURN_IF(!json_is_number(least) || !json_is_number(most) || !(json_number_value(least) < json_number_value(most)), error,
	          ERROR_USAGE, "%s: \"%s\" needs a list of values, or \"min\" and a greater \"max\"", space->path, axis->row->name);
	RETURN_IF(axis->row->kind != OPTION_INTEGER && axis->row->kind != OPTION_REAL, error, ERROR_USAGE,
	          "%s: \"%s\" is no number: give a list of values", space->path, axis->row->name);
	axis->least = json_number_value(least);
	axis->most = json_number_value(most);
	if (!json_read_flag(bounds, "log", false, &axis->log, error))
		return error_prefix(error, "%s: \"%s\"", space->path, axis->row->name);
	RETURN_IF(axis->log && !(axis->least > 0), error, ERROR_USAGE, "%s: \"%s\": with \"log\" the least value is above 0",
	          space->path, axis->row->name);
	return true;
}

static bool value_text(const struct space *space, const struct axis *axis, const json_t *value, char *out, struct error *error)
{
	char number[NUMBER_TEXT];

	if (json_is_boolean(value))
		snprintf(out, STUDY_SETTING_TEXT, "%s", json_is_true(value) ? "true" : "false");
	else if (json_is_number(value)) {
		number_format(number, json_number_value(value));
		snprintf(out, STUDY_SETTING_TEXT, "%s", number);
	} else {
		RETURN_IF(!json_is_string(value) || json_string_length(value) >= STUDY_SETTING_TEXT, error, ERROR_USAGE,
		          "%s: \"%s\" has a value that is no number, no true or false and no text of less than %d bytes", space->path,
		          axis->row->name, STUDY_SETTING_TEXT);
		snprintf(out, STUDY_SETTING_TEXT, "%s", json_string_value(value));
	}
	return true;
}

/* Every value is tried at once, also those that may never be drawn. */
static bool check_axis(const struct space *space, const struct axis *axis, struct error *error)
{
	struct setting setting = {.row = axis->row};

	for (size_t i = 0; axis->values && i < json_array_size(axis->values); i++)
		if (!value_text(space, axis, json_array_get(axis->values, i), setting.value, error) || !setting_check(&setting, error))
			return error_prefix(error, "%s", space->path);
	for (int end = 0; !axis->values && end < 2; end++) {
		number_format(setting.value, end ? axis->most : axis->least);
		if (!setting_check(&setting, error))
			return error_prefix(error, "%s", space->path);
	}
	return true;
}

static bool read_axis(struct space *space, const char *key, json_t *value, struct error *error)
{
	struct axis *axis = &space->axes[space->count];

	if (!find_row(space, key, error))
		return false;
	for (int i = 0; i < space->count; i++)
		RETURN_IF(space->axes[i].row == axis->row, error, ERROR_USAGE, "%s: \"%s\" stands there twice", space->path,
		          axis->row->name);
	if (json_is_object(value)) {
		if (!read_bounds(space, axis, value, error))
			return false;
	} else if (!json_is_array(value)) {
		json_t *list = json_array();

		if (!list || json_array_append(list, value) < 0 || json_object_set_new(space->document, key, list) < 0)
			return error_memory(error, "reading the space");
		axis->values = list;
	} else {
		axis->values = value;
		RETURN_IF(json_array_size(value) == 0, error, ERROR_USAGE, "%s: \"%s\" has an empty list", space->path, axis->row->name);
	}
	space->count++;
	return check_axis(space, axis, error);
}

static bool read_space(struct space *space, struct error *error)
{
	const char *key;
	json_t *value;
	void *next;

	space->document = json_read(space->path, SPACE_BYTES_MAX, error);
	if (!space->document)
		return false;
	RETURN_IF(!json_is_object(space->document) || json_object_size(space->document) == 0, error, ERROR_USAGE,
	          "%s: a space is an object that names options: {\"learning_rate\": [2e-5, 5e-5]}", space->path);
	json_object_foreach_safe(space->document, next, key, value)
		if (!read_axis(space, key, value, error))
			return false;
	return true;
}

/* Drawing */

/* In [0, 1): a function of all of these. */
static double draw(uint64_t seed, uint32_t trial, uint32_t attempt, uint32_t axis)
{
	uint32_t out[4];

	philox(seed, (const uint32_t[4]){trial, attempt, axis, 0}, out);
	return (double)out[0] / 4294967296.0;
}

static void between(const struct axis *axis, double at, char out[STUDY_SETTING_TEXT])
{
	double value = axis->log ? axis->least * pow(axis->most / axis->least, at) : axis->least + at * (axis->most - axis->least);
	char text[NUMBER_TEXT];

	if (axis->row->kind == OPTION_INTEGER) {
		value = floor(axis->log ? value + 0.5 : axis->least + at * (axis->most - axis->least + 1));
	} else {
		snprintf(text, sizeof text, "%.*g", DIGITS, value);
		value = strtod(text, NULL);
	}
	value = fmin(fmax(value, axis->least), axis->most);
	number_format(text, value);
	snprintf(out, STUDY_SETTING_TEXT, "%s", text);
}

static bool draw_trial(const struct space *space, uint64_t seed, uint32_t trial, uint32_t attempt, struct settings *out,
                       struct error *error)
{
	out->count = space->count;
	for (int i = 0; i < space->count; i++) {
		const struct axis *axis = &space->axes[i];
		const double at = draw(seed, trial, attempt, (uint32_t)i);

		out->list[i].row = axis->row;
		if (!axis->values)
			between(axis, at, out->list[i].value);
		else if (!value_text(space, axis, json_array_get(axis->values, (size_t)(at * (double)json_array_size(axis->values))),
		                     out->list[i].value, error))
			return false;
	}
	return true;
}

/* How many combinations there are, up to one more than `most`; that too where something is drawn between bounds. */
static int combinations(const struct space *space, int most)
{
	size_t count = 1;

	for (int i = 0; i < space->count; i++) {
		if (!space->axes[i].values)
			return most + 1;
		count *= json_array_size(space->axes[i].values);
		if (count > (size_t)most)
			return most + 1;
	}
	return (int)count;
}

/* The last option changes first. */
static bool combination(const struct space *space, int number, struct settings *out, struct error *error)
{
	size_t rest = (size_t)number;

	out->count = space->count;
	for (int i = space->count - 1; i >= 0; i--) {
		const struct axis *axis = &space->axes[i];
		const size_t values = json_array_size(axis->values);

		out->list[i].row = axis->row;
		if (!value_text(space, axis, json_array_get(axis->values, rest % values), out->list[i].value, error))
			return false;
		rest /= values;
	}
	return true;
}

static bool is_new(const struct settings *made, int count)
{
	for (int i = 0; i < count; i++)
		if (same(&made[i], &made[count]))
			return false;
	return true;
}

static int draw_trials(const struct space *space, int most, uint64_t seed, struct settings *out, struct error *error)
{
	const int all = combinations(space, most);
	int count = 0;

	for (int trial = 0; trial < (all <= most ? all : most); trial++) {
		bool fresh = false;

		if (all <= most && !combination(space, trial, &out[count], error))
			return 0;
		for (uint32_t attempt = 0; all > most && !fresh && attempt < REDRAWS_MAX; attempt++) {
			if (!draw_trial(space, seed, (uint32_t)trial, attempt, &out[count], error))
				return 0;
			fresh = is_new(out, count);
		}
		count += all <= most || fresh;
	}
	return count;
}

static bool check_trial(const struct space *space, const struct train_options *options, const struct settings *settings,
                        struct error *error)
{
	struct train_options *trial = malloc(sizeof *trial);
	bool done;

	if (!trial)
		return error_memory(error, "reading the space");
	*trial = *options;
	done = (settings_apply(settings, trial, error) && train_options_check(trial, error)) || error_prefix(error, "%s", space->path);
	free(trial);
	return done;
}

int space_draw(const char *path, const struct train_options *options, int most, uint64_t seed, struct settings *out,
               struct error *error)
{
	struct space space = {.path = path};
	int count = read_space(&space, error) ? draw_trials(&space, most, seed, out, error) : 0;

	for (int i = 0; i < count; i++)
		if (!check_trial(&space, options, &out[i], error))
			count = 0;
	json_decref(space.document);
	return count;
}
