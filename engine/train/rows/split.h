/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which of the usable rows train and which are held out to measure on, and in which order those that train stand: a
 * function of the labels, the numbers and the seed. Either revue's own way, or row for row what a script gets that splits
 * with scikit-learn, datasets or torch (split_like.h). split_make.h draws either. */
#ifndef REVUE_TRAIN_SPLIT_H
#define REVUE_TRAIN_SPLIT_H

#include "engine/error.h"
#include "engine/options.h"

#include <stddef.h>
#include <stdint.h>

#define SPLIT_ROWS_MAX 200000000u /* the most that random_permutation draws (engine/base/random.h) */

enum split_kind { SPLIT_REVUE, SPLIT_SKLEARN, SPLIT_DATASETS, SPLIT_TORCH };

/* The kind of its word, one of the choices of --split. Shown for tests. */
enum split_kind split_find(const char *word);

/* Indices into the rows. Of SPLIT_REVUE both are ascending; of the others they stand in the order of their tool, which is
 * that in which its data set is trained on. Start with {0}, end with split_free. */
struct split {
	uint32_t *training, *held_out;
	uint32_t training_count, held_out_count;
};

struct split_request {
	enum split_kind kind;
	bool stratify;          /* each label's share is held out; not of SPLIT_TORCH */
	bool shuffle;           /* the training rows are put into the order of datasets' train.shuffle(seed) */
	const int32_t *labels;  /* [count], 0 .. label_count - 1, each at least once, in the order of their names */
	const char *const *names; /* [label_count], for messages; NULL: numbers do */
	int32_t label_count;
	size_t count;
	double held_out;        /* below 1 a share, else so many rows; 0: none */
	uint64_t max_training, max_held_out; /* 0: all */
	uint32_t seed;
};

/* The parts of a request that the options say: the kind, the seed, how many. Where `validation` is a file, which is not for
 * this to know, held_out is to be set to 0. */
void split_take_options(struct split_request *request, const struct train_options *options);

/* How many rows are held out and how many train, in advance; where SPLIT_REVUE stratifies, the rounding of each label may
 * come to a few rows more or less. */
void split_count(const struct split_request *request, uint64_t *training, uint64_t *held_out);

/* SPLIT_REVUE, stratified. Holds out `share` of each label's rows, rounded to the nearest. Labels whose share is less than
 * one row are taken together: as many of them give one row as their shares add up to. Every label keeps a row to train on.
 * With max_training > 0, only so many rows are drawn at first that max_training are left after the split.
 *
 * labels  [count], 0 .. label_count - 1 */
bool split_draw(struct split *split, const int32_t *labels, size_t count, int32_t label_count, double share,
                uint64_t max_training, uint32_t seed, struct error *error);
void split_free(struct split *split);

#endif
