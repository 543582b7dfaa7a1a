/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the forms have in common, that of a training and that of how a file is written: what stands below the fields, and the
 * command line that does the same. */
#ifndef REVUE_UI_FORM_H
#define REVUE_UI_FORM_H

#include "engine/options.h"
#include "ui/app.h"

/* What a field takes: in the last row, or in the last two where it is long. */
void form_draw_help(struct app *app, struct rect rect, const char *text, enum style style);

/* The words that a field can be. */
struct form_choices {
	const void *of;
	int count;
	int place; /* of the present word; -1: it is none of them */
	const char *(*word)(const void *of, int step, char out[OPTION_TEXT_MAX]); /* so many after the present one, all around */
};

/* In the first row, the present one marked; those at the end that have no room are left out, never the present one. */
void form_draw_choices(struct app *app, struct rect rect, const struct form_choices *choices);

/* The command line that does the same as a form. It is taken over, and copied where the terminal allows that; NULL: nothing
 * is said. */
void form_show_command(struct app *app, char **shown, char *command);
void form_draw_command(struct app *app, struct rect body, const char *command);

/* Every action of the form, or a step back, takes it away. */
void form_hide_command(char **shown, enum action action);

#endif
