/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train_form.h"

#include <stdio.h>
#include <unistd.h>

static const struct {
	const char *name, *help;
} path_fields[FIELD_OPTIONS] = {
	{"data", "the file to learn from; the one that the Data screen shows"},
	{"model", "the folder of the model to start from"},
	{"run", "the directory that keeps everything about this training"},
};

void train_form_init(struct train_form *form, const char *model)
{
	*form = (struct train_form){0};
	train_options_init(&form->options);
	snprintf(form->paths[FIELD_MODEL], PATH_MAX, "%s", model);
}

/* run-1, run-2, ...: the first that is not there. */
static void train_form_name_run(struct train_form *form)
{
	char *run = form->paths[FIELD_RUN];

	if (*run && access(run, F_OK) != 0)
		return;
	for (int i = 1; i < 100000; i++) {
		snprintf(run, PATH_MAX, "run-%d", i);
		if (access(run, F_OK) != 0)
			return;
	}
}

static void column_name(const struct dataset *dataset, int column, char out[OPTION_TEXT_MAX])
{
	snprintf(out, OPTION_TEXT_MAX, "%s", column >= 0 ? dataset_column_name(dataset, column) : "");
}

void train_form_follow(struct train_form *form, const struct session *session)
{
	const struct dataset *dataset = session->dataset;
	struct trainer_request request;
	uint64_t rows = 0;
	bool complete;

	if (!form->own_data && dataset) {
		snprintf(form->paths[FIELD_DATA], PATH_MAX, "%s", dataset_path(dataset));
		column_name(dataset, dataset_text_column(dataset), form->options.text_column);
		column_name(dataset, dataset_label_column(dataset), form->options.label_column);
		rows = session->survey_ready ? session->survey.used : dataset_rows(dataset, &complete);
	}
	train_form_name_run(form);
	form->estimate = (struct train_estimate){0};
	form->estimate_error = (struct error){0};
	if (train_form_request(form, &request, &form->estimate_error))
		train_estimate(&request, rows, &form->estimate, &form->estimate_error);
}

int train_form_count(void)
{
	return FIELD_OPTIONS + train_option_count;
}

const struct option_row *train_form_option(int field)
{
	return field < FIELD_OPTIONS ? NULL : &train_option_rows[field - FIELD_OPTIONS];
}

const char *train_form_name(int field)
{
	return field < FIELD_OPTIONS ? path_fields[field].name : train_form_option(field)->name;
}

const char *train_form_help(int field)
{
	return field < FIELD_OPTIONS ? path_fields[field].help : train_form_option(field)->help;
}

void train_form_value(const struct train_form *form, int field, char *out, size_t capacity)
{
	if (field < FIELD_OPTIONS)
		snprintf(out, capacity, "%s", form->paths[field]);
	else
		train_option_format(&form->options, train_form_option(field), out, capacity);
}

bool train_form_is_default(const struct train_form *form, int field)
{
	char value[OPTION_TEXT_MAX], standard[OPTION_TEXT_MAX];
	struct train_options options;

	if (field < FIELD_OPTIONS)
		return false;
	train_options_init(&options);
	train_option_format(&options, train_form_option(field), standard, sizeof standard);
	train_form_value(form, field, value, sizeof value);
	return strcmp(value, standard) == 0;
}

bool train_form_set(struct train_form *form, int field, const char *text, struct error *error)
{
	if (field >= FIELD_OPTIONS)
		return train_option_set(&form->options, train_form_option(field), text, error);
	RETURN_IF(strlen(text) >= PATH_MAX, error, ERROR_USAGE, "the path is too long");
	memcpy(form->paths[field], text, strlen(text) + 1);
	if (field == FIELD_DATA) {
		form->own_data = true;
		form->options.text_column[0] = form->options.label_column[0] = '\0';
	}
	return true;
}

bool train_form_request(const struct train_form *form, struct trainer_request *request, struct error *error)
{
	for (int field = 0; field < FIELD_OPTIONS; field++)
		RETURN_IF(!form->paths[field][0], error, ERROR_USAGE, "no %s is named", path_fields[field].name);
	*request = (struct trainer_request){form->paths[FIELD_DATA], form->paths[FIELD_MODEL], form->paths[FIELD_RUN],
	                                    &form->options};
	return true;
}
