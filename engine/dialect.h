/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a file of reviews is written, as far as its user says so: what is left out is guessed from its contents. Each member is
 * a row of dialect_rows, from which the command line, the Data screen and run.json take it.
 * Implemented in engine/data/dialect.c and engine/data/dialect_memory.c. */
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
	char label_separator;            /* between the labels of a review in one field; 0: guessed; DIALECT_NONE: it has one */
};

/* X(kind, field, name, default, minimum, maximum, values, help): rows of TRAIN_OPTIONS (engine/options.h), of the tables of
 * the commands that read data, and of dialect_rows. "auto" or "" takes a member back to being guessed. */
#define DIALECT_ROWS(X) \
	X(TEXT, input_format, "input-format", "", 0, 0, "auto|csv|tsv|jsonl|json|lines|fasttext|folder", \
	  "what the data is; auto: by its contents, and its name") \
	X(TEXT, delimiter, "delimiter", "", 0, 0, "auto|comma|semicolon|tab|bar|CHARACTER", \
	  "what stands between the fields of a table") \
	X(TEXT, quote, "quote", "", 0, 0, "auto|none|CHARACTER", \
	  "what the fields of a table are quoted by") \
	X(TEXT, escape, "escape", "", 0, 0, "auto|none|CHARACTER", \
	  "what stands before a quote inside quotes, where quotes are not doubled") \
	X(TEXT, encoding, "encoding", "", 0, 0, "auto|NAME", \
	  "the encoding of the text, by a name that iconv knows") \
	X(TEXT, header, "header", "", 0, 0, "auto|yes|no|LINE", \
	  "whether a table names its columns, or in which line; those above are skipped") \
	X(TEXT, label_separator, "label-separator", "", 0, 0, "auto|none|bar|semicolon|comma|space|CHARACTER", \
	  "what stands between several labels of a review; none: a field is one label")

struct dialect_row {
	const char *name;   /* "input-format", "delimiter", "quote", "escape", "encoding", "header", "label-separator" */
	const char *values; /* what it may be, for --help: "auto|csv|tsv|..." */
	const char *help;
};

/* The rows have the numbers of their members. */
enum {
#define X(kind, field, ...) DIALECT_##field,
	DIALECT_ROWS(X)
#undef X
	DIALECT_ROW_COUNT
};
extern const struct dialect_row dialect_rows[DIALECT_ROW_COUNT];

/* The row of this name, '-' and '_' being the same; -1: there is none. */
int dialect_find(const char *name);

/* Parses `text` as member number `row`. False with ERROR_USAGE and one line: what is allowed. */
bool dialect_set(struct dataset_dialect *dialect, int row, const char *text, struct error *error);

/* The value as text that dialect_set reads back. */
void dialect_format(const struct dataset_dialect *dialect, int row, char out[DIALECT_WORD_MAX]);

/* Whether nothing is said: all is guessed. */
bool dialect_is_empty(const struct dataset_dialect *dialect);

/* What was said of files, by their absolute paths: for the life of the memory, and in a file where that is named, for the
 * newest 200. Any thread may use it. What the file holds is checked as what is typed. */
struct dialect_memory;
struct dialect_memory *dialect_memory_new(struct error *error); /* NULL: out of memory */
void dialect_memory_free(struct dialect_memory *memory);

/* Names the file, which is made, with its folder, when there is something to keep; once, before other threads use the
 * memory. False: out of memory. */
bool dialect_memory_keep(struct dialect_memory *memory, const char *file, struct error *error);

/* Whether the file is written from now on; at first it is. It is read either way. */
void dialect_memory_write(struct dialect_memory *memory, bool write);

/* False: nothing was said. */
bool dialect_memory_find(struct dialect_memory *memory, const char *path, struct dataset_dialect *dialect);

/* False where the file cannot be written; it is remembered here all the same. */
bool dialect_memory_put(struct dialect_memory *memory, const char *path, const struct dataset_dialect *dialect,
                        struct error *error);

/* A format as people call it: "CSV", "JSON lines", "a review a line". */
const char *dataset_format_name(enum dataset_format format);

#endif
