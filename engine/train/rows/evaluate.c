/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/evaluate.h"

#include "engine/base/buffer.h"
#include "engine/base/names.h"
#include "engine/base/number.h"
#include "engine/base/size.h"
#include "engine/clock.h"
#include "engine/train/rows/rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHUNK_ROWS 256
#define CHUNK_BYTES ((size_t)4 << 20)
#define LIST_BYTES 300 /* of labels in a message */

/* Labels */

/* Numbers, and 0 for False, 1 for True. */
static bool label_value(struct span word, double *value)
{
	char text[32];

	if (word.size == 0 || word.size >= sizeof text)
		return false;
	memcpy(text, word.data, word.size);
	text[word.size] = '\0';
	if (strcasecmp(text, "false") != 0 && strcasecmp(text, "true") != 0)
		return number_parse(text, value);
	*value = word.size == strlen("true");
	return true;
}

/* The value of a model's own label: of "3", "3.0", "3 stars". */
static bool own_value(const char *label, double *value)
{
	return label_value((struct span){label, strcspn(label, " ")}, value);
}

/* Where a model's labels are numbers, a number means one of these and not a place among them. */
static int32_t find_value(const struct model *model, double wanted)
{
	int32_t count = model_config(model)->num_labels;
	bool numbers = false;
	double value;

	for (int32_t i = 0; i < count; i++) {
		if (!own_value(model_label(model, i), &value))
			continue;
		if (value == wanted)
			return i;
		numbers = true;
	}
	return numbers || wanted < 0 || wanted >= count || wanted != floor(wanted) ? -1 : (int32_t)wanted;
}

int32_t label_match(const struct model *model, struct span word)
{
	int32_t label = model_find_label(model, word);
	double value;

	if (label >= 0)
		return label;
	return label_value(word, &value) ? find_value(model, value) : -1;
}

bool labels_are_ordered(const struct model *model)
{
	int32_t count = model_config(model)->num_labels;
	double value, before = 0;

	for (int32_t i = 0; i < count; i++) {
		if (!own_value(model_label(model, i), &value) || (i > 0 && value <= before))
			return false;
		before = value;
	}
	return count > 2 && !model_config(model)->independent_labels;
}

static const char *file_label(const void *of, int i)
{
	return ((const struct labelled_rows *)of)->names[i];
}

static const char *own_label(const void *of, int i)
{
	return model_label(of, i);
}

static bool unknown_label(const struct model *model, const struct labelled_rows *rows, int name,
                          const struct dataset *dataset, struct error *error)
{
	char theirs[LIST_BYTES], ours[LIST_BYTES];

	names_list(theirs, sizeof theirs, rows->name_count, file_label, rows);
	names_list(ours, sizeof ours, model_config(model)->num_labels, own_label, model);
	return error_set(error, ERROR_DATA,
	                 "%s: label \"%.*s\" is not one of the model's: the file has %s; the model has %s",
	                 dataset_path(dataset), NAME_ARGUMENTS(rows->names[name]), theirs, ours);
}

/* Which of two labels with the same name a row means, nobody can tell. */
static bool check_twins(const struct model *model, const struct labelled_rows *rows, int name, int32_t label,
                        const struct dataset *dataset, struct error *error)
{
	int32_t count = model_config(model)->twin_labels ? model_config(model)->num_labels : 0;

	for (int32_t i = label + 1; i < count; i++)
		RETURN_IF(strcmp(model_label(model, i), model_label(model, label)) == 0 &&
		          strcasecmp(model_label(model, label), rows->names[name]) == 0, error, ERROR_DATA,
		          "%s: label \"%.*s\" is the name of two labels of the model: only their numbers, %d and %d, tell them "
		          "apart", dataset_path(dataset), NAME_ARGUMENTS(rows->names[name]), (int)label, (int)i);
	return true;
}

/* label_of[i] becomes the model's label for rows->names[i]. */
static bool match_labels(const struct model *model, const struct labelled_rows *rows, int32_t *label_of,
                         const struct dataset *dataset, struct error *error)
{
	for (int i = 0; i < rows->name_count; i++) {
		label_of[i] = label_match(model, span_of(rows->names[i]));
		if (label_of[i] < 0)
			return unknown_label(model, rows, i, dataset, error);
		if (!check_twins(model, rows, i, label_of[i], dataset, error))
			return false;
	}
	return true;
}

/* Scoring in chunks */

