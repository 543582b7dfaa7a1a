/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tour asks of the Train screen, whose state is its own. */
#ifndef REVUE_UI_TRAIN_TRAIN_ASK_H
#define REVUE_UI_TRAIN_TRAIN_ASK_H

#include "ui/charts/run_charts.h"
#include "ui/train/train_form.h"

/* `state` is that of screen_train. Borrowed. */
struct train_form *train_ask_form(void *state);
const struct run_charts *train_ask_charts(const void *state);

#endif
