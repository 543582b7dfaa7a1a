/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which form JSON has in which rows are written down, by the first block of a file. */
#ifndef REVUE_DATA_JSON_FORM_H
#define REVUE_DATA_JSON_FORM_H

#include "engine/data/json_members.h"
#include "engine/data/sample.h"

enum json_layout {
	JSON_NOTHING,  /* not found yet */
	JSON_SEQUENCE, /* rows one after the other, in no bracket */
	JSON_INSIDE,   /* in one bracket of the file */
	JSON_COLUMNS,  /* a list, or an object, a column */
};

struct json_form {
	enum json_layout layout;
	uint64_t container;       /* of JSON_INSIDE: the number of the bracket, from 1 */
	bool sound;               /* no fault was seen */
	bool keyed;               /* it is an object: a row a member */
	bool line_bound;          /* of JSON_SEQUENCE: no row goes over a line end */
	bool arrays;              /* rows are arrays of fields, or strings, not objects */
	struct span names;        /* the array of their names, in the sample; empty: there is none */
	char name[JSON_NAME_MAX]; /* of JSON_INSIDE: the key at which the rows stand; "": they are the whole file */
	bool others;              /* there are other arrays of objects beside it */
};

/* `lines`: the user says that each line is a row, so that an object alone is one. */
void json_form_find(const struct sample *sample, bool lines, struct json_form *form);

/* How well JSON of this form fits, see struct reader: for the reader of sequences, or the other one. */
int json_form_fits(struct sample *sample, bool sequence);

/* Finds the bounds of the first rows in the sample, as sample_find_rows does for other formats. */
void json_form_cut(struct sample *sample, const struct json_form *form);

#endif
