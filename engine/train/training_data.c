/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_data.h"

#include "engine/base/names.h"
#include "engine/base/number.h"
#include "engine/base/size.h"
#include "engine/evaluate.h"
#include "engine/train/rows.h"
#include "engine/train/source.h"
#include "engine/train/split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A file of reviews with what is known of its rows. */
struct source_rows {
	struct dataset *dataset;
	struct labelled_rows rows;
	int32_t *labels; /* [rows.count] the model's */
};

static void source_rows_close(struct source_rows *source)
{
	labelled_rows_free(&source->rows);
	free(source->labels);
	dataset_close(source->dataset);
}

/* Checks that a resumed run has the same file as before; a new run notes what it has. */
static bool check_source(struct training *training, struct record_source *source, const char *what,
                         struct error *error)
{
	char hash[65];

	if (!source_hash(source->path, hash, &training->progress, error))
		return false;
	RETURN_IF(source->hash[0] && source->given && strcmp(source->hash, hash) != 0, error, ERROR_DATA,
	          "%s is not the %s of %s: its hash differs", source->path, what, training->run);
	RETURN_IF(source->hash[0] && strcmp(source->hash, hash) != 0, error, ERROR_DATA,
	          "%s: the %s changed since the run began (%s): put it back, or start a new run", training->run, what,
	          source->path);
	memcpy(source->hash, hash, sizeof hash);
	return true;
}

static bool source_rows_open(struct training *training, struct record_source *source, const char *what,
                             const struct dataset_options *options, struct source_rows *out, struct error *error)
{
	char text[512];

	out->dataset = dataset_open(source->path, options, error);
	if (!out->dataset || !check_source(training, source, what, error) ||
	    !labelled_rows_read(&out->rows, out->dataset, &training->progress, error))
		return false;
	survey_describe(&out->rows.survey, text, sizeof text);
	training_first_note(training, "%s: %s", what, text);
	return true;
}

/* Labels */

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

/* Sees to it that the model has the data's labels, with a head for them. */
static bool settle_head(struct training *training, const struct labelled_rows *rows, int32_t *label_of,
                        struct error *error)
{
	const struct model *model = training->model;
	bool head = model_has_head(model), fits = labels_fit(model, rows, label_of);

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

static bool take_labels(struct source_rows *source, const int32_t *label_of, struct error *error)
{
	source->labels = size_calloc(source->rows.count, sizeof *source->labels);
	if (!source->labels)
		return error_memory(error, "reading labels");
	for (size_t i = 0; i < source->rows.count; i++)
		source->labels[i] = label_of[source->rows.labels[i]];
	return true;
}

static bool check_label_count(const struct source_rows *source, struct error *error)
{
	const struct labelled_rows *rows = &source->rows;
	const char *path = dataset_path(source->dataset);

	if (rows->count == 0)
		return survey_refuse(&rows->survey, path, "no row has a review and a label", error);
	RETURN_IF(rows->name_count < 2, error, ERROR_DATA,
	          "%s: every row has the same label, \"%.*s\": there is nothing to tell apart", path,
	          NAME_ARGUMENTS(rows->names[0]));
	return true;
}

static bool label_training(struct training *training, struct source_rows *source, struct error *error)
{
	int32_t *label_of;
	bool done;

	if (!check_label_count(source, error))
		return false;
	label_of = size_calloc((size_t)source->rows.name_count, sizeof *label_of);
	if (!label_of)
		return error_memory(error, "reading labels");
	done = settle_head(training, &source->rows, label_of, error) && take_labels(source, label_of, error);
	free(label_of);
	return done;
}

static bool label_validation(struct training *training, struct source_rows *source, struct error *error)
{
	const struct labelled_rows *rows = &source->rows;
	int32_t *label_of = size_calloc((size_t)rows->name_count, sizeof *label_of);
	char known[600];
	bool done = label_of != NULL || error_memory(error, "reading labels");

	for (int i = 0; done && i < rows->name_count; i++) {
		label_of[i] = label_match(training->model, span_of(rows->names[i]));
		if (label_of[i] >= 0)
			continue;
		list_labels(training->model, known, sizeof known);
		done = error_set(error, ERROR_DATA, "%s: label \"%.*s\" is not one of those that are trained: %s",
		                 dataset_path(source->dataset), NAME_ARGUMENTS(rows->names[i]), known);
	}
	done = done && take_labels(source, label_of, error);
	free(label_of);
	return done;
}

/* Token ids */

/* `which` picks of the source's rows; NULL: all. */
static bool read_examples(struct training *training, const struct source_rows *source, const uint32_t *which,
                          uint32_t count, struct examples *examples, struct error *error)
{
	uint64_t *rows = size_calloc(count, sizeof *rows);
	int32_t *labels = size_calloc(count, sizeof *labels);
	bool done = (rows && labels) || error_memory(error, "tokenising");

	for (uint32_t i = 0; done && i < count; i++) {
		uint32_t from = which ? which[i] : i;
		rows[i] = source->rows.rows[from];
		labels[i] = source->labels[from];
	}
	done = done && examples_read(examples, &(struct examples_request){
		.dataset = source->dataset,
		.tokenizer = model_tokenizer(training->model),
		.rows = rows,
		.labels = labels,
		.count = count,
		.max_length = (int32_t)training->record.max_length,
		.pool = model_backend(training->model)->pool,
	}, &training->progress, error);
	free(rows);
	free(labels);
	return done;
}

/* A share of the data's rows, 0 where validation is a file. */
static double held_out_share(const struct run_record *record)
{
	double share = 0;

	if (record->validation.path[0] == '\0')
		number_parse(record->options.validation, &share);
	return share;
}

static bool split_rows(struct training *training, const struct source_rows *source, struct error *error)
{
	const struct run_record *record = &training->record;
	struct split split = {0};
	bool done;

	done = split_draw(&split, source->labels, source->rows.count, model_config(training->model)->num_labels,
	                  held_out_share(record), (uint64_t)record->options.max_train_samples,
	                  (uint32_t)record->options.seed, error) &&
	       read_examples(training, source, split.training, split.training_count, &training->to_train, error) &&
	       (split.held_out_count == 0 || read_examples(training, source, split.held_out, split.held_out_count,
	                                                   &training->held_out, error));
	split_free(&split);
	return done;
}

/* Where the validation file has columns of the same names as the data's, those are taken. */
static const char *column_name(const struct dataset *dataset, int column)
{
	return column >= 0 ? dataset_column_name(dataset, column) : NULL;
}

static bool open_validation(struct training *training, const struct source_rows *data, struct source_rows *out,
                            struct error *error)
{
	struct record_source *source = &training->record.validation;
	struct dataset_options options = {
		.text_column = column_name(data->dataset, dataset_text_column(data->dataset)),
		.label_column = column_name(data->dataset, dataset_label_column(data->dataset)),
	};
	struct dataset *probe = dataset_open(source->path, &(struct dataset_options){0}, error);

