/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A checkpoint's two files of tensors: the weights (of a run that trains adapters those that train, since its base stays as
 * it is) under their Hugging Face names, and AdamW's moments of each as
 * exp_avg.NAME and exp_avg_sq.NAME, as torch.optim calls them. */
#ifndef REVUE_TRAIN_CHECKPOINT_TENSORS_H
#define REVUE_TRAIN_CHECKPOINT_TENSORS_H

#include "engine/train/optimize/optimizer.h"

#define CHECKPOINT_WEIGHTS "model.safetensors"
#define CHECKPOINT_MOMENTS "optimizer.safetensors"

/* SHA-256 of the files of a checkpoint, in hex. */
struct checkpoint_hashes {
	char weights[65], moments[65];
	char trainer_state[65]; /* "": there is no such file */
};

/* Writes both files into `folder`; `hashes` gets theirs. Refuses values that are not finite with
 * ERROR_DATA. */
bool checkpoint_write_tensors(const char *folder, const struct optimizer *optimizer, struct checkpoint_hashes *hashes,
                              struct error *error);

/* Copies of all those values in memory of the host, which is taken once and kept: from them both files can be written while
 * the training goes on. */
struct checkpoint_tensors;

/* Bytes that such copies of these rows take; `adapters`: the model has some. plan NULL: as optimizer_memory has it. */
uint64_t checkpoint_tensors_memory(const struct parameter *parameters, int count, bool adapters,
                                   const struct optimizer_plan *plan);

/* Room for them; NULL: no memory. The optimizer and its model, which are borrowed, stay as they are from here on but for
 * their values. The caller frees it, before them. */
struct checkpoint_tensors *checkpoint_tensors_new(const struct optimizer *optimizer, struct error *error);
void checkpoint_tensors_free(struct checkpoint_tensors *tensors);

/* Copies the values as they stand now. On the thread that makes the steps. False: the device failed, and they are not. */
bool checkpoint_tensors_take(struct checkpoint_tensors *tensors, struct error *error);

/* As checkpoint_write_tensors, with the values of the last take. On any thread. */
bool checkpoint_tensors_write(const struct checkpoint_tensors *tensors, const char *folder,
                              struct checkpoint_hashes *hashes, struct error *error);

/* Reads both into the optimizer and its model. */
bool checkpoint_read_tensors(const char *folder, struct optimizer *optimizer, struct error *error);

#endif