struct chunk {
	struct model *model;
	struct dataset *dataset;
	int32_t max_length;
	struct row *row;
	struct buffer text;                 /* the chunk's texts, one after the other */
	struct span spans[CHUNK_ROWS];
	struct score scores[CHUNK_ROWS];
	float *numbers;                     /* [CHUNK_ROWS][2][num_labels] */
	float *targets;                     /* [num_labels] of one row with a set of labels */
	const struct progress *progress;
	uint64_t before, total;             /* rows scored before this chunk, and in all */
};

static bool chunk_report(void *context, const char *what, uint64_t done, uint64_t total)
{
	const struct chunk *chunk = context;

	(void)what;
	(void)total;
	return progress_report(chunk->progress, "scoring", chunk->before + done, chunk->total);
}

static bool chunk_init(struct chunk *chunk, struct error *error)
{
	size_t labels = (size_t)model_config(chunk->model)->num_labels;

	chunk->text.maximum = DATASET_FIELD_MAX + CHUNK_BYTES + 1;
	chunk->row = row_new(error);
	if (!chunk->row)
		return false;
	chunk->numbers = size_calloc(2 * CHUNK_ROWS * labels, sizeof *chunk->numbers);
	chunk->targets = size_calloc(labels, sizeof *chunk->targets);
	if (!chunk->numbers || !chunk->targets)
		return error_memory(error, "scoring");
	for (size_t i = 0; i < CHUNK_ROWS; i++) {
		chunk->scores[i].logits = chunk->numbers + 2 * i * labels;
		chunk->scores[i].scores = chunk->scores[i].logits + labels;
	}
	return true;
}

static void chunk_free(struct chunk *chunk)
{
	row_free(chunk->row);
	buffer_free(&chunk->text);
	free(chunk->numbers);
	free(chunk->targets);
}

/* Reads rows from `first` on until the chunk is full; returns their number, 0 after a failure. */
static size_t chunk_fill(struct chunk *chunk, const struct labelled_rows *rows, size_t first, struct error *error)
{
	size_t ends[CHUNK_ROWS], count = 0;

	chunk->text.size = 0;
	while (count < CHUNK_ROWS && first + count < rows->count && chunk->text.size < CHUNK_BYTES) {
		if (!dataset_read(chunk->dataset, rows->rows[first + count], chunk->row, error))
			return 0;
		if (!buffer_add(&chunk->text, chunk->row->text.data, chunk->row->text.size)) {
			error_memory(error, "reading reviews");
			return 0;
		}
		ends[count++] = chunk->text.size;
	}
	for (size_t i = 0, start = 0; i < count; start = ends[i++])
		chunk->spans[i] = (struct span){chunk->text.data + start, ends[i] - start};
	return count;
}

static void take_score(struct evaluation *evaluation, uint64_t row, int32_t truth, const struct score *score)
{
	int32_t prediction = metrics_add(&evaluation->metrics, truth, score->logits, score->truncated);

	evaluation->tokens += (uint64_t)score->tokens;
	if (evaluation->kept)
		evaluation->kept[evaluation->kept_count++] = (struct evaluation_row){
			.row = row, .truth = truth, .prediction = prediction, .right = truth == prediction,
			.score = score->scores[prediction]};
}

static void take_set_score(struct chunk *chunk, struct evaluation *evaluation, uint64_t row, const struct label_sets *sets,
                           int32_t set, const struct score *score)
{
	int32_t labels = evaluation->metrics.labels;
	bool right;

	label_sets_fill(sets, set, chunk->targets, labels);
	for (int32_t i = 0; i < labels; i++)
		evaluation->metrics.on[i] = model_label_is_on(chunk->model, i, score->scores[i]);
	right = metrics_add_set(&evaluation->metrics, chunk->targets, score->logits, score->truncated);
	evaluation->tokens += (uint64_t)score->tokens;
	if (evaluation->kept)
		evaluation->kept[evaluation->kept_count++] = (struct evaluation_row){
			.row = row, .truth = -1, .prediction = score->label, .right = right, .score = score->score};
}

static bool keep_rows(struct evaluation *evaluation, size_t count, struct error *error)
{
	struct metrics *metrics = &evaluation->metrics;

	if (evaluation->keep_scores && count <= METRICS_CELLS_MAX / (size_t)metrics->labels &&
	    !metrics_keep(metrics, count, error))
		return false;
	if (!evaluation->keep_rows)
		return true;
	evaluation->kept = size_calloc(count, sizeof *evaluation->kept);
	return evaluation->kept || error_memory(error, "keeping the rows");
}

static bool score_rows(struct chunk *chunk, const struct labelled_rows *rows, const int32_t *label_of,
                       struct evaluation *evaluation, struct error *error)
{
	const struct progress inner = {chunk_report, chunk};

