/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_unlabelled.h"

#include "engine/base/size.h"
#include "engine/train/rows/source.h"
#include "engine/train/training_augment.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPORT_ROWS 1024 /* rows between two reports */

/* Texts that were seen, by their hashes. */
struct held_texts {
	uint64_t *hashes; /* [count] ascending */
	uint32_t count;
};

static int compare_hashes(const void *a, const void *b)
{
	const uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

	return (first > second) - (first < second);
}

static bool held_texts_make(struct held_texts *held, const struct examples *examples, struct error *error)
{
	held->count = examples->count;
	held->hashes = size_calloc(held->count, sizeof *held->hashes);
	if (!held->hashes)
		return error_memory(error, "comparing the texts");
	if (held->count > 0)
		memcpy(held->hashes, examples->hashes, held->count * sizeof *held->hashes);
	qsort(held->hashes, held->count, sizeof *held->hashes, compare_hashes);
	return true;
}

/* The rows of one file that are taken. */
struct taking {
	struct training *training;
	struct dataset *dataset;
	struct row *row;
	const struct held_texts *held;
	struct exclusion *exclusion; /* NULL: none */
	struct source_hash hash;
	uint64_t *rows; /* [count] */
	size_t count, capacity;
	struct survey survey;
};

static bool take(struct taking *taking, uint64_t index, struct error *error)
{
	if (taking->count == taking->capacity) {
		const size_t capacity = taking->capacity ? 2 * taking->capacity : 4096;
		uint64_t *rows = size_realloc(taking->rows, capacity, sizeof *rows);

		if (!rows)
			return error_memory(error, "reading texts without a label");
		taking->rows = rows;
		taking->capacity = capacity;
	}
	taking->rows[taking->count++] = index;
	return true;
}

static bool consider(struct taking *taking, uint64_t index, struct error *error)
{
	struct training_teaching *teaching = &taking->training->teaching;
	uint64_t hash;

	if (!dataset_read(taking->dataset, index, taking->row, error))
		return false;
	if (taking->row->status == ROW_OK && taking->exclusion && exclusion_takes(taking->exclusion, taking->row->text))
		taking->row->status = ROW_ELSEWHERE;
	survey_count(&taking->survey, taking->row);
	if (taking->row->status == ROW_ELSEWHERE)
		return true;
	hash = taking->row->status == ROW_OK ? text_hash(taking->row->text) : TEXT_EMPTY;
	if (hash == TEXT_EMPTY) {
		teaching->unusable++;
		return true;
	}
	if (bsearch(&hash, taking->held->hashes, taking->held->count, sizeof hash, compare_hashes)) {
		teaching->in_validation++;
		return true;
	}
	return take(taking, index, error);
}

static bool read_rows(struct taking *taking, struct error *error)
{
	const struct dataset *dataset = taking->dataset;
	bool complete = false;

	for (uint64_t next = 0; !complete;) {
		const uint64_t end = dataset_rows(dataset, &complete);

		for (; next < end; next++) {
			RETURN_IF(next % REPORT_ROWS == 0 &&
			          !progress_report(&taking->training->progress, "reading texts", next, complete ? end : 0),
			          error, ERROR_INTERRUPTED, "stopped while reading %s", dataset_path(dataset));
			if (!consider(taking, next, error))
				return false;
		}
		if (!complete)
			dataset_index_step(taking->dataset);
		if (!source_hash_step(&taking->hash, dataset, error))
			return false;
	}
	if (dataset_index_error(dataset) && error)
		*error = *dataset_index_error(dataset);
	return !dataset_index_error(dataset);
}

static bool tokenise(struct taking *taking, struct examples *out, struct error *error)
{
	struct training *training = taking->training;
	int32_t *labels = size_calloc(taking->count, sizeof *labels);
	bool done;

	if (!labels)
		return error_memory(error, "tokenising");
	for (size_t i = 0; i < taking->count; i++)
		labels[i] = NO_LABEL;
	done = examples_read(out, NULL, &(struct examples_request){
		.dataset = taking->dataset,
		.tokenizer = model_tokenizer(training->model),
		.rows = taking->rows,
		.labels = labels,
		.count = (uint32_t)taking->count,
		.cut = training_cut(training),
		.pool = model_backend(training->model)->pool,
	}, &training->progress, error);
	free(labels);
	return done;
}

static void tell(struct taking *taking)
{
	char text[512];

	dataset_describe_columns(taking->dataset, text, sizeof text);
	training_first_note(taking->training, "unlabelled: %s", text);
	survey_describe(&taking->survey, text, sizeof text);
	training_first_note(taking->training, "unlabelled: %s", text);
	training_tell_exclusion(taking->training, "unlabelled", taking->exclusion);
}

/* Opened and read to its end: rows, survey, hash. */
static bool read_file(struct taking *taking, const char *path, char hash[65], struct error *error)
{
	const struct dataset_options options = {.label_column = "", .progress = &taking->training->progress};
	bool done;

	taking->dataset = dataset_open(path, &options, error);
	if (!taking->dataset || !dataset_check_columns(taking->dataset, false, error))
		return false;
	taking->row = row_new(error);
	if (!taking->row || !source_hash_begin(&taking->hash, error))
		return false;
	done = read_rows(taking, error);
	done = source_hash_end(&taking->hash, taking->dataset, done ? hash : NULL, &taking->training->progress, error) && done;
	taking->survey.complete = done;
	RETURN_IF(done && taking->count > UINT32_MAX / 2, error, ERROR_DATA, "%s: %zu texts are too many", path, taking->count);
	if (done)
		tell(taking);
	return done;
}

static bool add_file(struct training *training, struct unlabelled *unlabelled, const char *path, const struct held_texts *held,
                     struct exclusion *exclusion, struct error *error)
{
	struct taking taking = {.training = training, .held = held, .exclusion = exclusion};
	struct examples more = {0};
	const int file = unlabelled->count;
	bool done = (read_file(&taking, path, unlabelled->hashes[file], error) && tokenise(&taking, &more, error)) ||
	            error_prefix(error, "--unlabelled");

	training->teaching.unlabelled += more.count;
	done = done && examples_append(&training->to_train, &more, error);
	examples_free(&more);
	unlabelled->datasets[file] = taking.dataset;
	unlabelled->ends[file] = training->to_train.count;
	unlabelled->count++;
	row_free(taking.row);
	survey_free(&taking.survey);
	free(taking.rows);
	return done;
}

bool training_read_unlabelled(struct training *training, struct unlabelled *unlabelled, struct exclusion *exclusion,
                              struct error *error)
{
	struct held_texts held = {0};
	bool done;

	unlabelled->labelled = training->to_train.count;
	if (!training->record.options.unlabelled[0])
		return true;
	done = held_texts_make(&held, &training->held_out, error);
	for (const char *at = training->record.options.unlabelled; done && *at;) {
		const size_t size = strcspn(at, "\n");
		char path[OPTION_TEXT_MAX];

		snprintf(path, sizeof path, "%.*s", (int)size, at);
		done = unlabelled->count < UNLABELLED_MAX && add_file(training, unlabelled, path, &held, exclusion, error);
		at += size + (at[size] == '\n');
	}
	free(held.hashes);
	if (done && training->teaching.in_validation > 0)
		training_first_note(training, "unlabelled: %" PRIu64 " texts are held out too, and left out here",
		                    training->teaching.in_validation);
	return done;
}

void unlabelled_close(struct unlabelled *unlabelled)
{
	for (int i = 0; i < unlabelled->count; i++)
		dataset_close(unlabelled->datasets[i]);
}
