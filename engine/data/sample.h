/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first block of a text file, as UTF-8, and where its rows are: what all guesses look at. */
#ifndef REVUE_DATA_SAMPLE_H
#define REVUE_DATA_SAMPLE_H

#include "engine/data/scan.h"
#include "engine/dataset.h"

#define SAMPLE_HEAD ((size_t)1 << 20)    /* bytes of the first block: the header and the first rows must fit */
#define SAMPLE_ROWS 256                  /* rows that are looked at one by one, */
#define SAMPLE_BYTES ((size_t)128 << 10) /* as long as they lie in so much text, */
#define SAMPLE_ROWS_LEAST 64             /* but so many of the longest */

/* Start with {0}, end with sample_free. */
struct sample {
	char *bytes;       /* owned: what text lies in */
	struct span text;  /* whole lines unless `whole`; what stands above a table may be taken off it */
	uint64_t line;     /* the physical line of the file in which the text begins */
	bool whole;        /* the text is the whole file */
	int rows;
	bool full;         /* there are more rows */
	size_t starts[SAMPLE_ROWS + 1]; /* row i is starts[i] .. starts[i + 1] */
	uint64_t first_line; /* of row 0 */
	struct row *row;   /* owned: for reading one row at a time */
};

/* How a sample looks when it is cut in one way. */
struct sample_view {
	struct marks marks;
	bool opened;        /* some field begins with a quote */
	bool broken;        /* a quote closes in mid-field or never */
	uint64_t bad;       /* quotes that do so */
	uint64_t quoted, doubled, escaped; /* see struct scan */
	uint64_t open_line; /* of a quote that is open where the sample ends; 0: none */
	uint64_t rows;      /* in all of the sample, not only those that are kept */
	int width;          /* fields of the first row; 0 before guess_cut (guess.h) */
	double same;        /* share of rows with as many, or with one more where a column has no name */
	bool unnamed;       /* the rows after the first have one more */
};

/* Takes over `bytes`, of which the first `size` are the sample's text. False: out of memory. */
bool sample_init(struct sample *sample, char *bytes, size_t size, bool whole);
void sample_free(struct sample *sample);

/* Finds the bounds of the first SAMPLE_ROWS rows by view->marks, and fills in the rest of the view but
 * width, same and unnamed. */
void sample_find_rows(struct sample *sample, struct sample_view *view);

/* Keeps the bound of a row among the first ones: for scan_feed and brackets_feed, `context` is the sample. */
bool sample_keep_row(void *context, uint64_t start, uint64_t line);

/* Takes the first `lines` physical lines off the text; false where there are not so many before the last one. */
bool sample_skip_lines(struct sample *sample, uint64_t lines);

/* The first physical line, without its end. */
struct span sample_line(const struct sample *sample);

/* The bytes of row i. */
struct span sample_row(const struct sample *sample, int i);

/* False, with "PATH: has no rows" as ERROR_DATA, when the file is nothing but white space. */
bool sample_check(const struct sample *sample, const char *path, struct error *error);

#endif
