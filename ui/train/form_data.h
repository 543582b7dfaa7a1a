/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fields of the form that say how the file of the Data screen is read: its columns and its dialect. */
#ifndef REVUE_UI_FORM_DATA_H
#define REVUE_UI_FORM_DATA_H

#include "engine/options.h"
#include "ui/session.h"

bool form_data_is_column(const struct option_row *row); /* that of the texts or that of the labels */

/* Which column of the open file a text means; -1: none that could be taken, which the error says. */
int form_data_column(const struct session *session, const struct option_row *row, const char *text, struct error *error);

/* Sets it there. False with one line: why it cannot be. */
bool form_data_set(struct session *session, const struct option_row *row, const char *text, struct error *error);

#endif
