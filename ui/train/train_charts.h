/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The charts of a run and the lines above and below them, on the Train screen. */
#ifndef REVUE_UI_TRAIN_CHARTS_H
#define REVUE_UI_TRAIN_CHARTS_H

#include "ui/app.h"
#include "ui/charts/run_charts.h"

void train_charts_draw(struct app *app, struct run_charts *charts, struct rect body);

#endif