	chunk->total = rows->count;
	for (size_t first = 0; first < rows->count;) {
		size_t count = chunk_fill(chunk, rows, first, error);
		chunk->before = first;
		if (count == 0 || !model_score(chunk->model, chunk->spans, count, chunk->max_length, chunk->scores, &inner,
		                               error))
			return false;
		for (size_t i = 0; i < count; i++)
			if (evaluation->metrics.sets)
				take_set_score(chunk, evaluation, rows->rows[first + i], &rows->sets, rows->labels[first + i],
				               &chunk->scores[i]);
			else
				take_score(evaluation, rows->rows[first + i], label_of[rows->labels[first + i]], &chunk->scores[i]);
		first += count;
		evaluation->steps++;
	}
	return true;
}

/* The rows get labels where the model's exclude each other, and sets where they do not. */
static bool suit_rows(const struct chunk *chunk, struct labelled_rows *rows, struct error *error)
{
	bool sets = model_config(chunk->model)->independent_labels;
	const uint64_t *with = rows->survey.set_rows;

	if (sets)
		return labelled_rows_make_sets(rows) || error_memory(error, "matching labels");
	RETURN_IF(!labelled_rows_make_labels(rows), error, ERROR_DATA,
	          "%s: %" PRIu64 " rows have several labels and %" PRIu64 " have none, but the model gives a review one label",
	          dataset_path(chunk->dataset), with[2], with[0]);
	return true;
}

static bool evaluate_rows(struct chunk *chunk, struct labelled_rows *rows, struct evaluation *evaluation,
                          struct error *error)
{
	int32_t *label_of = size_calloc((size_t)rows->name_count, sizeof *label_of);
	bool done;

	if (!label_of)
		return error_memory(error, "matching labels");
	done = match_labels(chunk->model, rows, label_of, chunk->dataset, error);
	if (done && rows->sets.count > 0)
		label_sets_rename(&rows->sets, label_of);
	done = done && chunk_init(chunk, error) &&
	       keep_rows(evaluation, rows->count, error) && score_rows(chunk, rows, label_of, evaluation, error);
	free(label_of);
	return done;
}

static bool init_metrics(struct metrics *metrics, const struct model *model, struct error *error)
{
	int32_t labels = model_config(model)->num_labels;

	if (model_config(model)->independent_labels)
		return metrics_init_sets(metrics, labels, error);
	return metrics_init(metrics, labels, error) && metrics_order(metrics, model, error);
}

bool evaluate(struct model *model, struct dataset *dataset, int32_t max_length, struct evaluation *evaluation,
              const struct progress *progress, struct error *error)
{
	double start = clock_seconds();
	struct labelled_rows rows = {.exclusion = evaluation->exclusion};
	struct chunk *chunk;
	bool done;

	chunk = calloc(1, sizeof *chunk);
	if (!chunk)
		return error_memory(error, "scoring");
	chunk->model = model;
	chunk->dataset = dataset;
	chunk->max_length = max_length;
	chunk->progress = progress;
	done = init_metrics(&evaluation->metrics, model, error) &&
	       labelled_rows_read(&rows, dataset, NULL, progress, error);
	evaluation->metrics.own = &model_config(model)->own;
	evaluation->survey = rows.survey;
	if (done && rows.count == 0)
		done = survey_refuse(&rows.survey, dataset_path(dataset), rows.survey.skipped[ROW_ELSEWHERE] == 0
		                         ? "no row has a review and a label"
		                         : "no row is left beside those whose text stands in another file", error);
	done = done && suit_rows(chunk, &rows, error) && evaluate_rows(chunk, &rows, evaluation, error);
	chunk_free(chunk);
	free(chunk);
	evaluation->survey.labels = NULL; /* the rows' own */
	evaluation->survey.label_count = 0;
	labelled_rows_free(&rows);
	evaluation->seconds = clock_seconds() - start;
	return done;
}

void evaluation_free(struct evaluation *evaluation)
{
	metrics_free(&evaluation->metrics);
	free(evaluation->kept);
	evaluation->kept = NULL;
	evaluation->kept_count = 0;
}

size_t evaluation_cell_rows(const struct evaluation *evaluation, int32_t truth, int32_t prediction, uint64_t *rows,
                            size_t capacity)
{
	size_t found = 0;

	for (size_t i = 0; i < evaluation->kept_count; i++) {
		const struct evaluation_row *kept = &evaluation->kept[i];

		if (kept->truth != truth || kept->prediction != prediction)
			continue;
		if (found < capacity)
			rows[found] = kept->row;
		found++;
	}
	return found;
}
