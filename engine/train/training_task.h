/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of struct training_task, one a word of --task. */
#ifndef REVUE_TRAIN_TRAINING_TASK_H
#define REVUE_TRAIN_TRAINING_TASK_H

#include "engine/train/training.h"

const struct training_task *training_task_find(const char *word);

#endif
