/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lines above the charts: how the run stands, how far it is, its last figures. */
#ifndef REVUE_UI_TRAIN_SUMMARY_H
#define REVUE_UI_TRAIN_SUMMARY_H

#include "ui/app.h"

/* `point`: the step that is told of; NULL: none was logged. `left`: seconds; < 0: not known. */
void train_summary_draw(struct app *app, struct rect rect, const struct run_point *point, double left);

#endif
