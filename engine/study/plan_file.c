/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * study.json: written and read again. */
#include "engine/study/plan.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/size.h"
#include "engine/train/options/options_json.h"

#include <stdio.h>
#include <string.h>

#define FILE_BYTES_MAX (8 << 20)
#define REDUCTION_MAX 100

static const char *const kinds[] = {[STUDY_SEARCH] = "search", [STUDY_SEEDS] = "seeds", [STUDY_FOLDS] = "folds"};

/* Writing */

static json_t *trial_to_json(const struct plan_trial *trial)
{
	json_t *settings = json_object();
	bool done = settings != NULL;

	for (int i = 0; i < trial->settings.count; i++) {
		char key[64];

		option_json_key(trial->settings.list[i].row, key);
		done = done && json_object_set_new(settings, key, json_string(trial->settings.list[i].value)) == 0;
	}
	if (!done) {
		json_decref(settings);
		return NULL;
	}
	return json_pack("{s:s, s:o}", "name", trial->name, "settings", settings);
}

bool plan_write(const struct plan *plan, const char *folder, struct error *error)
{
	json_t *trials = json_array(), *document = NULL;
	char path[PATH_MAX];
	bool done = trials != NULL;

	for (int i = 0; i < plan->halving.trials; i++)
		done = done && json_array_append_new(trials, trial_to_json(&plan->trials[i])) == 0;
	if (done)
		document = json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:o*}", "study", kinds[plan->kind], "data", plan->data, "model",
		                     plan->model, "objective", plan->objective, "reduction", plan->halving.reduction, "options",
		                     options_to_json(&plan->options), "trials", trials);
	else
		json_decref(trials);
	done = document ? path_join(path, sizeof path, folder, STUDY_FILE, error) && json_write(path, document, error)
	                : error_memory(error, "writing a study");
	json_decref(document);
	return done;
}

/* Reading */

static bool read_text(const json_t *document, const char *name, char *out, size_t capacity)
{
	const json_t *value = json_object_get(document, name);

	if (!json_is_string(value) || json_string_length(value) >= capacity)
		return false;
	memcpy(out, json_string_value(value), json_string_length(value) + 1);
	return strlen(out) == json_string_length(value);
}

/* It becomes a part of a path. */
static bool is_name(const char *name)
{
	return name[0] && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static bool read_trial(const json_t *from, struct plan_trial *trial)
{
	json_t *settings = json_object_get(from, "settings"), *value;
	struct error error = {0};
	const char *key;

	if (!read_text(from, "name", trial->name, sizeof trial->name) || !is_name(trial->name) || !json_is_object(settings))
		return false;
	json_object_foreach(settings, key, value) {
		struct setting *setting = &trial->settings.list[trial->settings.count];

		if (trial->settings.count == STUDY_SETTINGS_MAX || !json_is_string(value) ||
		    json_string_length(value) >= sizeof setting->value || !(setting->row = train_option_find(key)))
			return false;
		snprintf(setting->value, sizeof setting->value, "%s", json_string_value(value));
		if (!setting_check(setting, &error))
			return false;
		trial->settings.count++;
	}
	return true;
}

static bool read_kind(const json_t *document, enum study_kind *kind)
{
	char text[16];

	if (!read_text(document, "study", text, sizeof text))
		return false;
	for (*kind = STUDY_SEARCH; *kind <= STUDY_FOLDS; ++*kind)
		if (strcmp(text, kinds[*kind]) == 0)
			return true;
	return false;
}

static bool read_trials(const json_t *trials, json_int_t reduction, struct plan *plan)
{
	const size_t count = json_array_size(trials);

	if (count < 1 || count > STUDY_TRIALS_MAX || reduction < 1 || reduction > REDUCTION_MAX)
		return false;
	plan->halving = halving_plan((int)count, (int)reduction);
	plan->trials = size_calloc(count, sizeof *plan->trials);
	for (size_t i = 0; plan->trials && i < count; i++)
		if (!read_trial(json_array_get(trials, i), &plan->trials[i]))
			return false;
	return plan->trials != NULL;
}

static bool read_document(const json_t *document, const char *path, struct plan *plan, struct error *error)
{
	const json_t *options = json_object_get(document, "options");

	RETURN_IF(!read_kind(document, &plan->kind) || !read_text(document, "data", plan->data, sizeof plan->data) ||
	                  !read_text(document, "model", plan->model, sizeof plan->model) ||
	                  !read_text(document, "objective", plan->objective, sizeof plan->objective) ||
	                  !read_trials(json_object_get(document, "trials"),
	                               json_integer_value(json_object_get(document, "reduction")), plan) ||
	                  !json_is_object(options),
	          error, ERROR_DATA, "%s: does not say what the file of a study says: begin the study in another folder", path);
	return options_from_json(options, &plan->options, path, error);
}

bool plan_read(struct plan *plan, const char *folder, struct error *error)
{
	char path[PATH_MAX];
	json_t *document;
	bool done;

	*plan = (struct plan){0};
	train_options_init(&plan->options);
	if (!path_join(path, sizeof path, folder, STUDY_FILE, error))
		return false;
	RETURN_IF(!file_exists(path), error, ERROR_USAGE, "%s: is no study: it has no %s", folder, STUDY_FILE);
	document = json_read(path, FILE_BYTES_MAX, error);
	done = document && read_document(document, path, plan, error);
	json_decref(document);
	return done;
}
