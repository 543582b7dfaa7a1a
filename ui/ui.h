/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The screens: everything that touches curses or readline. Stands on the engine's face only.
 * All of it runs on the calling thread, whose program has chosen the locale of its characters (LC_CTYPE) and none for
 * numbers. */
#ifndef REVUE_UI_H
#define REVUE_UI_H

#include "engine/dialect.h"
#include "engine/error.h"

struct ui_request {
	const char *data;    /* a file to open first; NULL: the samples that ship */
	struct dataset_dialect dialect; /* how that file is written; empty: as it was said before, else guessed */
	const char *text_column, *label_column; /* of that file, as in struct dataset_options */
	const char *model;   /* a model folder; NULL: the one that ships */
	const char *run;     /* a run directory to watch (`revue watch`); NULL: none */
	const char *probes;  /* sentences that trainings begun here follow, as --probe has them; NULL: none */
	bool read_only;      /* no file is changed, and nothing told to a training of another process */
	const char *samples; /* where this build finds share/samples/reviews.csv; NULL: nowhere */
	const char *pocket;  /* the same for share/models/pocket */
	bool ascii;          /* only ASCII on the screen */
	bool color;          /* false: no colour, whatever the terminal can (NO_COLOR counts as well) */
	int max_rate;        /* bytes a second that what moves may write; 0: as it is set */
	bool tour;           /* a guided tour (ui/tour) in the current folder, where nothing is to stay: settings are not written */
	bool plain;          /* no screen: what it would show as lines that are only appended (ui/plain); no script */
	const char *script;  /* a file of keys and commands to play, for tests (ui/README); NULL: the keyboard */
};

/* False: a terminal of this type (TERM) is known not to be able to move its cursor. */
bool ui_can_draw(const char *type);

#define UI_FAREWELL_MAX 4096

/* Opens the terminal, runs until the person quits or the terminal goes, closes it. When the terminal went
 * while a training runs, it returns only when that has ended. `farewell` gets a line to print afterwards: what became
 * of a training that was left; "" when there is none. False with one line when the terminal cannot be used; with
 * ERROR_INTERRUPTED after SIGINT, SIGQUIT or SIGTERM. */
bool ui_run(const struct ui_request *request, char farewell[UI_FAREWELL_MAX], struct error *error);

#endif
