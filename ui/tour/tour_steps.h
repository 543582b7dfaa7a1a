/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps of the tour, and the settings of its training. */
#ifndef REVUE_UI_TOUR_TOUR_STEPS_H
#define REVUE_UI_TOUR_TOUR_STEPS_H

#include "ui/tour/tour.h"

extern const struct tour_step tour_steps[];
extern const int tour_step_count;

/* Makes the form such that a training of the samples is worth looking at, and lasts less than a minute on two cores. */
void tour_prepare(struct app *app);

#endif
