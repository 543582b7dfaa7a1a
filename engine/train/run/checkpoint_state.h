/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A checkpoint's state.json: where the run stands, with the SHA-256 of the other files and of itself. */
#ifndef REVUE_TRAIN_CHECKPOINT_STATE_H
#define REVUE_TRAIN_CHECKPOINT_STATE_H

#include "engine/steering.h"
#include "engine/train/optimize/loss_scale.h"
#include "engine/train/optimize/plateau.h"
#include "engine/train/options/best.h"
#include "engine/train/run/checkpoint_tensors.h"

#include <jansson.h>

#define CHECKPOINT_STATE "state.json"
#define CHECKPOINT_TRAINER_STATE "trainer_state.json"

/* Where a run stands, as far as the step does not tell: order, dropout and learning rate are functions of it. */
struct checkpoint_state {
	uint64_t step;       /* steps that were made */
	uint64_t evaluated;  /* the last step that was evaluated; 0: none */
	double seconds;      /* of work so far */
	double loss_sum, window_seconds; /* since the last logged step */
	uint64_t window_examples, window_tokens;
	double grad_norm, learning_rate; /* of the last step, for the line that it may still get */
	double total_loss;   /* of the whole run */
	uint64_t total_examples;
	struct run_evaluation last, best; /* step 0: none; the best as best_is_better tells */
	struct best mark;         /* the best metric; early stopping */
	struct plateau plateau;  /* rate 0: not begun, or the scheduler is another one */
	struct loss_scale scaling; /* scale 0: no step was made; only those in f16 look */
	struct run_steering steering; /* what was changed by hand so far */
	char data_hash[65], model_hash[65], validation_hash[65];
	const struct train_options *options; /* to write; borrowed. NULL, also when it was read: see checkpoint_read_options */
	const char *trainer_state; /* to write: the text of trainer_state.json; borrowed. NULL: none, also when it was read */
};

/* Writes state.json beside the other files in `folder`, which have these hashes. */
bool checkpoint_write_state(const char *folder, const struct checkpoint_state *state,
                            const struct checkpoint_hashes *hashes, struct error *error);

/* Reads state.json and checks its own hash and the other files'. With `quick` the files' sizes only. */
bool checkpoint_read_state(const char *folder, struct checkpoint_state *state, bool quick, struct error *error);

/* The options that a checkpoint, which has been verified, was made with: see options_json.h. A new reference; NULL: an
 * earlier version wrote none. */
json_t *checkpoint_read_options(const char *folder);

#endif
