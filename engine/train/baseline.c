/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/baseline.h"

#include "engine/base/pool.h"
#include "engine/base/size.h"
#include "engine/clock.h"
#include "engine/system.h"
#include "engine/train/baseline/baseline_card.h"
#include "engine/train/baseline/baseline_fit.h"
#include "engine/train/baseline/baseline_words.h"
#include "engine/train/rows/split_make.h"
#include "engine/train/rows/split_rows.h"
#include "engine/train/rows/validation.h"
#include "engine/train/training_labels.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_READ 4096 /* again, for the names of the strongest words */

/* The work on a baseline. */
struct making {
	const struct baseline_request *request;
	const struct progress *progress;
	struct baseline *baseline;
	struct train_data data, validation;
	bool validation_file;
	struct ngram_rows to_train, held_out;
	struct ngram_reader reader;
};

static const struct label_sets *sets_of(const struct train_data *data)
{
	return data->rows.sets.count > 0 ? &data->rows.sets : NULL;
}

/* Labels */

/* Those of the data, in the order of their names, as a new head has them. */
static bool settle_labels(struct making *making, bool *independent, struct error *error)
{
	struct train_data *data = &making->data;

	if (!labels_settle(making->request->options->problem_type, data, independent, error))
		return false;
	data->labels = size_calloc(data->rows.count, sizeof *data->labels);
	if (!data->labels)
		return error_memory(error, "reading labels");
	memcpy(data->labels, data->rows.labels, data->rows.count * sizeof *data->labels);
	return true;
}

static bool make_model(struct making *making, struct error *error)
{
	const struct labelled_rows *rows = &making->data.rows;
	struct ngram_shape shape = {.words = making->request->words};
	bool independent;

	if (!settle_labels(making, &independent, error))
		return false;
	while (1 << shape.bits < making->request->buckets)
		shape.bits++;
	making->baseline->model = ngram_new(&shape, (const char *const *)rows->names, rows->name_count, independent, error);
	making->to_train.shape = making->held_out.shape = (struct ngram_shape){shape.words, NGRAM_BITS_WIDE};
	return making->baseline->model != NULL;
}

/* The labels of a validation file become the model's. */
static bool match_labels(struct making *making, struct error *error)
{
	struct train_data *validation = &making->validation;
	const struct model *model = making->baseline->model;
	int32_t *label_of = size_calloc((size_t)validation->rows.name_count, sizeof *label_of);
	bool done = label_of != NULL || error_memory(error, "reading labels");

	for (int i = 0; done && i < validation->rows.name_count; i++) {
		label_of[i] = label_match(model, span_of(validation->rows.names[i]));
		if (label_of[i] < 0)
			done = error_set(error, ERROR_DATA, "%s: label \"%.60s\" is not one of the data's",
			                 dataset_path(validation->dataset), validation->rows.names[i]);
	}
	done = done && labels_take(validation, label_of, error);
	free(label_of);
	return done;
}

/* Texts */

static bool add_row(struct making *making, struct ngram_rows *rows, const struct train_data *source, size_t index,
                    struct row *row, struct error *error)
{
	struct ngram_reader *reader = &making->reader;
	uint32_t *room;

	if (!dataset_read(source->dataset, source->rows.rows[index], row, error))
		return false;
	if (!ngram_read(reader, &rows->shape, row->text) || !(room = ngram_rows_room(rows, reader->count)))
		return error_memory(error, "reading words");
	for (size_t i = 0; i < reader->count; i++)
		room[i] = reader->found[i].bucket;
	ngram_rows_add(rows, reader->count, reader->words, source->labels[index], source->rows.rows[index]);
	return true;
}

/* Each row of a file once, in its order: those that train and those that are held out, as `fates` of split_rows.h says. */
static bool read_rows(struct making *making, const struct train_data *source, const uint8_t *fates, struct error *error)
{
	struct row *row = row_new(error);
	bool done = row != NULL;

	for (size_t i = 0; done && i < source->rows.count; i++) {
		if (fates[i] == 0)
			continue;
		done = add_row(making, fates[i] == 1 ? &making->to_train : &making->held_out, source, i, row, error);
		if (done && !progress_report(making->progress, "reading words", i, source->rows.count))
			done = error_set(error, ERROR_INTERRUPTED, "interrupted");
	}
	row_free(row);
	return done;
}

static int32_t label_count(const struct making *making)
{
	return model_config(making->baseline->model)->num_labels;
}

static bool read_data(struct making *making, struct error *error)
{
	struct split split = {0};
	uint8_t *fates = NULL;
	bool done = split_rows(&split, &making->data, making->request->options, label_count(making), making->validation_file, error);

	done = done && (fates = split_fates(&split, making->data.rows.count, error)) != NULL &&
	       read_rows(making, &making->data, fates, error);
	free(fates);
	split_free(&split);
	return done;
}

