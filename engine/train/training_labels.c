/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_labels.h"

#include "engine/base/names.h"
#include "engine/base/number.h"
#include "engine/base/size.h"
#include "engine/evaluate.h"
#include "engine/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* label_of[i] becomes the model's label for names[i]. False: one is not there, or two would be the same. */
static bool labels_fit(const struct model *model, const struct labelled_rows *rows, int32_t *label_of)
{
	for (int i = 0; i < rows->name_count; i++) {
		label_of[i] = label_match(model, span_of(rows->names[i]));
		if (label_of[i] < 0)
			return false;
		for (int j = 0; j < i; j++)
			if (label_of[j] == label_of[i])
				return false;
	}
	return true;
}

/* A model may know its labels without having a head; then the labels are kept and the head is made. */
static bool has_named_labels(const struct model *model)
{
	char name[32];

	for (int32_t i = 0; i < model_config(model)->num_labels; i++) {
		snprintf(name, sizeof name, "LABEL_%d", (int)i);
		if (strcmp(name, model_label(model, i)) != 0)
			return true;
	}
	return false;
}

static const char *label_name(const void *model, int i)
{
	return model_label(model, i);
}

static void list_labels(const struct model *model, char *out, size_t capacity)
{
	names_list(out, capacity, model_config(model)->num_labels, label_name, model);
}

static bool make_head(struct training *training, const char *const *names, int32_t count, const char *why,
                      struct error *error)
{
	char labels[600];

	if (!model_set_labels(training->model, names, count, (uint64_t)training->record.options.seed, error))
		return false;
	list_labels(training->model, labels, sizeof labels);
	training->record.fresh_head = true;
	training_first_note(training, "new classifier head for %d labels (%s): %s", (int)count, labels, why);
	return true;
}

static bool make_own_head(struct training *training, struct error *error)
{
	int32_t count = model_config(training->model)->num_labels;
	char **names = size_calloc((size_t)count, sizeof *names);
	bool done = names != NULL;

	for (int32_t i = 0; done && i < count; i++)
		done = (names[i] = strdup(model_label(training->model, i))) != NULL;
	done = done ? make_head(training, (const char *const *)names, count, "the model's own has no weights", error)
	            : error_memory(error, "making a head");
	for (int32_t i = 0; names && i < count; i++)
		free(names[i]);
	free(names);
	return done;
}

static bool mean_the_same(const char *a, const char *b)
{
	double x, y;

	return strcasecmp(a, b) == 0 || (number_parse(a, &x) && number_parse(b, &y) && x == y);
}

/* "Positive" and "positive" in one file are most likely a slip; which of them is right only the user knows. */
static void tell_twins(struct training *training, const struct labelled_rows *rows)
{
	for (int i = 1; i < rows->name_count; i++)
		for (int j = 0; j < i; j++)
			if (mean_the_same(rows->names[j], rows->names[i])) {
				training_first_note(training, "the labels \"%.*s\" and \"%.*s\" are trained as two",
				          NAME_ARGUMENTS(rows->names[j]), NAME_ARGUMENTS(rows->names[i]));
				return;
			}
}

/* Where the file spells labels in another way than the model, a slip would turn them around: which is which is said. */
static void tell_map(struct training *training, const struct labelled_rows *rows, const int32_t *label_of)
{
	char text[600] = "";
	size_t used = 0;
	bool same = true;

	for (int i = 0; i < rows->name_count; i++) {
		const char *name = model_label(training->model, label_of[i]);

		same = same && strcmp(name, rows->names[i]) == 0;
		if (i < 4)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s\"%.*s\" is %.*s", i ? ", " : "",
			                         NAME_ARGUMENTS(rows->names[i]), NAME_ARGUMENTS(name));
	}
	if (!same)
		training_first_note(training, "the data's label %s%s", text, rows->name_count > 4 ? ", ..." : "");
}

/* Sees to it that the model has the data's labels, with a head for them. */
static bool settle_head(struct training *training, const struct labelled_rows *rows, int32_t *label_of,
                        struct error *error)
{
	const struct model *model = training->model;
	bool head = model_has_head(model), fits = labels_fit(model, rows, label_of);

	if (fits)
		tell_map(training, rows, label_of);
	if (fits && head)
		return true;
	if (fits && has_named_labels(model))
		return make_own_head(training, error);
	for (int i = 0; i < rows->name_count; i++)
		label_of[i] = i;
	tell_twins(training, rows);
	return make_head(training, (const char *const *)rows->names, rows->name_count,
	                 head ? "the data's labels are not the model's" : "the model has none", error);
}