	if (!probe)
		return false;
	if (options.text_column && dataset_find_column(probe, options.text_column) < 0)
		options.text_column = NULL;
	if (options.label_column && dataset_find_column(probe, options.label_column) < 0)
		options.label_column = NULL;
	dataset_close(probe);
	return source_rows_open(training, source, "validation", &options, out, error);
}

static bool read_validation(struct training *training, const struct source_rows *data, struct error *error)
{
	struct source_rows source = {0};
	bool done;

	if (training->record.validation.path[0] == '\0')
		return true;
	done = open_validation(training, data, &source, error) && label_validation(training, &source, error);
	if (done && source.rows.count == 0)
		done = survey_refuse(&source.rows.survey, training->record.validation.path,
		                     "no row has a review and a label to measure on", error);
	if (done && source.rows.count > UINT32_MAX / 2)
		done = error_set(error, ERROR_DATA, "%s: %zu rows are too many to measure on",
		                 training->record.validation.path, source.rows.count);
	done = done && read_examples(training, &source, NULL, (uint32_t)source.rows.count, &training->held_out, error);
	source_rows_close(&source);
	return done;
}

static void note_counts(struct training *training, const struct source_rows *data)
{
	struct run_record *record = &training->record;
	const struct examples *to_train = &training->to_train, *held_out = &training->held_out;

	record->rows = data->rows.survey.rows;
	record->rows_used = data->rows.survey.used;
	record->training = to_train->count;
	record->held_out = held_out->count;
	record->truncated = to_train->truncated_count + held_out->truncated_count;
	training_first_note(training,
	          "%u reviews to train on (%llu truncated at %lld tokens), %u to measure on (%llu truncated)",
	          to_train->count, (unsigned long long)to_train->truncated_count, (long long)record->max_length,
	          held_out->count, (unsigned long long)held_out->truncated_count);
}

bool training_read_data(struct training *training, struct error *error)
{
	const struct train_options *options = &training->record.options;
	struct dataset_options columns = {
		.text_column = options->text_column[0] ? options->text_column : NULL,
		.label_column = options->label_column[0] ? options->label_column : NULL,
	};
	struct source_rows data = {0};
	bool done;

	done = source_rows_open(training, &training->record.data, "data", &columns, &data, error) &&
	       label_training(training, &data, error) && split_rows(training, &data, error) &&
	       read_validation(training, &data, error);
	if (done)
		note_counts(training, &data);
	source_rows_close(&data);
	return done;
}
