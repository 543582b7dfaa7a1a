/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The name of one fold of a cross-validation, as --validation 2/5 has it. */
#ifndef REVUE_TRAIN_FOLD_H
#define REVUE_TRAIN_FOLD_H

#include "engine/error.h"

#include <stdint.h>

#define FOLDS_MAX 1000

/* `number` from 1 of `of` folds; of 0: there are none. */
struct fold {
	uint32_t number, of;
};

/* Whether a text is written like a fold: digits, '/', digits. */
bool fold_parse(const char *text, struct fold *fold);

/* False with ERROR_USAGE where there is no such fold: 1 to `of`, of 2 to FOLDS_MAX. */
bool fold_check(struct fold fold, struct error *error);

/* How many of `count` rows are held out, where each is in a fold. */
uint64_t fold_count(struct fold fold, uint64_t count);

#endif
