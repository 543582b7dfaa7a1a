/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The columns of a data set: their names, which hold the text and the label, and what is known of each. */
#ifndef REVUE_DATA_COLUMNS_H
#define REVUE_DATA_COLUMNS_H

#include "engine/error.h"
#include "engine/span.h"

#include <stdint.h>

/* What the sample showed of one column. */
struct column_trait {
	bool numbered;         /* the file has no name for it */
	bool minus_one;        /* -1 is a label there, not the lack of one, */
	bool none;             /* and so is "None" */
	bool marked;           /* its labels are marked as such: only an empty one is none */
	bool binary;           /* one of several of 0 and 1, as a multi-label set has them */
	bool holds_own_name;   /* its name is a usual value there */
	uint32_t missing;      /* bit i: word number i of missing.h stands for no label there */
	char separator;        /* by the file's format it stands between several labels of a review; 0: none does */
};

/* How the labels of a review stand in a row. All but the first are sets of labels, which may be empty in those from
 * LABELS_LIST on. */
enum label_form {
	LABELS_ONE,     /* one, the field of the label column */
	LABELS_JOINED,  /* in that field, with a separator between them */
	LABELS_LIST,    /* in that field, as a list of JSON or of Python */
	LABELS_VECTOR,  /* the same of 0 and 1, one for each label, which is called by its place */
	LABELS_COLUMNS, /* in a column each, of 0 and 1, which is called as the label is */
};

/* Start with {.text = -1, .label = -1}, end with columns_free. */
struct columns {
	char **names;                /* [count] UTF-8 */
	struct column_trait *traits; /* [count] */
	int count;
	bool named;                  /* the names stand in a header of the file, which may come again */
	int text, label;             /* -1: none */
	bool text_guessed;           /* by contents only, */
	bool label_guessed;          /* or by its name too */
	enum label_form form;
	char separator;              /* of LABELS_JOINED */
	bool separator_guessed;
	int vector_size;             /* of LABELS_VECTOR: labels */
	int *several;                /* [several_count] of LABELS_COLUMNS, where `label` is the first of them; else NULL */
	int several_count;
};

/* Adds a column, "column N" where the name is empty. False: out of memory. */
bool columns_add(struct columns *columns, struct span name);
void columns_free(struct columns *columns);

/* The column of that name, without regard to case where none fits exactly; -1: none. */
int columns_find(const struct columns *columns, const char *name);

/* Takes the columns that the user named (a name, or a number from 1; NULL: what was guessed stays; for the label "": none,
 * and "a,b,c", where no column is called so: several of 0 and 1). False with ERROR_DATA, which lists the columns, where
 * there is no such one. */
bool columns_wish(struct columns *columns, const char *text, const char *label, const char *path,
                  struct error *error);

/* Whether there is a text column and, with `labels`, another one of labels: see dataset_check_columns. */
bool columns_check(const struct columns *columns, bool labels, const char *path, struct error *error);

/* Takes `column` (-1: none) as the only one of the labels. */
void columns_set_label(struct columns *columns, int column);

/* See dataset_label_wish. */
bool columns_label_wish(const struct columns *columns, char *out, size_t capacity);

/* The labels that are there whatever the rows hold: of LABELS_VECTOR and LABELS_COLUMNS. A name lies in `digits` or in
 * the columns. */
int columns_fixed_labels(const struct columns *columns);
struct span columns_fixed_label(const struct columns *columns, int label, char digits[16]);

/* The number of the word (missing.h) by which `label`, trimmed, says that there is none in the label column; -1: it is one. */
int columns_missing(const struct columns *columns, struct span label);

#endif
