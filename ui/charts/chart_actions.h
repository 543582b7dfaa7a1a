/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the keys of the charts do. */
#ifndef REVUE_UI_CHART_ACTIONS_H
#define REVUE_UI_CHART_ACTIONS_H

#include "ui/app.h"
#include "ui/charts/run_charts.h"

/* Does an action of the charts; false: it is none of theirs. There is a run. */
bool chart_action(struct app *app, struct run_charts *charts, enum action action, const char *argument);

/* Looks whether runs were read and files written. */
void chart_actions_wake(struct app *app, struct run_charts *charts);

#endif
