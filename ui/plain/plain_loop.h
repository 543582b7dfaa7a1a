/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loop of `revue --plain`: one poll over what is typed, signals, the engine's threads, the run directory and whoever takes
 * the lines. */
#ifndef REVUE_UI_PLAIN_PLAIN_LOOP_H
#define REVUE_UI_PLAIN_PLAIN_LOOP_H

#include "ui/app.h"

/* Keys are typed, on a terminal that takes them; else lines come from standard input. */
bool plain_has_terminal(void);

/* Until the person leaves or the input ends. False with one line when it could not begin. */
bool plain_loop(struct app *app, view_teller *const tells[SCREEN_COUNT], struct error *error);

#endif
