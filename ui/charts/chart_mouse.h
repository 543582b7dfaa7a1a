/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the mouse does on charts: a click chooses the chart and sets the crosshair, the wheel zooms around the pointer, a drag
 * pans. */
#ifndef REVUE_UI_CHART_MOUSE_H
#define REVUE_UI_CHART_MOUSE_H

#include "ui/charts/run_charts.h"
#include "ui/terminal/key.h"
#include "ui/terminal/layout.h"

/* `metric` is drawn in `rect`, and y, x, a cell of the screen, lie in it. */
void chart_mouse(struct run_charts *charts, const struct run *run, int metric, struct rect rect, enum mouse_deed deed, int x);

#endif
