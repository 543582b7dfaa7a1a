/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which of the usable rows train and which are held out to measure on: a function of the labels, the two
 * numbers and the seed. */
#ifndef REVUE_TRAIN_SPLIT_H
#define REVUE_TRAIN_SPLIT_H

#include "engine/error.h"

#include <stddef.h>
#include <stdint.h>

/* Indices into the rows, ascending. Start with {0}, end with split_free. */
struct split {
	uint32_t *training, *held_out;
	uint32_t training_count, held_out_count;
};

/* Holds out `share` of each label's rows, rounded to the nearest. Labels whose share is less than one row are taken
 * together: as many of them give one row as their shares add up to. Every label keeps a row to train on. With
 * max_training > 0, only so many rows are drawn at first that max_training are left after the split.
 *
 * labels  [count], 0 .. label_count - 1 */
bool split_draw(struct split *split, const int32_t *labels, size_t count, int32_t label_count, double share,
                uint64_t max_training, uint32_t seed, struct error *error);
void split_free(struct split *split);

#endif
