/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A bar for every label of a model, as the Reviews and the Score screen draw them. */
#ifndef REVUE_UI_SCORE_BARS_H
#define REVUE_UI_SCORE_BARS_H

#include "engine/model.h"
#include "ui/terminal/widgets.h"

/* `scores` is [num_labels], `best` the label that is predicted. In the order of the model; where there are more labels
 * than rows, those with the highest scores in their order, and in the last row how many are left out. */
void score_bars_draw(struct terminal *terminal, struct rect rect, const struct model *model, const float *scores,
                     int32_t best, enum style bar);

/* The same for a room of people: three rows a label. */
void score_bars_draw_large(struct terminal *terminal, struct rect rect, const struct model *model, const float *scores,
                           int32_t best);

/* The glyphs of `text` that do not count for a score of it, dim. */
struct text_span score_bars_unread(const struct scrubbed *text, const struct score *score);

/* The label that follows `after` in the order of falling scores (-1: the first of all). Labels of equal score come in the order
 * of the model. -1: there is none. Shown for tests. */
int32_t score_bars_next(const float *scores, int32_t count, int32_t after);

#endif
