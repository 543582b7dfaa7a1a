/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The run directory as a place: where a new run may be put, so that nothing of somebody's is written over, cut or
 * removed, and what a trainer that was killed left half written there. */
#ifndef REVUE_TRAIN_DIRECTORY_H
#define REVUE_TRAIN_DIRECTORY_H

#include "engine/error.h"

/* Whether a new run may be put there; see trainer_check. Makes nothing. */
bool directory_check(const char *directory, struct error *error);

/* Removes what a run left that failed before its first step: its log. It holds nothing that one would miss. */
bool directory_forget(const char *directory, struct error *error);

/* Removes what a killed trainer left half written: temporary files beside those that they were to replace, and
 * unfinished checkpoints. Only the holder of the run's lock may. */
void directory_clean(const char *directory);

#endif
