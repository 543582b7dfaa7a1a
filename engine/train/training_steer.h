/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A training that somebody changes while it is at work: its peak learning rate, its epochs. What is changed is an event in the log
 * with its step and stands in the checkpoints, so that a run that goes on equals one that was changed so and never ended. */
#ifndef REVUE_TRAIN_TRAINING_STEER_H
#define REVUE_TRAIN_TRAINING_STEER_H

#include "engine/train/training.h"

/* Changes it from this step on and writes what was changed; what is not possible is a note. False: not written. */
bool training_steer(struct training *training, const struct run_steering *asked, struct error *error);

/* Of a run that goes on: the plan as its checkpoint has it, before it is looked at for the first time. */
bool training_steer_plan(struct training *training, struct error *error);

/* After its checkpoint was loaded: reads from the log what was changed after it, and asks for the epochs of the resume. */
bool training_steer_resume(struct training *training, struct error *error);

/* Before a step: what the log has of it. */
bool training_steer_again(struct training *training, struct error *error);

/* Tells the commands what is possible. */
void training_steer_ready(struct training *training);

#endif