static bool read_validation(struct making *making, struct error *error)
{
	const struct baseline_request *request = making->request;
	struct train_data *validation = &making->validation;
	struct split split = {0};
	struct split_request asked;
	struct dataset *dataset;
	uint8_t *fates = NULL;
	bool done;

	if (!making->validation_file)
		return true;
	dataset = validation_open(request->options->validation, request->options, making->data.dataset, making->progress, error);
	validation->rows.exclusion = making->data.exclusion;
	if (!dataset || !train_data_fill(validation, dataset, "", making->progress, error) ||
	    !labels_suit(validation, model_config(making->baseline->model)->independent_labels, error) || !match_labels(making, error))
		return false;
	if (validation->rows.count == 0)
		return survey_refuse(&validation->rows.survey, dataset_path(dataset), "no row has a review and a label to measure on",
		                     error);
	asked = split_request_of(validation, request->options, label_count(making), true);
	done = split_sample(&split, &asked, error) && (fates = split_fates(&split, validation->rows.count, error)) != NULL &&
	       read_rows(making, validation, fates, error);
	free(fates);
	split_free(&split);
	return done;
}

/* Fitting */

static bool fold(struct making *making, struct error *error)
{
	struct baseline *baseline = making->baseline;
	int32_t bits = model_ngram(baseline->model)->shape.bits;
	/* As many n-grams as there are buckets; with all the others most buckets would be those of rare ones. */
	struct ngram_seen *seen = ngram_seen_new(&making->to_train, UINT64_C(1) << bits, error);
	bool done = seen && ngram_rows_fold(&making->to_train, bits, seen, error) &&
	            ngram_rows_fold(&making->held_out, bits, NULL, error);

	if (done)
		baseline->least_rows = ngram_seen_least(seen);
	ngram_seen_free(seen);
	return done;
}

static bool fit(struct making *making, struct error *error)
{
	struct baseline *baseline = making->baseline;
	int64_t threads = making->request->options->threads;
	struct pool *pool = pool_new(threads > 0 ? (int)threads : system_processors(), error);
	const struct baseline_fit_request request = {.rows = &making->to_train, .sets = sets_of(&making->data),
	                                             .c = making->request->c, .tolerance = BASELINE_TOLERANCE, .pool = pool};
	struct baseline_fit came;
	bool done = pool && baseline_fit(baseline->model, &request, &came, making->progress, error);

	pool_free(pool);
	if (!done)
		return false;
	baseline->steps = came.steps;
	baseline->not_reached = came.not_reached;
	baseline->features = came.features;
	return true;
}

static bool measure(struct making *making, struct error *error)
{
	struct baseline *baseline = making->baseline;
	const struct label_sets *sets = sets_of(making->validation_file ? &making->validation : &making->data);
	bool independent = model_config(baseline->model)->independent_labels;

	baseline->training = making->to_train.count;
	baseline->held_out = making->held_out.count;
	if (!(independent ? metrics_init_sets : metrics_init)(&baseline->metrics, label_count(making), error))
		return false;
	if (!independent && !metrics_order(&baseline->metrics, baseline->model, error))
		return false;
	return baseline->held_out == 0 || baseline_measure(baseline->model, &making->held_out, sets, &baseline->metrics, error);
}

static bool make(struct making *making, struct error *error)
{
	struct baseline *baseline = making->baseline;
	double start = clock_seconds(), read;

	if (!validation_is_file(making->request->options->validation, &making->validation_file, error) ||
	    !train_data_exclude(&making->data, making->request->options->exclude, making->progress, error) ||
	    !labelled_rows_read(&making->data.rows, making->data.dataset, NULL, making->progress, error) ||
	    !make_model(making, error) || !read_data(making, error) || !read_validation(making, error))
		return false;
	read = clock_seconds();
	if (!fold(making, error) || !fit(making, error) || !measure(making, error) ||
	    !baseline_find_words(baseline, &making->to_train, making->data.dataset, ROWS_READ, error))
		return false;
	baseline->read_seconds = read - start;
	baseline->fit_seconds = clock_seconds() - read;
	return true;
}

static void making_free(struct making *making)
{
	ngram_rows_free(&making->to_train);
	ngram_rows_free(&making->held_out);
	ngram_reader_free(&making->reader);
	train_data_close(&making->data);
	train_data_close(&making->validation);
}

struct baseline *baseline_make(struct dataset *dataset, const struct baseline_request *request, const struct progress *progress,
                               struct error *error)
{
	struct baseline *baseline = size_calloc(1, sizeof *baseline);
	struct making making = {.request = request, .progress = progress, .baseline = baseline, .data = {.dataset = dataset}};
	bool done = baseline != NULL || error_memory(error, "making a baseline");

	if (done)
		baseline->shown = request->shown;
	done = done && make(&making, error);
	if (done) {
		baseline->exclusion = making.data.exclusion;
		making.data.exclusion = NULL;
	}
	making_free(&making);
	if (done)
		return baseline;
	baseline_close(baseline);
	return NULL;
}

void baseline_close(struct baseline *baseline)
{
	if (!baseline)
		return;
	baseline_free_words(baseline);
	exclusion_free(baseline->exclusion);
	metrics_free(&baseline->metrics);
	model_close(baseline->model);
	free(baseline);
}

bool baseline_save(const struct baseline *baseline, const char *folder, const char *data, struct error *error)
{
	return model_save(baseline->model, folder, error) && baseline_card_write(baseline, folder, data, error);
}
