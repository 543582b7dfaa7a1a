/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RUN/checkpoint-000250: the weights, the optimizer's moments, trainer_state.json for others' tools, and a state.json with
 * the SHA-256 of all of them and of itself.
 * It is written under another name and renamed when all of it is on the disk, and it counts only when everything
 * verifies: a crash, a power cut or a flipped bit at any instant costs the newest checkpoint at most. Only the holder of
 * the run's lock may write, remove or clean. */
#ifndef REVUE_TRAIN_CHECKPOINT_H
#define REVUE_TRAIN_CHECKPOINT_H

#include "engine/train/optimize/optimizer.h"
#include "engine/train/run/checkpoint_state.h"

#define CHECKPOINT_NAME 64

/* "checkpoint-000250" */
void checkpoint_name(char name[CHECKPOINT_NAME], uint64_t step);

/* Whether there is one of this step that looks whole: only state.json is read. */
bool checkpoint_is_there(const char *run, uint64_t step);

/* Writes a checkpoint, verifies it and then removes older ones so that `keep` stay, but never that of the best evaluation,
 * state->mark.saved. Refuses weights that are
 * not finite with ERROR_DATA: those never replace good ones. */
bool checkpoint_write(const char *run, const struct checkpoint_state *state, const struct optimizer *optimizer,
                      int64_t keep, struct error *error);

/* The same from copies. On any thread. */
bool checkpoint_write_copy(const char *run, const struct checkpoint_state *state, const struct checkpoint_tensors *copy,
                           int64_t keep, struct error *error);

/* The newest checkpoint that verifies. `skipped` is told why of each newer one that does not. False: there is
 * none. */
struct checkpoint_skipped {
	void (*tell)(void *context, const char *name, const struct error *why);
	void *context;
};
bool checkpoint_newest(const char *run, char name[CHECKPOINT_NAME], struct checkpoint_state *state,
                       const struct checkpoint_skipped *skipped);

/* The newest one that looks whole, which is much quicker to tell: only state.json is read. */
bool checkpoint_glance(const char *run, struct checkpoint_state *state);

/* Whether one verifies. Shown for tests. */
bool checkpoint_verify(const char *run, const char *name, struct checkpoint_state *state, struct error *error);

/* Puts a verified checkpoint into the optimizer and its model. */
bool checkpoint_load(const char *run, const char *name, const struct checkpoint_state *state,
                     struct optimizer *optimizer, struct error *error);

/* Removes what a crash left half made. */
void checkpoint_clean(const char *run);

#endif
