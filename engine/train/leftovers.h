/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a trainer that was killed left half written: temporary files beside those that they were to replace, and
 * unfinished checkpoints. Only the holder of the run's lock may remove them. */
#ifndef REVUE_TRAIN_LEFTOVERS_H
#define REVUE_TRAIN_LEFTOVERS_H

void leftovers_remove(const char *run);

#endif
