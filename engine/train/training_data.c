/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_data.h"

#include "engine/base/names.h"
#include "engine/base/number.h"
#include "engine/base/size.h"
#include "engine/evaluate.h"
#include "engine/train/split.h"
#include "engine/train/train_data.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Checks that a resumed run has the same file as before; a new run notes what it has. */
static bool check_source(struct training *training, struct record_source *source, const char *what, const char *hash,
                         struct error *error)
{
	RETURN_IF(source->hash[0] && source->given && strcmp(source->hash, hash) != 0, error, ERROR_DATA,
	          "%s is not the %s of %s: its hash differs", source->path, what, training->run);
	RETURN_IF(source->hash[0] && strcmp(source->hash, hash) != 0, error, ERROR_DATA,
	          "%s: the %s changed since the run began (%s): put it back, or start a new run", training->run, what,
	          source->path);
	memcpy(source->hash, hash, sizeof source->hash);
	return true;
}

static bool read_source(struct training *training, struct record_source *source, const struct dataset_options *options,
                        struct train_data *out, struct error *error)
{
	struct dataset_options reading = *options;
	struct dataset *dataset;

	reading.progress = &training->progress;
	dataset = dataset_open(source->path, &reading, error);
	return dataset && train_data_fill(out, dataset, &training->progress, error);
}

static bool tell_source(struct training *training, struct record_source *source, const char *what,
                        const struct train_data *data, struct error *error)
{
	char text[512];

	if (!check_source(training, source, what, data->hash, error))
		return false;
	dataset_describe_columns(data->dataset, text, sizeof text);
	training_first_note(training, "%s: %s", what, text);
	survey_describe(&data->rows.survey, text, sizeof text);
	training_first_note(training, "%s: %s", what, text);
	return true;
}

