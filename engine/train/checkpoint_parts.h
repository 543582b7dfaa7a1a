/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside of checkpoint_*.c: state.json, and the tensors' files. */
#ifndef REVUE_TRAIN_CHECKPOINT_PARTS_H
#define REVUE_TRAIN_CHECKPOINT_PARTS_H

#include "engine/train/checkpoint.h"

#define CHECKPOINT_WEIGHTS "model.safetensors"
#define CHECKPOINT_MOMENTS "optimizer.safetensors"
#define CHECKPOINT_STATE "state.json"

/* Hashes the two files in `folder` and writes state.json beside them. */
bool checkpoint_write_state(const char *folder, const struct checkpoint_state *state, struct error *error);

/* Reads state.json and checks its own hash and the two files'. With `quick` the files' sizes only. */
bool checkpoint_read_state(const char *folder, struct checkpoint_state *state, bool quick, struct error *error);

bool checkpoint_write_tensors(const char *folder, const struct optimizer *optimizer, struct error *error);
bool checkpoint_read_tensors(const char *folder, struct optimizer *optimizer, struct error *error);

#endif
