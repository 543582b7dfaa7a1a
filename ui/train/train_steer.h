/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Orders to the training that is shown, of this process or another: a part of the Train screen. */
#ifndef REVUE_UI_TRAIN_STEER_H
#define REVUE_UI_TRAIN_STEER_H

#include "ui/app.h"

bool train_steer_is_live(const struct app *app);
bool train_steer_is_paused(const struct app *app);
bool train_steer_can_resume(const struct app *app);
bool train_steer_can_extend(const struct app *app); /* it is over, and goes on where it is given more epochs */

/* Does an action that is an order (engine/steering.h); what it needs is asked for. One that is over takes none: its epochs are of who can
 * go on with it. False: it is none. */
bool train_steer_act(struct app *app, enum action action, const char *argument);

#endif
