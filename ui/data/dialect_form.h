/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a file is to be read, as fields of a form: the rows of the dialect, then the two columns that matter. A field is "auto",
 * that is guessed, or what was said. Pure: knows no terminal. */
#ifndef REVUE_UI_DIALECT_FORM_H
#define REVUE_UI_DIALECT_FORM_H

#include "engine/options.h"
#include "ui/session.h"

enum dialect_field {
	DIALECT_FIELD_TEXT = DIALECT_ROW_COUNT,
	DIALECT_FIELD_LABEL,
	DIALECT_FIELDS,
};

struct dialect_form {
	struct dataset_dialect dialect;
	char text_column[OPTION_TEXT_MAX];  /* a name, or a number from 1; "": guessed */
	char label_column[OPTION_TEXT_MAX]; /* likewise, or several */
	bool no_label;                      /* no column is the label */
};

/* As the open file is read. */
void dialect_form_init(struct dialect_form *form, const struct session *session);

const char *dialect_form_name(int field); /* as on the command line: "delimiter", "text-column" */
const char *dialect_form_help(int field);
int dialect_form_find(const char *name);  /* the field of this name, "format" being "input-format"; -1: there is none */

/* The words that it can be, as a list for ui/choices.h: of a column none, the columns of the file being its words. */
const char *dialect_form_words(int field);

/* Sets a field to a word. False with one line: what it must be. Whether there is such a column, or line of a header, is found
 * out by whoever opens the file. */
bool dialect_form_set(struct dialect_form *form, int field, const char *text, struct error *error);

/* What a field of columns takes for this one: its name, or its number where that could be taken for another word or column. */
void dialect_form_name_column(const struct dataset *dataset, int column, char out[OPTION_TEXT_MAX]);

/* The word that a field is, "auto" where it is guessed; dialect_form_set reads it back. */
void dialect_form_format(const struct dialect_form *form, int field, char out[OPTION_TEXT_MAX]);

/* The word for member `row` of a dialect, as among dialect_form_words where it stands there: "yes", and not 1. */
void dialect_form_word(const struct dataset_dialect *dialect, int row, char out[DIALECT_WORD_MAX]);

bool dialect_form_is_said(const struct dialect_form *form, int field);
bool dialect_form_equal(const struct dialect_form *a, const struct dialect_form *b);

/* What a file is opened with. Borrowed from the form. */
struct open_how dialect_form_how(const struct dialect_form *form);

/* "revue reviews.csv --delimiter semicolon", what is guessed left out, quoted for a shell. Freed by the caller; not scrubbed.
 * NULL: out of memory. */
char *dialect_form_command(const struct dialect_form *form, const char *path);

#endif
