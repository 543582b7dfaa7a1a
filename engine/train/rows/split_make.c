/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/split_make.h"

#include "engine/base/numpy_random.h"
#include "engine/base/random.h"
#include "engine/base/size.h"
#include "engine/train/rows/split_like.h"

#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Keeps `most` rows of those that are held out, drawn with the seed. */
static bool keep_some(struct split *split, uint64_t most, uint32_t seed, struct error *error)
{
	uint32_t count = split->held_out_count, *order;

	if (most == 0 || most >= count)
		return true;
	order = size_calloc(count, sizeof *order);
	if (!order)
		return error_memory(error, "drawing rows");
	random_permutation(order, count, seed);
	for (uint32_t i = 0; i < count; i++)
		order[i] = split->held_out[order[i]];
	memcpy(split->held_out, order, (size_t)most * sizeof *order);
	qsort(split->held_out, (size_t)most, sizeof *order, ascending);
	split->held_out_count = (uint32_t)most;
	free(order);
	return true;
}

/* Without stratifying all rows count as of one label. */
static bool draw_own(struct split *split, const struct split_request *request, struct error *error)
{
	double share = request->held_out < 1 ? request->held_out : request->held_out / (double)request->count;
	int32_t *labels = request->stratify ? NULL : size_calloc(request->count, sizeof *labels);
	bool done;

	if (!request->stratify && !labels)
		return error_memory(error, "drawing rows");
	done = split_draw(split, labels ? labels : request->labels, request->count, labels ? 1 : request->label_count, share,
	                  request->max_training, request->seed, error) &&
	       keep_some(split, request->max_held_out, request->seed, error);
	free(labels);
	return done;
}

static bool draw_like(struct split *split, const struct split_request *request, struct error *error)
{
	split->training = size_calloc(request->count, sizeof *split->training);
	split->held_out = size_calloc(request->count, sizeof *split->held_out);
	return split->training && split->held_out ? split_like(split, request, error) : error_memory(error, "drawing rows");
}

bool split_make(struct split *split, const struct split_request *request, struct error *error)
{
	struct numpy_random random;
	uint64_t training, held_out;

	RETURN_IF(request->count > SPLIT_ROWS_MAX, error, ERROR_DATA, "%zu rows are too many: %u can be used", request->count,
	          SPLIT_ROWS_MAX);
	split_count(request, &training, &held_out);
	RETURN_IF(training == 0, error, ERROR_DATA, "of %zu rows none is left to train on: hold out fewer with --validation",
	          request->count);
	if (!(request->kind == SPLIT_REVUE ? draw_own : draw_like)(split, request, error))
		return false;
	/* datasets shuffles before it selects: split_like has done that. */
	if (request->shuffle && (request->kind != SPLIT_DATASETS || request->max_training == 0)) {
		numpy_default_rng(&random, request->seed);
		numpy_shuffle(&random, split->training, split->training_count);
	}
	return true;
}

bool split_sample(struct split *split, const struct split_request *request, struct error *error)
{
	struct split_request swapped = *request;

	swapped.held_out = 0;
	swapped.shuffle = false;
	swapped.max_training = request->max_held_out;
	if (!split_make(split, &swapped, error))
		return false;
	free(split->held_out);
	split->held_out = split->training;
	split->held_out_count = split->training_count;
	split->training = NULL;
	split->training_count = 0;
	qsort(split->held_out, split->held_out_count, sizeof *split->held_out, ascending);
	return true;
}
