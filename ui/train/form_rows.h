/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rows the form of a training shows: some fields of its own, the options that most trainings set, and a line for each
 * other theme, below which its options stand where it is open. Pure: knows no terminal.
 *
 * A field is a number that stays the same whatever is open: first the form's own, `own` of them, then the rows of the
 * options table, then the themes. */
#ifndef REVUE_UI_FORM_ROWS_H
#define REVUE_UI_FORM_ROWS_H

#include "engine/options.h"

#include <stdbool.h>

struct form_rows {
	int own;
	bool open[OPTION_THEME_COUNT];
};

int form_rows_count(const struct form_rows *rows);
int form_rows_field(const struct form_rows *rows, int row); /* row < form_rows_count */
int form_rows_row(const struct form_rows *rows, int field); /* -1: it is folded away */

const struct option_row *form_rows_option(const struct form_rows *rows, int field); /* NULL: no option */
int form_rows_theme(const struct form_rows *rows, int field); /* -1: no line of a theme */

/* The first field after `field` (and then from the start) that is called so in part, upper and lower case, '-' and '_'
 * alike, or whose help has the words; its theme is opened. -1: none. `name` tells how the form calls its own fields. */
int form_rows_find(struct form_rows *rows, int field, const char *text, const char *(*name)(int field));

#endif
