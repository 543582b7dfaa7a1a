/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the first block of a file tells: the sample that all guesses look at, and the guesses. The rules stand in
 * engine/data/README. */
#ifndef REVUE_DATA_SNIFF_H
#define REVUE_DATA_SNIFF_H

#include "engine/data/internal.h"

#define SAMPLE_ROWS 256                     /* that are looked at one by one, */
#define SAMPLE_BYTES ((size_t)128 << 10)    /* as long as they lie in so much text */

struct sample {
	struct span text;  /* UTF-8, whole lines unless `whole` */
	bool whole;        /* the text is the whole file */
	int rows;
	bool full;         /* there are more rows */
	size_t starts[SAMPLE_ROWS + 1]; /* row i is starts[i] .. starts[i + 1] */
	struct row *row;   /* for reading one at a time */
};

/* How a sample looks when it is cut in one way. */
struct sample_view {
	char delimiter;
	bool quoting;
	bool opened;    /* some field begins with a quote */
	bool broken;    /* a quote closes in mid-field or never */
	uint64_t open_line; /* of a quote that is open where the sample ends; 0: none */
	uint64_t rows;  /* in all of the sample, not only those that are kept */
	int width;      /* fields of the first row */
	double same;    /* share of rows with as many */
};

/* Finds the sample's rows (the first SAMPLE_ROWS) and, in *view, what they look like. False: out of memory. */
bool sample_cut(struct sample *sample, struct sample_view *view);

/* Field spans of row i in sample->row. */
bool sample_read(struct sample *sample, int i, const struct sample_view *view);

/* FNV-1a: what tells the fields of different rows apart, of which only one is in memory at a time. */
uint64_t field_hash(struct span field);

/* Delimiter, quoting and header. */
bool guess_delimiter(struct sample *sample, struct sample_view *best);
bool guess_quoting(struct sample *sample, struct sample_view *view);
bool guess_header(struct sample *sample, const struct sample_view *view, bool *header);

/* Whether nearly all rows have one field more than the header: R writes row names without a heading before the others,
 * other programs a delimiter behind every row but the first. */
bool guess_extra_column(struct sample *sample, const struct sample_view *view, bool *before, bool *behind);

/* The text and the label column, from names and the sample (through dataset's own way of cutting rows). */
bool guess_columns(struct dataset *dataset, struct sample *sample, const struct sample_view *view);

/* The field as a number; false where it is none. */
bool field_number(struct span field, double *value);

/* True when `name` is one that text or label columns usually have. */
bool column_name_known(struct span name);

#endif
