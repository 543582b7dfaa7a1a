/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scores of the probes (probes.h) as the model learns. */
#ifndef REVUE_TRAIN_TRAINING_WATCH_H
#define REVUE_TRAIN_TRAINING_WATCH_H

#include "engine/train/training.h"

/* Between steps: scores the probes and writes a line for each, once a step. Changes nothing in the training. */
bool training_watch_probes(struct training *training, struct error *error);

#endif
