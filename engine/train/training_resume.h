/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Going on with a run: its newest good checkpoint, and whether that was made from what run.json says. */
#ifndef REVUE_TRAIN_TRAINING_RESUME_H
#define REVUE_TRAIN_TRAINING_RESUME_H

#include "engine/train/training.h"

/* Before anything is opened: finds the checkpoint that a resumed run goes on from, training->checkpoint, and checks that it
 * was made with the options, the data and the model of run.json. True without one where there is none. */
bool training_find_checkpoint(struct training *training, struct error *error);

/* When model, data and optimizer are there: loads the checkpoint and takes the log back to it. */
bool training_go_on(struct training *training, struct error *error);

#endif
