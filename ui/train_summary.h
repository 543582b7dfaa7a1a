/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lines above the charts: how the run stands, how far it is, its last figures. */
#ifndef REVUE_UI_TRAIN_SUMMARY_H
#define REVUE_UI_TRAIN_SUMMARY_H

#include "ui/app.h"

void train_summary_draw(struct app *app, struct rect rect);

#endif
