/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The screens: everything that touches curses or readline. Stands on the engine's face (engine/*.h) only.
 * All of it runs on the calling thread. */
#ifndef REVUE_UI_H
#define REVUE_UI_H

#include "engine/error.h"

struct ui_request {
	const char *data;  /* a file to open first; NULL: the recent one or the samples that ship */
	const char *model; /* a model folder; NULL: the one that ships */
	const char *run;   /* a run directory to watch (`revue watch`); NULL: none */
	bool ascii;        /* only ASCII on the screen */
	bool color;        /* false: no colour, whatever the terminal can */
	const char *script; /* a file of keys and commands to play, for tests; NULL: the keyboard */
};

/* Opens the terminal, runs until the person quits or the terminal goes, closes it. When the terminal went
 * while a training runs, it returns only when that has ended. False with one line when the terminal
 * cannot be used. */
bool ui_run(const struct ui_request *request, struct error *error);

#endif
