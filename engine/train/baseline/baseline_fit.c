/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/baseline/baseline_fit.h"

#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What all problems of a fit share. */
struct fitting {
	const struct baseline_fit_request *request;
	struct model *model;
	struct ngram_matrix matrix;
	int8_t *positive; /* [rows] */
	double *scales;   /* [columns] */
	double *weights;  /* [columns] */
};

void baseline_ratios(const struct sparse *matrix, const int8_t *positive, double *ratios)
{
	double with = 0, without = 0;

	for (uint32_t j = 0; j < matrix->columns; j++) {
		uint64_t count = matrix->column_starts[j + 1] - matrix->column_starts[j], own = 0;

		for (uint64_t k = matrix->column_starts[j]; k < matrix->column_starts[j + 1]; k++)
			own += (uint64_t)positive[matrix->column_rows[k]];
		with += 1 + (double)own;
		without += 1 + (double)(count - own);
		ratios[j] = log((1 + (double)own) / (1 + (double)(count - own)));
	}
	for (uint32_t j = 0; j < matrix->columns; j++)
		ratios[j] -= log(with / without);
}

static bool set_has(const struct label_sets *sets, int32_t set, int32_t label)
{
	for (size_t i = sets->starts[set]; i < sets->starts[set + 1]; i++)
		if (sets->members[i] == label)
			return true;
	return false;
}

/* Marks the rows of a label; returns how many there are. */
static uint32_t mark_label(struct fitting *fitting, int32_t label)
{
	const struct ngram_rows *rows = fitting->request->rows;
	const struct label_sets *sets = fitting->request->sets;
	uint32_t count = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		bool has = sets ? set_has(sets, rows->labels[i], label) : rows->labels[i] == label;

		fitting->positive[i] = has;
		count += has;
	}
	return count;
}

static void keep_weights(struct fitting *fitting, int32_t row, double bias)
{
	struct ngram *ngram = model_ngram(fitting->model);
	float *weights = ngram->weights + ((size_t)row << ngram->shape.bits);

	for (uint32_t j = 0; j < fitting->matrix.sparse.columns; j++)
		weights[fitting->matrix.bucket_of[j]] = (float)(fitting->weights[j] * fitting->scales[j]);
	ngram->biases[row] = (float)bias;
}

/* One row of the model's weights. */
static bool fit_row(struct fitting *fitting, int32_t row, struct baseline_fit *fit, const struct progress *progress,
                    struct error *error)
{
	struct ngram *ngram = model_ngram(fitting->model);
	const struct sparse *matrix = &fitting->matrix.sparse;
	uint32_t positive = mark_label(fitting, ngram->rows < model_config(fitting->model)->num_labels ? 1 : row);
	const struct logistic_problem problem = {.matrix = matrix, .scales = fitting->scales, .positive = fitting->positive,
	                                         .c = fitting->request->c, .tolerance = fitting->request->tolerance,
	                                         .steps_max = BASELINE_STEPS_MAX};
	struct logistic_result result = {.weights = fitting->weights};

	if (positive == 0 || positive == matrix->rows) {
		ngram->biases[row] = (float)log((positive + 0.5) / (matrix->rows - positive + 0.5));
		return true;
	}
	baseline_ratios(matrix, fitting->positive, fitting->scales);
	if (!logistic_solve(&problem, &result, fitting->request->pool, progress, error))
		return false;
	keep_weights(fitting, row, result.bias);
	fit->problems++;
	fit->steps += result.steps;
	fit->not_reached += !result.reached;
	return true;
}

static bool take_memory(struct fitting *fitting, struct error *error)
{
	const struct sparse *matrix = &fitting->matrix.sparse;

	fitting->positive = size_calloc(matrix->rows, sizeof *fitting->positive);
	fitting->scales = size_calloc(matrix->columns, sizeof *fitting->scales);
	fitting->weights = size_calloc(matrix->columns, sizeof *fitting->weights);
	return (fitting->positive && fitting->scales && fitting->weights) || error_memory(error, "fitting a linear model");
}

bool baseline_fit(struct model *model, const struct baseline_fit_request *request, struct baseline_fit *fit,
                  const struct progress *progress, struct error *error)
{
	struct fitting fitting = {.request = request, .model = model};
	bool done = ngram_matrix_make(&fitting.matrix, request->rows, error) && take_memory(&fitting, error);

	*fit = (struct baseline_fit){.features = fitting.matrix.sparse.columns};
	for (int32_t row = 0; done && row < model_ngram(model)->rows; row++)
		done = fit_row(&fitting, row, fit, progress, error);
	ngram_matrix_free(&fitting.matrix);
	free(fitting.positive);
	free(fitting.scales);
	free(fitting.weights);
	return done;
}

/* Measuring */

/* Of independent labels: a logit above 0 is a score above 0.5. */
static void add_set(struct metrics *metrics, const struct label_sets *sets, int32_t set, const float *logits, float *targets)
{
	label_sets_fill(sets, set, targets, metrics->labels);
	for (int32_t label = 0; label < metrics->labels; label++)
		metrics->on[label] = logits[label] > 0;
	metrics_add_set(metrics, targets, logits, false);
}

bool baseline_measure(struct model *model, const struct ngram_rows *rows, const struct label_sets *sets, struct metrics *metrics,
                      struct error *error)
{
	size_t labels = (size_t)metrics->labels;
	float *logits = size_calloc(2 * labels, sizeof *logits);

	if (!logits)
		return error_memory(error, "measuring");
	for (uint32_t i = 0; i < rows->count; i++) {
		ngram_logits(model, rows->buckets + rows->starts[i], rows->starts[i + 1] - rows->starts[i], logits);
		if (sets)
			add_set(metrics, sets, rows->labels[i], logits, logits + labels);
		else
			metrics_add(metrics, rows->labels[i], logits, false);
	}
	free(logits);
	return true;
}
