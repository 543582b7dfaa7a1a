/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_data.h"

#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/base/size.h"
#include "engine/baseline.h"
#include "engine/train/rows/split_make.h"
#include "engine/train/rows/split_rows.h"
#include "engine/train/rows/train_data.h"
#include "engine/train/rows/validation.h"
#include "engine/train/training_augment.h"
#include "engine/train/training_baseline.h"
#include "engine/train/training_teach.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	out->rows.unlabelled = !training->task->labels;
	dataset = dataset_open(source->path, &reading, error);
	return dataset && train_data_fill(out, dataset, training->record.options.exclude, &training->progress, error);
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
	training_tell_exclusion(training, what, data->rows.exclusion);
	return true;
}

/* Other texts to leave out would make other rows of the same data. */
static bool note_exclusion(struct training *training, const struct exclusion *exclusion, struct error *error)
{
	json_t *hashes = exclusion ? json_array() : NULL;
	bool done = !exclusion || hashes;

	for (int i = 0; done && exclusion && i < exclusion_files(exclusion); i++) {
		const char *began = json_string_value(json_array_get(training->record.exclude, (size_t)i));

		if (began && strcmp(began, exclusion_hash(exclusion, i)) != 0) {
			json_decref(hashes);
			return error_set(error, ERROR_DATA, "%s: the texts to leave out changed since the run began (--exclude %s): put "
			                 "them back, or start a new run", training->run, exclusion_path(exclusion, i));
		}
		if (exclusion_column(exclusion, i)[0])
			training_first_note(training, "%s: %s", exclusion_path(exclusion, i), exclusion_column(exclusion, i));
		done = json_array_append_new(hashes, json_string(exclusion_hash(exclusion, i))) == 0;
	}
	json_decref(training->record.exclude);
	training->record.exclude = json_complete(hashes, done);
	return done || error_memory(error, "noting the texts to leave out");
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
	return note_exclusion(training, out->exclusion, error) && tell_source(training, &training->record.data, "data", out, error);
}

/* Token ids */

/* Whether a report will be made. */
static bool gathers(const struct training *training)
{
	return training->facts.lengths != NULL;
}

/* Which of the source's rows are read, in ascending order. */
struct choice {
	uint64_t *rows;
	int32_t *labels;
	bool *held_out;
	struct text_facts *facts; /* NULL: nobody asks */
	uint32_t count;
};

static void choice_free(struct choice *choice)
{
	free(choice->rows);
	free(choice->labels);
	free(choice->held_out);
	free(choice->facts);
}

static bool choice_init(struct choice *choice, const struct training *training, uint32_t count, struct error *error)
{
	choice->rows = size_calloc(count, sizeof *choice->rows);
	choice->labels = size_calloc(count, sizeof *choice->labels);
	choice->held_out = size_calloc(count, sizeof *choice->held_out);
	choice->facts = gathers(training) ? size_calloc(count, sizeof *choice->facts) : NULL;
	return (choice->rows && choice->labels && choice->held_out && (choice->facts || !gathers(training))) ||
	       error_memory(error, "tokenising");
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
	struct ngram_rows *held_out = &training->ngrams.held_out;
	const bool to_train = examples == &training->to_train;

	return examples_read(examples, &training->held_out, &(struct examples_request){
		.dataset = source->dataset,
		.tokenizer = model_tokenizer(training->model),
		.rows = choice->rows,
		.labels = choice->labels,
		.held_out = examples == &training->held_out ? NULL : choice->held_out,
		.facts = choice->facts,
		.ngrams = training->ngrams.wanted ? to_train ? &training->ngrams.to_train : held_out : NULL,
		.ngrams_held_out = held_out,
		.ngram_step = choice->count / TRAINING_BASELINE_ROWS + 1,
		.count = choice->count,
		.cut = to_train ? training_cut(training) : model_cut(training->model, (int32_t)training->record.max_length),
		.pool = model_backend(training->model)->pool,
	}, &training->progress, error) &&
	       (!choice->facts || report_facts_add(&training->facts, choice->facts, choice->labels,
	                                           source->rows.sets.count > 0 ? &source->rows.sets : NULL, choice->held_out,
	                                           choice->count, error));
}

enum { FATE_TRAINS = 1, FATE_HELD_OUT = 2 }; /* those of split_fates, as bits */

/* The rows with one of these fates, in their order in the file. */
static bool read_fate(struct training *training, const struct train_data *source, const uint8_t *fates, uint8_t wanted,
                      uint32_t count, struct error *error)
{
	struct choice choice = {0};
	bool done = choice_init(&choice, training, count, error);

	for (size_t row = 0; done && row < source->rows.count; row++)
		if (fates[row] & wanted)
			choose(&choice, source, (uint32_t)row, fates[row] == FATE_HELD_OUT);
	done = done && read_examples(training, source, &choice, wanted & FATE_TRAINS ? &training->to_train : &training->held_out, error);
	choice_free(&choice);
	return done;
}

/* Both sets at once, so that the file is read once, unless they are cut in two ways. */
static bool read_fates(struct training *training, const struct train_data *source, const struct split *split,
                       const uint8_t *fates, struct error *error)
{
	const uint32_t training_count = split->training_count, held_out = split->held_out_count;

	if (!training->record.options.augment_excerpts)
		return read_fate(training, source, fates, FATE_TRAINS | FATE_HELD_OUT, training_count + held_out, error);
	return read_fate(training, source, fates, FATE_TRAINS, training_count, error) &&
	       (held_out == 0 || read_fate(training, source, fates, FATE_HELD_OUT, held_out, error));
}

