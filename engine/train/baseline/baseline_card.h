/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * README.md of a folder with a baseline: what it is, and what it is not. */
#ifndef REVUE_TRAIN_BASELINE_CARD_H
#define REVUE_TRAIN_BASELINE_CARD_H

#include "engine/base/buffer.h"
#include "engine/baseline.h"

/* Replaces FOLDER/README.md. `data`: the path of the reviews, of which the name alone is told. */
bool baseline_card_write(const struct baseline *baseline, const char *folder, const char *data, struct error *error);

#endif
