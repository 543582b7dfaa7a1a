/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Exact values read off the charts: a step of the run that keys move along. */
#ifndef REVUE_UI_CROSSHAIR_H
#define REVUE_UI_CROSSHAIR_H

#include "ui/charts/run_charts.h"

/* To the next column of the focused chart that has a point, direction -1 or 1; where there is no crosshair yet to the last
 * point in sight, or the first one. False: there is none to go to. */
bool crosshair_move(struct run_charts *charts, const struct run *run, int direction);

/* To the point at this step, or the last before it. */
bool crosshair_go(struct run_charts *charts, const struct run *run, uint64_t step);

/* To the point that lies nearest to this place of the x axis. */
bool crosshair_go_near(struct run_charts *charts, const struct run *run, double x);

/* "step 1,250  loss 0.5213  smoothed 0.4312  0.31 to 0.71 of 21  valid 0.4412 at 1,000": of the focused chart; the points that
 * share a dot column with it are 21 and go from 0.31 to 0.71. In so many columns, 0 without a limit: what matters least is left
 * out first. */
void crosshair_format(const struct run_charts *charts, const struct run *run, int columns, char *out, size_t capacity);

#endif
