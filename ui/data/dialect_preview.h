/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first rows of a file as they would be read, found out by a job that opens it and reads no more of it than those. Texts
 * are those of the file: not scrubbed. Knows no curses. */
#ifndef REVUE_UI_DIALECT_PREVIEW_H
#define REVUE_UI_DIALECT_PREVIEW_H

#include "engine/dataset.h"
#include "engine/job.h"
#include "ui/data/dialect_form.h"

#define PREVIEW_ROWS 64
#define PREVIEW_COLUMNS 512 /* the first ones, that are kept of a file that has more */
#define PREVIEW_FAR_COLUMNS 32 /* and so many of those behind them that are text or label */
#define PREVIEW_CELL_BYTES 400

struct preview_column {
	int place; /* among the columns of the file */
	char *name;
	char *word; /* by which a form takes it (dialect_form.h) */
	bool text, label;
	bool guessed; /* that it is one of them */
};

struct preview_row {
	uint64_t line; /* where it begins, from 1 */
	enum row_status status;
	int count;     /* cells */
	char **cells;  /* [count] as struct preview_column has them, or more where the row has; cut at PREVIEW_CELL_BYTES; NUL-terminated */
};

struct dialect_preview {
	struct dataset_dialect taken; /* as dataset_dialect says, with format and encoding */
	int column_count; /* of the file, of which `columns` are here: the first, and text and label wherever they stand */
	int columns;
	struct preview_column *column;
	int rows;         /* "columns" and "rows" that are here */
	struct preview_row row[PREVIEW_ROWS];
	int notes;        /* what is odd about it, and the first of these */
	char note[400];
	struct error stopped; /* why no more rows were found; kind 0: nothing stopped */
};

/* NULL with one line. Why the file cannot be read so is the error of the job. */
struct job *dialect_preview_start(struct jobs *jobs, const char *path, const struct dialect_form *form, struct error *error);

/* Takes it out of a job that has succeeded. */
struct dialect_preview *dialect_preview_take(struct job *job);
void dialect_preview_free(struct dialect_preview *preview); /* NULL is allowed */

#endif
