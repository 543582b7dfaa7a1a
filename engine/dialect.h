/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a file of reviews is written, as far as its user says so: what is left out is guessed from its contents. Each member is
 * a row of dialect_rows, from which the command line, the Data screen and run.json take it.
 * Implemented in engine/data/dialect.c. */
#ifndef REVUE_ENGINE_DIALECT_H
#define REVUE_ENGINE_DIALECT_H

#include "engine/error.h"

#include <stddef.h>
#include <stdint.h>

enum dataset_format {
	DATASET_AUTO,     /* by the contents; the name is a hint */
	DATASET_CSV,
	DATASET_TSV,
	DATASET_JSONL,    /* objects one after the other, usually one a line */
	DATASET_JSON,     /* one value that holds all rows: an array of objects, or an object of arrays or columns */
	DATASET_LINES,    /* a review a line, no header: one column, "text" */
	DATASET_FASTTEXT, /* "__label__NAME text" a line */
	DATASET_FOLDER,
};

#define DIALECT_WORD_MAX 64     /* bytes of a value, with its NUL */
#define DIALECT_NONE '\n'       /* as quote or escape: there is none */
#define DIALECT_NO_HEADER (-1)

struct dataset_dialect {
	enum dataset_format format;
	char delimiter;                  /* 0: guessed */
	char quote;                      /* 0: guessed; DIALECT_NONE */
	char escape;                     /* before a quote inside quotes; 0: guessed; DIALECT_NONE: quotes are doubled only */
	char encoding[DIALECT_WORD_MAX]; /* a name that iconv knows; "": guessed */
	int64_t header;                  /* the line of the header from 1; 0: guessed; DIALECT_NO_HEADER */
};

/* "auto" or "" takes a member back to being guessed. */
struct dialect_row {
	const char *name;   /* "input-format", "delimiter", "quote", "escape", "encoding", "header" */
	const char *values; /* what it may be, for --help: "auto|csv|tsv|..." */
	const char *help;
};
extern const struct dialect_row dialect_rows[];
extern const int dialect_row_count;

/* Parses `text` as member number `row`. False with ERROR_USAGE and one line: what is allowed. */
bool dialect_set(struct dataset_dialect *dialect, int row, const char *text, struct error *error);

/* The value as text that dialect_set reads back. */
void dialect_format(const struct dataset_dialect *dialect, int row, char out[DIALECT_WORD_MAX]);

/* "csv", "jsonl", ...: the words of --input-format; and as people say it: "CSV", "JSON lines", "a review a line". */
const char *dataset_format_word(enum dataset_format format);
const char *dataset_format_name(enum dataset_format format);

#endif
