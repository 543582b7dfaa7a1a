/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/split.h"

#include "engine/base/random.h"
#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>

#define ROWS_MAX 200000000u /* random_permutation draws no more */

enum { OUT, TRAINING, HELD_OUT }; /* what becomes of a row */

/* Marks `take` of all rows, drawn with the seed, as TRAINING. */
static bool draw_rows(uint8_t *fate, uint32_t count, uint32_t take, uint32_t seed, struct error *error)
{
	uint32_t *order = size_calloc(count, sizeof *order);

	if (!order)
		return error_memory(error, "drawing rows");
	random_permutation(order, count, seed);
	for (uint32_t i = 0; i < take; i++)
		fate[order[i]] = TRAINING;
	free(order);
	return true;
}

/* The rows of one label that were drawn, into `rows`; their number. */
static uint32_t rows_of(const uint8_t *fate, const int32_t *labels, uint32_t count, int32_t label, uint32_t *rows)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < count; i++)
		if (fate[i] == TRAINING && labels[i] == label)
			rows[found++] = i;
	return found;
}

static uint32_t held_out_of(uint32_t rows, double share)
{
	double wanted = round(share * (double)rows);

	if (rows < 2 || wanted < 1)
		return 0;
	return wanted >= (double)rows ? rows - 1 : (uint32_t)wanted;
}

static bool hold_out(uint8_t *fate, const int32_t *labels, uint32_t count, int32_t label_count, double share,
                     uint32_t seed, struct error *error)
{
	uint32_t *rows = size_calloc(count, sizeof *rows), *order = size_calloc(count, sizeof *order);

	for (int32_t label = 0; rows && order && label < label_count; label++) {
		uint32_t found = rows_of(fate, labels, count, label, rows);
		uint32_t take = held_out_of(found, share);
		random_permutation(order, found, seed);
		for (uint32_t i = 0; i < take; i++)
			fate[rows[order[i]]] = HELD_OUT;
	}
	free(order);
	free(rows);
	return (rows && order) || error_memory(error, "holding rows out");
}

static uint32_t rows_with(const uint8_t *fate, uint32_t count, uint8_t wanted, uint32_t *out, uint32_t limit)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < count && found < limit; i++)
		if (fate[i] == wanted)
			out[found++] = i;
	return found;
}

static uint32_t rows_to_draw(uint32_t count, double share, uint64_t max_training)
{
	double wanted = max_training ? ceil((double)max_training / (1 - share)) : (double)count;

	return wanted < (double)count ? (uint32_t)wanted : count;
}

/* Rounding may leave a row or two more than were asked for: the last ones go. */
static bool collect(struct split *split, const uint8_t *fate, uint32_t count, uint64_t max_training,
                    struct error *error)
{
	uint32_t limit = max_training && max_training < count ? (uint32_t)max_training : count;

	split->training = size_calloc(count, sizeof *split->training);
	split->held_out = size_calloc(count, sizeof *split->held_out);
	if (!split->training || !split->held_out)
		return error_memory(error, "drawing rows");
	split->training_count = rows_with(fate, count, TRAINING, split->training, limit);
	split->held_out_count = rows_with(fate, count, HELD_OUT, split->held_out, count);
	return true;
}

bool split_draw(struct split *split, const int32_t *labels, size_t count, int32_t label_count, double share,
                uint64_t max_training, uint32_t seed, struct error *error)
{
	uint32_t rows = (uint32_t)count;
	uint8_t *fate;
	bool done;

	RETURN_IF(count > ROWS_MAX, error, ERROR_DATA, "%zu rows are too many: %u can be used", count, ROWS_MAX);
	fate = size_calloc(count, 1);
	if (!fate)
		return error_memory(error, "drawing rows");
	done = draw_rows(fate, rows, rows_to_draw(rows, share, max_training), seed, error) &&
	       (share <= 0 || hold_out(fate, labels, rows, label_count, share, seed, error)) &&
	       collect(split, fate, rows, max_training, error);
	free(fate);
	return done;
}

void split_free(struct split *split)
{
	free(split->training);
	free(split->held_out);
	*split = (struct split){0};
}
