/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The charts of a run and the lines above and below them, drawn from what its run directory says. */
#ifndef REVUE_UI_TRAIN_CHARTS_H
#define REVUE_UI_TRAIN_CHARTS_H

#include "ui/app.h"

struct train_charts {
	bool report; /* the report before the first step is shown in their place */
	struct chart charts[LAYOUT_CHARTS];
};

void train_charts_draw(struct app *app, struct train_charts *charts, struct rect body);
void train_charts_reset(struct train_charts *charts); /* another run */
void train_charts_free(struct train_charts *charts);

#endif
