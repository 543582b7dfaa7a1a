/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trainer_state.json, of a whole run and of each checkpoint, as transformers' TrainerState.load_from_json reads it.
 *
 * Source: TrainerState of transformers' trainer_callback.py; it refuses a key that it does not know. */
#ifndef REVUE_TRAIN_TRAINER_STATE_H
#define REVUE_TRAIN_TRAINER_STATE_H

#include "engine/train/optimize/occasions.h"
#include "engine/train/optimize/schedule.h"
#include "engine/train/options/best.h"
#include "engine/train/run/checkpoint_state.h"

/* What stays the same for a whole run; borrowed. Readable from any thread. */
struct trainer_constants {
	const char *run; /* the directory; NULL: nothing is made of any of it */
	const struct schedule *schedule;
	const struct occasions *occasions;
	const struct best_rule *rule;
};

/* The text of the file, of a run whose log was read: its lines up to the step of `state`, and after them `last`, which is
 * borrowed; NULL: nothing. The caller frees the text; NULL: no memory. */
char *trainer_state_text(const struct trainer_constants *constants, const struct checkpoint_state *state,
                         const struct run *run, json_t *last, struct error *error);

/* The same of a run whose log is read for it, while another thread may be adding the lines of later steps. NULL also where the
 * log cannot be read to its end. */
char *trainer_state_read(const struct trainer_constants *constants, const struct checkpoint_state *state,
                         struct error *error);

#endif
