/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/form_data.h"

#include <stddef.h>
#include <stdlib.h>

bool form_data_is_column(const struct option_row *row)
{
	return row->offset == offsetof(struct train_options, text_column) ||
	       row->offset == offsetof(struct train_options, label_column);
}

/* By its name or, as on the command line, its number from 1; -1: there is none. */
static int find_column(const struct dataset *dataset, const char *text)
{
	const int column = dataset_find_column(dataset, text);
	char *end;
	const long number = strtol(text, &end, 10);

	if (column >= 0)
		return column;
	return *text && !*end && number >= 1 && number <= dataset_columns(dataset) ? (int)number - 1 : -1;
}

int form_data_column(const struct session *session, const struct option_row *row, const char *text, struct error *error)
{
	const bool is_text = row->offset == offsetof(struct train_options, text_column);
	const int column = find_column(session->dataset, text);

	if (!*text)
		error_set(error, ERROR_USAGE, "--%s: which column? The Data screen (1) lists them", row->name);
	else if (column < 0)
		error_set(error, ERROR_USAGE, "--%s: no column is called %s; the Data screen (1) lists them", row->name, text);
	else if (!is_text && column == session_text_column(session))
		error_set(error, ERROR_USAGE, "--%s: that column is the text: choose another --text-column first", row->name);
	else
		return column;
	return -1;
}

static bool set_column(struct session *session, const struct option_row *row, const char *text, struct error *error)
{
	const bool is_text = row->offset == offsetof(struct train_options, text_column);
	const int column = form_data_column(session, row, text, error);
	const int other = is_text ? session_label_column(session) : session_text_column(session);

	if (column < 0)
		return false;
	if (is_text)
		session_set_columns(session, column, other == column ? -1 : other);
	else
		session_set_columns(session, other, column);
	return true;
}

/* The file is opened anew as is said; the form follows when it is there. */
static bool set_dialect(struct session *session, int member, const char *text, struct error *error)
{
	struct dataset_dialect dialect = *dataset_said(session->dataset);

	return dialect_set(&dialect, member, text, error) &&
	       session_open_data_as(session, dataset_path(session->dataset), &dialect, false, error);
}

bool form_data_set(struct session *session, const struct option_row *row, const char *text, struct error *error)
{
	return form_data_is_column(row) ? set_column(session, row, text, error)
	                                : set_dialect(session, dialect_find(row->name), text, error);
}