/* Labels, or sets of them, become the model's. */
bool labels_take(struct train_data *source, const int32_t *label_of, struct error *error)
{
	bool sets = source->rows.sets.count > 0;

	source->labels = size_calloc(source->rows.count, sizeof *source->labels);
	if (!source->labels)
		return error_memory(error, "reading labels");
	for (size_t i = 0; i < source->rows.count; i++)
		source->labels[i] = sets ? source->rows.labels[i] : label_of[source->rows.labels[i]];
	if (sets)
		label_sets_rename(&source->rows.sets, label_of);
	return true;
}

/* One label or several */

static bool refuse_sets(const struct train_data *source, struct error *error)
{
	const struct survey *survey = &source->rows.survey;

	return error_set(error, ERROR_DATA, "%s: %s rows have several labels and %s have none, but one label a review is trained: "
	                 "--problem-type multi_label_classification trains all of them, --label-separator none takes a field as one label",
	                 dataset_path(source->dataset), words_count(survey->set_rows[2]).text, words_count(survey->set_rows[0]).text);
}

/* The rows get labels where these exclude each other, and sets where they do not. */
bool labels_suit(struct train_data *source, bool independent, struct error *error)
{
	if (independent)
		return labelled_rows_make_sets(&source->rows) || error_memory(error, "reading labels");
	return labelled_rows_make_labels(&source->rows) || refuse_sets(source, error);
}

/* Whether the rows' labels are independent of each other, as the user says or as they show. */
static bool settle_problem(const char *type, struct train_data *source, bool *independent, struct error *error)
{
	const struct survey *survey = &source->rows.survey;

	*independent = strcmp(type, "multi_label_classification") == 0 ||
	               (strcmp(type, "auto") == 0 && survey->label_sets && survey->set_rows[0] + survey->set_rows[2] > 0);
	return labels_suit(source, *independent, error);
}

static void tell_problem(struct training *training, const struct labelled_rows *rows, bool independent)
{
	const struct survey *survey = &rows->survey;

	if (independent)
		training_first_note(training, "labels are independent of each other (multi_label_classification): %s reviews with several, "
		                    "%s with none", words_count(survey->set_rows[2]).text, words_count(survey->set_rows[0]).text);
	else if (survey->label_sets)
		training_first_note(training, "every review has exactly one label: they exclude each other (single_label_classification)");
}

static bool check_label_count(const struct train_data *source, bool independent, struct error *error)
{
	const struct labelled_rows *rows = &source->rows;
	const char *path = dataset_path(source->dataset);

	if (rows->count == 0)
		return survey_refuse(&rows->survey, path, "no row has a review and a label", error);
	RETURN_IF(independent && rows->name_count == 0, error, ERROR_DATA, "%s: no row has any label", path);
	RETURN_IF(independent && rows->sets.count < 2, error, ERROR_DATA,
	          "%s: every row has the same labels: there is nothing to tell apart", path);
	RETURN_IF(!independent && rows->name_count < 2, error, ERROR_DATA,
	          "%s: every row has the same label, \"%.*s\": there is nothing to tell apart", path,
	          NAME_ARGUMENTS(rows->names[0]));
	return true;
}

bool labels_settle(const char *problem_type, struct train_data *source, bool *independent, struct error *error)
{
	return settle_problem(problem_type, source, independent, error) && check_label_count(source, *independent, error);
}

bool training_label_data(struct training *training, struct train_data *source, struct error *error)
{
	bool independent = false, done;
	int32_t *label_of;

	if (!labels_settle(training->record.options.problem_type, source, &independent, error))
		return false;
	tell_problem(training, &source->rows, independent);
	label_of = size_calloc((size_t)source->rows.name_count, sizeof *label_of);
	if (!label_of)
		return error_memory(error, "reading labels");
	done = settle_head(training, &source->rows, label_of, error) && labels_take(source, label_of, error);
	free(label_of);
	model_set_independent_labels(training->model, independent);
	return done;
}

bool training_label_validation(struct training *training, struct train_data *source, struct error *error)
{
	const struct labelled_rows *rows = &source->rows;
	int32_t *label_of;
	char known[600];
	bool done;

	if (!labels_suit(source, model_config(training->model)->independent_labels, error))
		return false;
	label_of = size_calloc((size_t)rows->name_count, sizeof *label_of);
	done = label_of != NULL || error_memory(error, "reading labels");

	for (int i = 0; done && i < rows->name_count; i++) {
		label_of[i] = label_match(training->model, span_of(rows->names[i]));
		if (label_of[i] >= 0)
			continue;
		list_labels(training->model, known, sizeof known);
		done = error_set(error, ERROR_DATA, "%s: label \"%.*s\" is not one of those that are trained: %s",
		                 dataset_path(source->dataset), NAME_ARGUMENTS(rows->names[i]), known);
	}
	done = done && labels_take(source, label_of, error);
	free(label_of);
	return done;
}
