/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/split_folds.h"

#include "engine/base/numpy_random.h"
#include "engine/base/random.h"
#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

#define NO_FOLD UINT32_MAX

/* Dealing */

struct dealer {
	enum split_kind kind;
	struct numpy_random numpy;
	uint32_t seed; /* of the next order */
	uint32_t *order, *room; /* [rows] scratch */
};

/* Puts `values` into a drawn order. */
static void shuffle(struct dealer *dealer, uint32_t *values, uint32_t count)
{
	if (dealer->kind == SPLIT_SKLEARN) {
		numpy_shuffle(&dealer->numpy, values, count);
		return;
	}
	random_permutation(dealer->order, count, dealer->seed++);
	memcpy(dealer->room, values, count * sizeof *values);
	for (uint32_t i = 0; i < count; i++)
		values[i] = dealer->room[dealer->order[i]];
}

/* All rows in a drawn order, cut into folds. */
static void deal_rows(struct dealer *dealer, const struct split_request *request, uint32_t *fold_of, uint32_t *drawn)
{
	const uint32_t count = (uint32_t)request->count;
	uint32_t at = 0;

	for (uint32_t i = 0; i < count; i++)
		drawn[i] = i;
	shuffle(dealer, drawn, count);
	for (struct fold fold = {1, request->fold.of}; fold.number <= fold.of; fold.number++)
		for (uint64_t left = fold_count(fold, count); left > 0; left--)
			fold_of[drawn[at++]] = fold.number;
}

/* The rows of one label: which folds they go to follows from where they would stand were all rows sorted by their labels,
 * every k-th to the same fold; which of them goes where is drawn. */
static void deal_label(struct dealer *dealer, const struct split_request *request, int32_t label, uint32_t first, uint32_t rows,
                       uint32_t *fold_of, uint32_t *drawn)
{
	const uint32_t folds = request->fold.of;
	uint32_t made = 0;

	for (uint32_t fold = 0; fold < folds; fold++)
		for (uint32_t i = (fold + folds - first % folds) % folds; i < rows; i += folds)
			drawn[made++] = fold + 1;
	shuffle(dealer, drawn, rows);
	made = 0;
	for (size_t i = 0; i < request->count; i++)
		if (request->labels[i] == label)
			fold_of[i] = rows == 1 && dealer->kind == SPLIT_REVUE ? NO_FOLD : drawn[made++];
}

/* Labels in the order in which they first appear. */
static bool deal_labels(struct dealer *dealer, const struct split_request *request, uint32_t *fold_of, uint32_t *drawn,
                        struct error *error)
{
	uint32_t *rows = size_calloc((size_t)request->label_count, sizeof *rows), first = 0;

	if (!rows)
		return error_memory(error, "dealing rows to folds");
	for (size_t i = 0; i < request->count; i++)
		rows[request->labels[i]]++;
	for (size_t i = 0; i < request->count; i++) {
		const int32_t label = request->labels[i];

		if (rows[label] == 0)
			continue;
		deal_label(dealer, request, label, first, rows[label], fold_of, drawn);
		first += rows[label];
		rows[label] = 0;
	}
	free(rows);
	return true;
}

static void collect(struct split *split, const struct split_request *request, const uint32_t *fold_of)
{
	split->training_count = split->held_out_count = 0;
	for (uint32_t i = 0; i < request->count; i++) {
		if (fold_of[i] == request->fold.number)
			split->held_out[split->held_out_count++] = i;
		else
			split->training[split->training_count++] = i;
	}
}

bool split_fold(struct split *split, const struct split_request *request, struct error *error)
{
	struct dealer dealer = {.kind = request->kind, .seed = request->seed, .order = size_calloc(request->count, sizeof(uint32_t)),
	                        .room = size_calloc(request->count, sizeof(uint32_t))};
	uint32_t *fold_of = size_calloc(request->count, sizeof *fold_of), *drawn = size_calloc(request->count, sizeof *drawn);
	bool done = (dealer.order && dealer.room && fold_of && drawn) || error_memory(error, "dealing rows to folds");

	numpy_random_state(&dealer.numpy, request->seed);
	if (done && request->stratify)
		done = deal_labels(&dealer, request, fold_of, drawn, error);
	else if (done)
		deal_rows(&dealer, request, fold_of, drawn);
	if (done)
		collect(split, request, fold_of);
	free(dealer.order);
	free(dealer.room);
	free(fold_of);
	free(drawn);
	return done;
}
