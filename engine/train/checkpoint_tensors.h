/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A checkpoint's two files of tensors: the weights (of a run that trains adapters those that train, since its base stays as
 * it is) under their Hugging Face names, and AdamW's moments of each as
 * exp_avg.NAME and exp_avg_sq.NAME, as torch.optim calls them. */
#ifndef REVUE_TRAIN_CHECKPOINT_TENSORS_H
#define REVUE_TRAIN_CHECKPOINT_TENSORS_H

#include "engine/train/optimizer.h"

#define CHECKPOINT_WEIGHTS "model.safetensors"
#define CHECKPOINT_MOMENTS "optimizer.safetensors"

/* SHA-256 of the two files, in hex. */
struct checkpoint_hashes {
	char weights[65], moments[65];
};

/* Writes both files into `folder`; `hashes` gets those of what was written. Refuses values that are not finite with
 * ERROR_DATA. */
bool checkpoint_write_tensors(const char *folder, const struct optimizer *optimizer, struct checkpoint_hashes *hashes,
                              struct error *error);

/* Reads both into the optimizer and its model. */
bool checkpoint_read_tensors(const char *folder, struct optimizer *optimizer, struct error *error);

#endif
