/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The columns of a data set: their names, and which hold the text and the label, by their names, else by what is in
 * them. The rules stand in engine/data/README. */
#ifndef REVUE_DATA_COLUMNS_H
#define REVUE_DATA_COLUMNS_H

#include "engine/error.h"
#include "engine/span.h"

/* Start with {.text = -1, .label = -1}, end with columns_free. */
struct columns {
	char **names; /* [count] UTF-8 */
	int count;
	int text, label;  /* -1: none */
	bool *minus_one;  /* [count] -1 is a label there, not the lack of one; NULL: it is nowhere */
};

/* Adds a column, "column N" where the name is empty. False: out of memory. */
bool columns_add(struct columns *columns, struct span name);
void columns_free(struct columns *columns);

/* The column of that name, without regard to case where none fits exactly; -1: none. */
int columns_find(const struct columns *columns, const char *name);

/* Takes the columns that the user named (a name, or a number from 1; NULL: what was guessed stays; for the label "": none).
 * False with ERROR_DATA, which lists the columns, where there is no such one. */
bool columns_wish(struct columns *columns, const char *text, const char *label, const char *path,
                  struct error *error);

/* Whether there is a text column and, with `labels`, another one of labels: see dataset_check_columns. */
bool columns_check(const struct columns *columns, bool labels, const char *path, struct error *error);

/* Whether `label`, trimmed, says in its column that there is none: empty, or a -1 that is no value. */
bool columns_label_is_none(const struct columns *columns, struct span label);

/* Whether `name` is one that text or label columns usually have. */
bool column_name_known(struct span name);

/* What is in the columns: a reader shows the rows of its sample, those of the right width only. NULL: out of memory. */
struct column_facts *columns_observe_begin(const struct columns *columns);
void columns_observe(struct column_facts *facts, const struct columns *columns, const struct span *fields);

void columns_observe_end(struct column_facts *facts); /* frees them where nothing is to be guessed */

/* Sets text, label and minus_one by names and facts, which are freed. False: out of memory. */
bool columns_guess(struct columns *columns, struct column_facts *facts);

#endif
