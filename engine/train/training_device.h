/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a GPU tells of itself while it trains: memory that is used, watts, temperature; and which share of what it can multiply
 * at most the training reaches. Nothing of all that for a training on the processor. */
#ifndef REVUE_TRAIN_TRAINING_DEVICE_H
#define REVUE_TRAIN_TRAINING_DEVICE_H

#include "engine/train/training.h"

/* Adds what is known now to the figures of a step, tokens_per_second among them.
 *
 * peak_share   floating-point operations a second over those of the device (engine/backend/peak.h): six for each weight of a
 *              layer and token, those of attention likewise, as "model FLOPs utilization" counts them (Chowdhery et al. 2022,
 *              appendix B). Only where all weights train: else a step does less. */
void training_device_read(struct training *training, struct run_point *point);

/* The most of it in one line of the log, after the last step. */
void training_device_tell(struct training *training);

#endif
