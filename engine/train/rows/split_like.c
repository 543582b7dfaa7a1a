/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/split_like.h"

#include "engine/base/numpy_random.h"
#include "engine/base/random.h"
#include "engine/base/size.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many rows each part shall have, before any is left out. */
struct sizes {
	uint32_t training, held_out;
};

/* Of scikit-learn train_size and test_size are given together; datasets and torch split all rows and then select. */
static struct sizes sizes_of(const struct split_request *request)
{
	struct split_request whole = *request;
	uint64_t training, held_out;

	whole.max_held_out = 0;
	if (request->kind != SPLIT_SKLEARN)
		whole.max_training = 0;
	split_count(&whole, &training, &held_out);
	return (struct sizes){(uint32_t)training, (uint32_t)held_out};
}

static void numpy_seed(struct numpy_random *random, const struct split_request *request)
{
	(request->kind == SPLIT_DATASETS ? numpy_default_rng : numpy_random_state)(random, request->seed);
}

/* Stratifying */

/* All that it takes; each array is one entry a label but for the last two. */
struct strata {
	uint32_t *count;      /* rows of the label */
	uint32_t *training, *held_out; /* of these so many */
	double *remainder;
	uint32_t *tied, *order;
	uint32_t *rows;       /* [rows] label by label, ascending in each */
	uint32_t *permuted;   /* [rows] scratch */
	int32_t labels;
};

static void strata_free(struct strata *strata)
{
	free(strata->count);
	free(strata->training);
	free(strata->held_out);
	free(strata->remainder);
	free(strata->tied);
	free(strata->order);
	free(strata->rows);
	free(strata->permuted);
}

static bool strata_take(struct strata *strata, size_t labels, size_t rows)
{
	strata->labels = (int32_t)labels;
	strata->count = size_calloc(labels, sizeof(uint32_t));
	strata->training = size_calloc(labels, sizeof(uint32_t));
	strata->held_out = size_calloc(labels, sizeof(uint32_t));
	strata->remainder = size_calloc(labels, sizeof(double));
	strata->tied = size_calloc(labels, sizeof(uint32_t));
	strata->order = size_calloc(labels, sizeof(uint32_t));
	strata->rows = size_calloc(rows, sizeof(uint32_t));
	strata->permuted = size_calloc(rows, sizeof(uint32_t));
	return strata->count && strata->training && strata->held_out && strata->remainder && strata->tied && strata->order &&
	       strata->rows && strata->permuted;
}

/* Counts the labels and lists the rows of each, as a stable argsort does. */
static void strata_sort(struct strata *strata, const struct split_request *request)
{
	uint32_t at = 0;

	for (size_t i = 0; i < request->count; i++)
		strata->count[request->labels[i]]++;
	for (int32_t label = 0; label < strata->labels; label++) {
		strata->order[label] = at;
		at += strata->count[label];
	}
	for (size_t i = 0; i < request->count; i++)
		strata->rows[strata->order[request->labels[i]]++] = (uint32_t)i;
}

static bool too_rare(const struct split_request *request, int32_t label, struct error *error)
{
	char number[16];

	snprintf(number, sizeof number, "%d", (int)label);
	return error_set(error, ERROR_DATA, "the label \"%.60s\" has one row: a stratified split needs two of each label; leave "
	                 "that row out, or use --stratify false", request->names ? request->names[label] : number);
}

static bool strata_check(const struct strata *strata, const struct split_request *request, struct sizes sizes,
                         struct error *error)
{
	int32_t labels = strata->labels;

	for (int32_t label = 0; label < labels; label++)
		if (strata->count[label] < 2)
			return too_rare(request, label, error);
	RETURN_IF((int64_t)sizes.training < labels || (int64_t)sizes.held_out < labels, error, ERROR_DATA,
	          "a stratified split needs a row of each of the %d labels to train on and to measure on; it has %u and %u rows for "
	          "that: change --validation, or use --stratify false", (int)labels, sizes.training, sizes.held_out);
	return true;
}

/* The next value of the remainders below `below`; -1: none. */
static double next_remainder(const struct strata *strata, double below)
{
	double found = -1;

	for (int32_t label = 0; label < strata->labels; label++)
		if (strata->remainder[label] < below && strata->remainder[label] > found)
			found = strata->remainder[label];
	return found;
}

/* The rows that rounding down has left over go to the labels with the largest remainders; the generator draws among equal
 * ones. Numpy's choice is called also where all are taken, which costs its draws. */
static void deal_rest(struct strata *strata, uint32_t *drawn, uint32_t rest, struct numpy_random *random)
{
	double value = 2;

	while (rest > 0 && (value = next_remainder(strata, value)) >= 0) {
		uint32_t tied = 0, now;

		for (int32_t label = 0; label < strata->labels; label++)
			if (strata->remainder[label] == value)
				strata->tied[tied++] = (uint32_t)label;
		now = tied < rest ? tied : rest;
		numpy_choice(random, strata->order, tied, now);
		for (uint32_t i = 0; i < now; i++)
			drawn[strata->tied[strata->order[i]]]++;
		rest -= now;
	}
}

/* _approximate_mode: how many of `draws` rows come from each label. The two tools multiply and divide in another order, which
 * rounds differently. */
static void approximate_mode(struct strata *strata, const uint32_t *population, uint32_t *drawn, uint32_t draws,
                             enum split_kind kind, struct numpy_random *random)
{
	uint64_t sum = 0, given = 0;