/* Puts the examples that train, which lie as their rows in the file, into the order of the split. */
static bool arrange(struct training *training, const struct split *split, const uint8_t *fates, size_t rows,
                    struct error *error)
{
	uint32_t *place = size_calloc(rows, sizeof *place), *order = size_calloc(split->training_count, sizeof *order), found = 0;
	bool done = (place && order) || error_memory(error, "ordering the rows"), sorted = true;

	for (size_t row = 0; done && row < rows; row++)
		if (fates[row] == 1)
			place[row] = found++;
	for (uint32_t i = 0; done && i < found; i++) {
		order[i] = place[split->training[i]];
		sorted = sorted && order[i] == i;
	}
	done = done && (sorted || examples_arrange(&training->to_train, order, error));
	free(order);
	free(place);
	return done;
}

static bool read_split(struct training *training, const struct train_data *source, const struct split *split,
                       struct error *error)
{
	uint8_t *fates = split_fates(split, source->rows.count, error);
	bool done = fates && read_fates(training, source, split, fates, error) &&
	            arrange(training, split, fates, source->rows.count, error);

	free(fates);
	return done;
}

static bool has_validation_file(const struct training *training)
{
	return training->record.validation.path[0] != '\0';
}

static bool split_source(struct training *training, const struct train_data *source, struct error *error)
{
	struct split split = {0};
	bool done = split_rows(&split, source, &training->record.options, model_config(training->model)->num_labels,
	                       has_validation_file(training), error) &&
	            read_split(training, source, &split, error);

	split_free(&split);
	return done;
}

static bool open_validation(struct training *training, const struct train_data *data, struct train_data *out,
                            struct error *error)
{
	struct record_source *source = &training->record.validation;
	struct dataset *dataset = validation_open(source->path, &training->record.options, data->dataset, &training->progress, error);

	out->rows.unlabelled = !training->task->labels;
	out->rows.exclusion = data->exclusion;
	return dataset && train_data_fill(out, dataset, "", &training->progress, error) &&
	       tell_source(training, source, "validation", out, error);
}

static bool read_sample(struct training *training, const struct train_data *source, struct error *error)
{
	const struct split_request request = split_request_of(source, &training->record.options,
	                                                      model_config(training->model)->num_labels, true);
	struct split split = {0};
	struct choice choice = {0};
	bool done = split_sample(&split, &request, error) && choice_init(&choice, training, split.held_out_count, error);

	for (uint32_t i = 0; done && i < split.held_out_count; i++)
		choose(&choice, source, split.held_out[i], true);
	done = done && read_examples(training, source, &choice, &training->held_out, error);
	choice_free(&choice);
	split_free(&split);
	return done;
}

/* The examples borrow the sets, which stay with the training. */
static void keep_sets(struct train_data *source, struct label_sets *kept, struct examples *examples)
{
	*kept = source->rows.sets;
	source->rows.sets = (struct label_sets){0};
	examples->sets = kept->count > 0 ? kept : NULL;
}

static bool split_training(struct training *training, struct train_data *data, struct error *error)
{
	if (!split_source(training, data, error))
		return false;
	keep_sets(data, &training->sets, &training->to_train);
	training->held_out.sets = training->to_train.sets;
	return true;
}

static bool read_validation(struct training *training, const struct train_data *data, struct error *error)
{
	struct train_data source = {0};
	bool done;

	if (!has_validation_file(training))
		return true;
	done = open_validation(training, data, &source, error) && training->task->take_validation(training, &source, error);
	if (done && source.rows.count == 0)
		done = survey_refuse(&source.rows.survey, training->record.validation.path,
		                     training->task->labels ? "no row has a review and a label to measure on"
		                                            : "no row has a text to measure on", error);
	if (done && source.rows.count > UINT32_MAX / 2)
		done = error_set(error, ERROR_DATA, "%s: %zu rows are too many to measure on",
		                 training->record.validation.path, source.rows.count);
	if (done && gathers(training))
		report_file_note(&training->facts.validation, &source.rows);
	done = done && read_sample(training, &source, error);
	if (done)
		keep_sets(&source, &training->held_out_sets, &training->held_out);
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
		training_first_note(training, "%" PRIu64 " review%s %" PRIu64 " windows together", windowed,
		                    windowed == 1 ? " has" : "s have", to_train->windows + held_out->windows);
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

/* What a linear model on words makes of the same rows is told with the rest. */
static void want_baseline(struct training *training)
{
	struct training_ngrams *ngrams = &training->ngrams;
	const struct ngram_shape shape = {BASELINE_WORDS, NGRAM_BITS_WIDE};

	ngrams->wanted = training->record.options.baseline && training->task->labels &&
	                 model_config(training->model)->num_labels <= TRAINING_BASELINE_LABELS;
	ngrams->to_train.shape = ngrams->held_out.shape = shape;
}

static bool begin_facts(struct training *training, const struct train_data *data, struct error *error)
{
	if (training->checkpoint[0])
		return true;
	report_file_note(&training->facts.data, &data->rows);
	want_baseline(training);
	return report_facts_begin(&training->facts, model_config(training->model)->num_labels, error);
}

bool training_read_data(struct training *training, struct error *error)
{
	struct unlabelled unlabelled = {0};
	struct train_data data = {0};
	bool done;

	done = open_data(training, &data, error) && training->task->take_rows(training, &data, error) &&
	       begin_facts(training, &data, error) && split_training(training, &data, error) &&
	       read_validation(training, &data, error) && training_read_unlabelled(training, &unlabelled, data.exclusion, error) &&
	       training_teach(training, data.dataset, &unlabelled, error) &&
	       training->task->prepare_rows(training, error) && note_counts(training, &data, error) &&
	       training_fit_baseline(training, data.dataset, error);
	unlabelled_close(&unlabelled);
	train_data_close(&data);
	return done;
}