/* What somebody has read already goes over. */
static bool open_data(struct training *training, struct train_data *out, struct error *error)
{
	const struct dataset_options options = train_options_dataset(&training->record.options);

	if (training->read) {
		*out = *training->read;
		free(training->read);
		training->read = NULL;
	} else if (!read_source(training, &training->record.data, &options, out, error)) {
		return false;
	}
	return tell_source(training, &training->record.data, "data", out, error);
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

static bool take_labels(struct train_data *source, const int32_t *label_of, struct error *error)
{
	source->labels = size_calloc(source->rows.count, sizeof *source->labels);
	if (!source->labels)
		return error_memory(error, "reading labels");
	for (size_t i = 0; i < source->rows.count; i++)
		source->labels[i] = label_of[source->rows.labels[i]];
	return true;
}

static bool check_label_count(const struct train_data *source, struct error *error)
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

static bool label_training(struct training *training, struct train_data *source, struct error *error)
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

static bool label_validation(struct training *training, struct train_data *source, struct error *error)
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

/* Which of the source's rows are read, in ascending order. */
struct choice {
	uint64_t *rows;
	int32_t *labels;
	bool *held_out;
	uint32_t count;
};

static void choice_free(struct choice *choice)
{
	free(choice->rows);
	free(choice->labels);
	free(choice->held_out);
}

static bool choice_init(struct choice *choice, uint32_t count, struct error *error)
{
	choice->rows = size_calloc(count, sizeof *choice->rows);
	choice->labels = size_calloc(count, sizeof *choice->labels);
	choice->held_out = size_calloc(count, sizeof *choice->held_out);
	return (choice->rows && choice->labels && choice->held_out) || error_memory(error, "tokenising");
}

static void choose(struct choice *choice, const struct train_data *source, uint32_t row, bool held_out)
{
	choice->rows[choice->count] = source->rows.rows[row];
	choice->labels[choice->count] = source->labels[row];
	choice->held_out[choice->count++] = held_out;
}

static bool read_examples(struct training *training, const struct train_data *source, const struct choice *choice,
                          struct examples *examples, struct error *error)
{
	return examples_read(examples, &training->held_out, &(struct examples_request){
		.dataset = source->dataset,
		.tokenizer = model_tokenizer(training->model),
		.rows = choice->rows,
		.labels = choice->labels,
		.held_out = examples == &training->held_out ? NULL : choice->held_out,
		.count = choice->count,
		.cut = model_cut(training->model, (int32_t)training->record.max_length),
		.pool = model_backend(training->model)->pool,
	}, &training->progress, error);
}

/* Both sets in the order of their rows in the file, which is so read once. */
static bool read_split(struct training *training, const struct train_data *source, const struct split *split,
                       struct error *error)
{
	uint32_t i = 0, j = 0, total = split->training_count + split->held_out_count;
	struct choice choice = {0};
	bool done = choice_init(&choice, total, error);

	while (done && choice.count < total) {
		bool held_out = i == split->training_count || (j < split->held_out_count && split->held_out[j] < split->training[i]);

		choose(&choice, source, held_out ? split->held_out[j++] : split->training[i++], held_out);
	}
	done = done && read_examples(training, source, &choice, &training->to_train, error);
	choice_free(&choice);
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

static bool split_rows(struct training *training, const struct train_data *source, struct error *error)
{
	const struct run_record *record = &training->record;
	struct split split = {0};
	bool done;

	done = split_draw(&split, source->labels, source->rows.count, model_config(training->model)->num_labels,
	                  held_out_share(record), (uint64_t)record->options.max_train_samples,
	                  (uint32_t)record->options.seed, error) &&
	       read_split(training, source, &split, error);
	split_free(&split);
	return done;
}

/* Where the validation file has columns of the same names as the data's, those are taken. */
static const char *column_name(const struct dataset *dataset, int column)
{
	return column >= 0 ? dataset_column_name(dataset, column) : NULL;
}

static bool open_validation(struct training *training, const struct train_data *data, struct train_data *out,
                            struct error *error)
{
	struct record_source *source = &training->record.validation;
	struct dataset_options options = train_options_dataset(&training->record.options);
	struct dataset *probe = dataset_open(source->path, &(struct dataset_options){.dialect = options.dialect}, error);

	if (!probe)
		return false;
	options.text_column = column_name(data->dataset, dataset_text_column(data->dataset));
	options.label_column = column_name(data->dataset, dataset_label_column(data->dataset));
	if (options.text_column && dataset_find_column(probe, options.text_column) < 0)
		options.text_column = NULL;
	if (options.label_column && dataset_find_column(probe, options.label_column) < 0)
		options.label_column = NULL;
	dataset_close(probe);
	return read_source(training, source, &options, out, error) &&
	       tell_source(training, source, "validation", out, error);
}

static bool read_all(struct training *training, const struct train_data *source, struct examples *examples,
                     struct error *error)
{
	uint32_t count = (uint32_t)source->rows.count;
	struct choice choice = {0};
	bool done = choice_init(&choice, count, error);

	while (done && choice.count < count)
		choose(&choice, source, choice.count, true);
	done = done && read_examples(training, source, &choice, examples, error);
	choice_free(&choice);
	return done;
}

static bool read_validation(struct training *training, const struct train_data *data, struct error *error)
{
	struct train_data source = {0};
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
	done = done && read_all(training, &source, &training->held_out, error);
	train_data_close(&source);
	return done;
}

/* What the data gave, as run.json has it. */
struct reading {
	uint64_t rows, rows_used, training, held_out, truncated;
	char examples_hash[65];
};

/* Another version of this program may read the same bytes another way. */
static bool check_reading(const struct training *training, const struct train_data *data, const struct reading *now,
                          struct error *error)
{
	const struct run_record *began = &training->record;
	const char *run = training->run;
	bool same = now->rows == began->rows && now->rows_used == began->rows_used && now->training == began->training &&
	            now->held_out == began->held_out && now->truncated == began->truncated;

	if (!training->checkpoint[0] || began->rows == 0)
		return true;
	RETURN_IF(!same, error, ERROR_DATA,
	          "%s: this version of revue reads its data another way than the one that it began with (%" PRIu64 " of %" PRIu64
	          " rows are used now, %" PRIu64 " of %" PRIu64 " then): go on with that version, or start a new run", run,
	          now->rows_used, now->rows, began->rows_used, began->rows);
	RETURN_IF(began->examples_hash[0] ? strcmp(began->examples_hash, now->examples_hash) != 0
	                                  : !began->base_hash[0] && dataset_is_converted(data->dataset),
	          error, ERROR_DATA, "%s: this version of revue reads other words in its data than the one that it began with: go on "
	          "with that version, or start a new run", run);
	return true;
}

/* What of long reviews is read, where that is more than their head. */
static void note_reading(struct training *training)
{
	const struct examples *to_train = &training->to_train, *held_out = &training->held_out;
	const struct cut cut = model_cut(training->model, (int32_t)training->record.max_length);
	uint64_t windowed = to_train->windowed_count + held_out->windowed_count;
	uint64_t read = to_train->tokens_read + held_out->tokens_read, whole = to_train->tokens_whole + held_out->tokens_whole;

	if (cut.truncation == TRUNCATION_HEAD)
		return;
	training_first_note(training, "of a longer review %s: %" PRIu64 " of %" PRIu64 " tokens are read",
	                    reading_words(&cut, model_reading(training->model)->pooling).text, read, whole);
	if (windowed > 0)
		training_first_note(training, "%" PRIu64 " reviews have %" PRIu64 " windows together", windowed,
		                    to_train->windows + held_out->windows);
}

static bool note_counts(struct training *training, const struct train_data *data, struct error *error)
{
	struct run_record *record = &training->record;
	struct reading now = {.rows = data->rows.survey.rows, .rows_used = data->rows.survey.used};
	const struct examples *to_train = &training->to_train, *held_out = &training->held_out;

	now.training = to_train->count;
	now.held_out = held_out->count;
	now.truncated = to_train->truncated_count + held_out->truncated_count;
	examples_hash(to_train, held_out, now.examples_hash);
	if (!check_reading(training, data, &now, error))
		return false;
	record->rows = now.rows;
	record->rows_used = now.rows_used;
	record->training = now.training;
	record->held_out = now.held_out;
	record->truncated = now.truncated;
	memcpy(record->examples_hash, now.examples_hash, sizeof record->examples_hash);
	training_first_note(training,
	          "%u reviews to train on (%llu truncated at %lld tokens), %u to measure on (%llu truncated)",
	          to_train->count, (unsigned long long)to_train->truncated_count, (long long)record->max_length,
	          held_out->count, (unsigned long long)held_out->truncated_count);
	note_reading(training);
	return true;
}

bool training_read_data(struct training *training, struct error *error)
{
	struct train_data data = {0};
	bool done;

	done = open_data(training, &data, error) && label_training(training, &data, error) &&
	       split_rows(training, &data, error) && read_validation(training, &data, error) &&
	       note_counts(training, &data, error);
	train_data_close(&data);
	return done;
}
