/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Through the checkpoints of a run: each as the model that scores. */
#ifndef REVUE_UI_TIME_TRAVEL_H
#define REVUE_UI_TIME_TRAVEL_H

#include "ui/app.h"

/* Loads the checkpoint before the one that is used (by -1) or after it (1). After the last stands the result, if there is one.
 * The run is that of the model, or else the one whose charts are shown. */
void time_travel(struct app *app, int by);

/* The weights of the training of this process, as they stand; or those of the run that is shown, by a checkpoint. */
void time_travel_now(struct app *app);

/* The weights of a run, which another process trains where it is `live`, by a checkpoint of it. */
void time_travel_borrow(struct app *app, const char *run, bool live);

#endif
