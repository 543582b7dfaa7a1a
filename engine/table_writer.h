/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing rows into a file as CSV, TSV or JSON lines, so that a dataset reads the same fields back. The file is there when
 * table_writer_commit has succeeded, or is what it was before. Implemented in engine/data/table_writer.c. */
#ifndef REVUE_ENGINE_TABLE_WRITER_H
#define REVUE_ENGINE_TABLE_WRITER_H

#include "engine/error.h"
#include "engine/span.h"

#include <stdint.h>

enum table_format { TABLE_CSV, TABLE_TSV, TABLE_JSONL };

#define TABLE_ENDINGS ".csv, .tsv, .tab, .jsonl or .ndjson"

/* By the ending of a name. False: by none that is known. */
bool table_format_of(const char *path, enum table_format *format);

/* A field: as text, or in JSON as a number, or missing (empty, null). */
struct table_field {
	struct span text;
	enum { FIELD_TEXT_KIND, FIELD_NUMBER_KIND, FIELD_MISSING_KIND } kind;
};

struct table_writer;

/* Begins with the names of the columns (copied). Of names that come twice later ones get a number. NULL with one line. */
struct table_writer *table_writer_open(const char *path, enum table_format format, const struct span *names, size_t count,
                                       struct error *error);

/* A row: as many fields as there are names. */
bool table_writer_put(struct table_writer *writer, const struct table_field *fields, struct error *error);

/* Both free it. */
bool table_writer_commit(struct table_writer *writer, struct error *error);
void table_writer_abort(struct table_writer *writer); /* NULL is allowed: the file stays as it was */

#endif
