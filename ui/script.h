/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Key scripts: what tests play instead of a keyboard (ui/README has the words). */
#ifndef REVUE_UI_SCRIPT_H
#define REVUE_UI_SCRIPT_H

#include "engine/error.h"

struct app;
struct script;

struct script *script_open(const char *path, struct error *error);
void script_close(struct script *script);

/* Plays lines until one has to wait. False: the script failed, and says in which line. */
bool script_play(struct script *script, struct app *app, struct error *error);

/* Milliseconds until script_play wants to be called again; -1: when something happens. */
int script_timeout(const struct script *script);

#endif
