/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scores of a review in words. */
#ifndef REVUE_UI_PLAIN_TELL_SCORES_H
#define REVUE_UI_PLAIN_TELL_SCORES_H

#include "engine/model.h"

/* "negative 81.2 percent, positive 18.8 percent": the highest first, ten at most. `scores` is [num_labels]. Not scrubbed. */
#define TELL_SCORES_MAX 1024
void tell_scores(const struct model *model, const float *scores, char out[TELL_SCORES_MAX]);

#endif
