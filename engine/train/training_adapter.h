/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The adapters of a training: made, written, and looked at once more after they were written. Without --lora-r each of these
 * does nothing. */
#ifndef REVUE_TRAIN_TRAINING_ADAPTER_H
#define REVUE_TRAIN_TRAINING_ADAPTER_H

#include "engine/train/training.h"

/* Makes them, after the labels are settled and before memory is taken, and says what trains. */
bool training_make_adapter(struct training *training, struct error *error);

/* Writes RUN/adapter where that was asked for. */
bool training_save_adapter(struct training *training, struct error *error);

/* Opens what was written, RUN/model and RUN/adapter, scores a sample of the rows with each, and says that the scores are those
 * of the training; fails where they are not. */
bool training_check_saved(struct training *training, struct error *error);

#endif