	for (int32_t label = 0; label < strata->labels; label++)
		sum += population[label];
	for (int32_t label = 0; label < strata->labels; label++) {
		uint64_t count = population[label];
		double share;

		if (kind == SPLIT_SKLEARN)
			share = (double)count / (double)sum * (double)draws;
		else
			share = (double)(count * draws) / (double)sum;
		drawn[label] = (uint32_t)floor(share);
		strata->remainder[label] = share - floor(share);
		given += drawn[label];
	}
	if (given < draws)
		deal_rest(strata, drawn, (uint32_t)(draws - given), random);
}

static void count_parts(struct strata *strata, struct sizes sizes, enum split_kind kind, struct numpy_random *random)
{
	uint32_t *population = strata->permuted; /* which has at least a row a label */

	memcpy(population, strata->count, (size_t)strata->labels * sizeof *population);
	approximate_mode(strata, population, strata->training, sizes.training, kind, random);
	for (int32_t label = 0; label < strata->labels; label++)
		population[label] = strata->count[label] - strata->training[label];
	approximate_mode(strata, population, strata->held_out, sizes.held_out, kind, random);
}

static void deal_label(struct split *split, const struct strata *strata, int32_t label, const uint32_t *rows,
                       struct numpy_random *random)
{
	const uint32_t *order = strata->permuted;
	uint32_t training = strata->training[label], held_out = strata->held_out[label];

	numpy_permutation(random, strata->permuted, strata->count[label]);
	for (uint32_t i = 0; i < training; i++)
		split->training[split->training_count++] = rows[order[i]];
	for (uint32_t i = training; i < training + held_out; i++)
		split->held_out[split->held_out_count++] = rows[order[i]];
}

static void deal(struct split *split, struct strata *strata, struct numpy_random *random)
{
	const uint32_t *rows = strata->rows;

	for (int32_t label = 0; label < strata->labels; label++) {
		deal_label(split, strata, label, rows, random);
		rows += strata->count[label];
	}
	numpy_shuffle(random, split->training, split->training_count);
	numpy_shuffle(random, split->held_out, split->held_out_count);
}

/* StratifiedShuffleSplit of scikit-learn, and the copy of it in datasets. */
static bool stratify(struct split *split, const struct split_request *request, struct sizes sizes, struct error *error)
{
	size_t labels = (size_t)request->label_count, rows = request->count > labels ? request->count : labels;
	struct numpy_random random;
	struct strata strata = {0};
	bool done;

	if (!strata_take(&strata, labels, rows)) {
		strata_free(&strata);
		return error_memory(error, "splitting");
	}
	strata_sort(&strata, request);
	done = strata_check(&strata, request, sizes, error);
	if (done) {
		numpy_seed(&random, request);
		count_parts(&strata, sizes, request->kind, &random);
		deal(split, &strata, &random);
	}
	strata_free(&strata);
	return done;
}

/* Not stratified */

static void take(uint32_t *out, uint32_t *count, const uint32_t *from, uint32_t size)
{
	memcpy(out, from, (size_t)size * sizeof *from);
	*count = size;
}

/* One permutation, of which numpy's callers take the test rows from the front, torch those that train. */
static bool permute(struct split *split, const struct split_request *request, struct sizes sizes, struct error *error)
{
	uint32_t count = (uint32_t)request->count, *order = size_calloc(count, sizeof *order);
	bool torch = request->kind == SPLIT_TORCH;
	struct numpy_random random;

	if (!order)
		return error_memory(error, "splitting");
	if (torch) {
		random_permutation(order, count, request->seed);
	} else {
		numpy_seed(&random, request);
		numpy_permutation(&random, order, count);
	}
	take(split->held_out, &split->held_out_count, order + (torch ? sizes.training : 0), sizes.held_out);
	take(split->training, &split->training_count, order + (torch ? 0 : sizes.held_out), sizes.training);
	free(order);
	return true;
}

/* Afterwards */

static void shuffle_like_datasets(uint32_t *rows, uint32_t count, uint32_t seed)
{
	struct numpy_random random;

	numpy_default_rng(&random, seed);
	numpy_shuffle(&random, rows, count);
}

static void select_rows(uint32_t *rows, uint32_t *count, uint64_t most, const struct split_request *request)
{
	if (most == 0)
		return;
	if (request->kind == SPLIT_DATASETS)
		shuffle_like_datasets(rows, *count, request->seed);
	if (most < *count)
		*count = (uint32_t)most;
}

/* Nothing is held out: the rows as they lie, unless some are drawn. */
static bool keep_all(struct split *split, const struct split_request *request, struct sizes sizes, struct error *error)
{
	if (request->max_training > 0 && request->kind != SPLIT_DATASETS)
		return permute(split, request, sizes, error);
	for (uint32_t i = 0; i < (uint32_t)request->count; i++)
		split->training[i] = i;
	split->training_count = (uint32_t)request->count;
	return true;
}

bool split_like(struct split *split, const struct split_request *request, struct error *error)
{
	struct sizes sizes = sizes_of(request);
	bool done = sizes.held_out == 0 ? keep_all(split, request, sizes, error)
	            : request->stratify ? stratify(split, request, sizes, error)
	                                : permute(split, request, sizes, error);

	if (!done)
		return false;
	select_rows(split->training, &split->training_count, request->max_training, request);
	select_rows(split->held_out, &split->held_out_count, request->max_held_out, request);
	return true;
}
