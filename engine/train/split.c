/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/split.h"

#include "engine/base/random.h"
#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>

#define ROWS_MAX 200000000u /* the most that random_permutation draws (engine/base/random.h) */

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

/* Puts the drawn rows of one label into `rows`; returns their number. */
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

	return wanted >= (double)rows ? rows - 1 : (uint32_t)wanted;
}

/* Labels too small to give a row of their own share together: the seed draws which of them give one row each, until
 * their joint share is reached. `small` lists them. */
static bool hold_out_small(uint32_t *take, const uint32_t *small, uint32_t count, double share_of_all, uint32_t seed,
                           struct error *error)
{
	uint32_t *order = size_calloc(count, sizeof *order);
	double wanted = round(share_of_all);

	if (!order)
		return error_memory(error, "holding rows out");
	random_permutation(order, count, seed);
	for (uint32_t i = 0; i < count && (double)i < wanted; i++)
		take[small[order[i]]] = 1;
	free(order);
	return true;
}

/* take[label] becomes how many rows of a label are held out; on entry it is how many there are. */
static bool count_held_out(uint32_t *take, int32_t label_count, double share, uint32_t seed, struct error *error)
{
	uint32_t *small = size_calloc((size_t)label_count, sizeof *small), count = 0;
	double share_of_all = 0;
	bool done;

	if (!small)
		return error_memory(error, "holding rows out");
	for (int32_t label = 0; label < label_count; label++) {
		uint32_t rows = take[label];
		bool is_small = share * (double)rows < 1;

		take[label] = rows < 2 || is_small ? 0 : held_out_of(rows, share);
		if (rows < 2 || !is_small)
			continue;
		small[count++] = (uint32_t)label;
		share_of_all += share * (double)rows;
	}
	done = hold_out_small(take, small, count, share_of_all, seed, error);
	free(small);
	return done;
}

static void draw_held_out(uint8_t *fate, const int32_t *labels, uint32_t count, const uint32_t *take,
                          int32_t label_count, uint32_t seed, uint32_t *rows, uint32_t *order)
{
	for (int32_t label = 0; label < label_count; label++) {
		uint32_t found = take[label] ? rows_of(fate, labels, count, label, rows) : 0;

		random_permutation(order, found, seed);
		for (uint32_t i = 0; i < take[label]; i++)
			fate[rows[order[i]]] = HELD_OUT;
	}
}

static bool hold_out(uint8_t *fate, const int32_t *labels, uint32_t count, int32_t label_count, double share,
                     uint32_t seed, struct error *error)
{
	uint32_t *rows = size_calloc(count, sizeof *rows), *order = size_calloc(count, sizeof *order);
	uint32_t *take = size_calloc((size_t)label_count, sizeof *take);
	bool done = (rows && order && take) || error_memory(error, "holding rows out");

	for (uint32_t i = 0; done && i < count; i++)
		take[labels[i]] += fate[i] == TRAINING;
	done = done && count_held_out(take, label_count, share, seed, error);
	if (done)
		draw_held_out(fate, labels, count, take, label_count, seed, rows, order);
	free(take);
	free(order);
	free(rows);
	return done;
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

/* Rounding may draw a row or two more than were asked for; the last ones are dropped. */
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
