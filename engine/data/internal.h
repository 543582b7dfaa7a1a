/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of engine/data share: the inside of a dataset and of a row's buffers. */
#ifndef REVUE_DATA_INTERNAL_H
#define REVUE_DATA_INTERNAL_H

#include "engine/base/buffer.h"
#include "engine/data/index.h"
#include "engine/data/scan.h"
#include "engine/dataset.h"

#include <csv.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define DATASET_ROW_MAX (2 * DATASET_FIELD_MAX) /* bytes of a row in the file; a longer one is not even read */
#define DATASET_BLOCK ((size_t)256 << 10)       /* how much is indexed at a time */
#define DATASET_HEADER_MAX ((size_t)1 << 20)    /* the first block: header and first rows must fit */
#define DATASET_COLUMNS_MAX DATASET_HEADER_MAX  /* no header has more */

enum index_state {
	INDEX_GROWING,
	INDEX_COMPLETE,
	INDEX_FAILED, /* index_error tells why; the rows before are good */
};

/* A folder's rows: its .txt files in order. Names are relative to the folder that was opened. */
struct folder {
	char **names;
	char **labels; /* [label_count], of sub-folders */
	uint32_t *label_of;
	size_t count, label_count;
};

/* Everything but the index is fixed by dataset_open (the two columns: by the UI thread). The index grows under
 * `mutex`; readers see it through its own publication and `state`. */
struct dataset {
	char *path;
	int fd; /* -1: a folder */
	uint64_t size;
	struct timespec changed;
	uint64_t serial; /* tells datasets apart in a row's buffers */

	enum dataset_format format;
	enum dataset_encoding encoding;
	size_t unit;    /* bytes in a unit of position */
	uint64_t start; /* the first unit behind the byte order mark */
	char delimiter;
	bool quoting, header;
	char **names;
	int columns, text_column, label_column;
	bool *minus_one; /* [columns] -1 is a label there; NULL: nowhere */
	struct folder folder;

	struct row_index index;
	_Atomic int state;
	uint64_t end; /* where the last row ends; valid when the state is not INDEX_GROWING */
	struct error index_error;
	pthread_mutex_t mutex;
	struct scan scan;
	size_t block_size;
	char *block, *narrow; /* [block_size] bytes of the file, and units made narrow */

	pthread_t thread;
	bool thread_runs;
	atomic_bool stop;
	struct wake *wake;
};

struct row_buffers {
	uint64_t serial, next; /* dataset and row that would continue the reading */
	char *window;          /* bytes of the file that were read last */
	uint64_t window_start;
	size_t window_size, window_capacity;
	struct buffer decoded; /* the row as UTF-8, where its bytes are not that already */
	struct buffer bytes;   /* the fields, one behind the other */
	size_t capacity;       /* of row->fields */
	struct csv_parser csv;
	bool csv_ready;
	bool failed;           /* while libcsv calls back: out of memory */
};

/* As dataset_open, indexing `block_size` bytes at a time (a multiple of 2): tests cross every boundary with it. */
struct dataset *dataset_open_blocks(const char *path, const struct dataset_options *options, size_t block_size,
                                    struct error *error);

/* Sets errors about `dataset` that name the file. */
bool dataset_changed(const struct dataset *dataset, struct error *error); /* compares with the file's state at opening */

/* Indexes one more block. False: state is INDEX_FAILED now, or the scan is over. */
bool dataset_index_step(struct dataset *dataset);

/* Adds a field; those behind the first DATASET_COLUMNS_MAX + 1 are not kept, the row is ragged in any case. False: out
 * of memory. */
bool row_add_field(struct row *row, struct span field);

/* Splits a row of UTF-8 into row->fields (spans into row->buffers). Sets row->status to ROW_MALFORMED or ROW_TOO_LONG
 * where that is so. False: out of memory. */
bool csv_split(struct row *row, struct span bytes, char delimiter, bool quoting);

/* The same for a JSON object whose keys are the columns. row->fields has one entry for each, empty where a key is missing or null. */
bool jsonl_split(struct row *row, struct span bytes, char *const *names, int columns, int text_column);

/* Reads the names of a folder; false with an error. */
bool folder_open(struct dataset *dataset, struct error *error);
bool folder_read(const struct dataset *dataset, uint64_t index, struct row *row, struct error *error);
void folder_free(struct folder *folder);

/* Finds format, encoding, delimiter, quoting, header and names from the first block; then the columns. */
bool dataset_sniff(struct dataset *dataset, const struct dataset_options *options, struct error *error);

struct span span_trim(struct span text);

#endif
