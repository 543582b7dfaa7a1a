/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file format of reviews is a row of this table: how its files are known, opened, indexed and read. A data set asks
 * for a format in no other way. The rows stand in readers.c; tests bring others by dataset_options.readers. */
#ifndef REVUE_DATA_READER_H
#define REVUE_DATA_READER_H

#include "engine/base/notices.h"
#include "engine/data/column_guess.h"
#include "engine/data/sample.h"
#include "engine/data/source.h"

/* What is known of a file when its reader opens it. Borrowed but for the call; only `source` stays as long as the reader. */
struct opening {
	const struct source *source;
	const struct dataset_options *options;
	struct span head;               /* the first SAMPLE_HEAD bytes of the source; empty for a folder */
	size_t block_size;              /* bytes to index at a time, a multiple of 2 */

	/* for readers of text: */
	enum dataset_encoding encoding;
	size_t mark;                    /* bytes of the byte order mark */
	struct sample *sample;          /* of the head, as UTF-8; a reader may cut it in its own way */
};

/* What a reader found out while it opened a file. It starts with the reader's format, UTF-8, no delimiter, no columns. */
struct shape {
	enum dataset_format format;
	enum dataset_encoding encoding;
	char encoding_name[DIALECT_WORD_MAX]; /* of ENCODING_NAMED */
	struct dataset_dialect dialect; /* of a table: delimiter (0: there is none), quote, escape, header as they were taken */
	struct notices notices;         /* see dataset_notice */
	struct columns columns;         /* names, and the guesses at text and label */
};

enum index_state {
	INDEX_GROWING,
	INDEX_COMPLETE,
	INDEX_FAILED, /* the error tells why; the rows before are good */
};

#define FITS_SURELY 100    /* nothing else can be meant */
#define FITS_WELL 50
#define FITS_PERHAPS 20    /* where no name of a file says otherwise */
#define FITS_AT_LEAST 1    /* everything can be read so */
#define FITS_NOT 0
#define FITS_NO_MEMORY (-1)

/* `state` is the reader's own. One thread at a time indexes, others read meanwhile, each with its own row. */
struct reader {
	const char *name;                /* for whoever reads a trace */
	enum dataset_format format;
	bool text;                       /* its files are text: they have an encoding and a sample */
	const char *const *suffixes;     /* endings of names that mean this format, up to NULL; NULL: none do */

	/* How well the first bytes of a source fit, before it is taken for text: for what a magic number tells, and folders.
	 * NULL: not at all. What fits so is read so, whatever name or options say. */
	int (*fits_bytes)(const struct opening *opening);

	/* How well a sample of text fits, where options do not say. NULL: not at all. The best one reads the file, the first of
	 * the table at a tie; one that the file's name speaks for gives way to a better one only where that fits well, or it
	 * does not itself. */
	int (*fits_text)(struct sample *sample);

	/* Returns the state and fills *shape; NULL with an error. dataset_open frees the shape in any case. */
	void *(*open)(const struct opening *opening, struct shape *shape, struct error *error);

	/* Finds some more rows, for about as long as 256 kB of text take, and lets readers see them. *done: how
	 * far it came, in bytes of the source. Not called again after another answer than INDEX_GROWING, but after index_more.
	 * NULL: all rows are there after opening. */
	enum index_state (*index_step)(void *state, uint64_t *done, struct error *error);

	/* Rows that may be read now: from any thread, and never fewer than before. */
	uint64_t (*rows)(const void *state);

	/* Of a file that may grow, all NULL where the format does not go on at its end. Whether this one does; rows that stay what
	 * they are then, from any thread; gets index_step ready to go on after the source has become longer, on the thread that
	 * indexes: false where the index had failed for good. */
	bool (*can_grow)(const void *state);
	uint64_t (*settled)(const void *state);
	bool (*index_more)(void *state);

	/* Of such a file that has grown: the line of a field or row that its end left open, 0: there is none; and *lines that are no
	 * rows for that reason, this one too. From any thread, when the index is complete. NULL: nothing is ever left open. */
	uint64_t (*waits)(const void *state, uint64_t *lines);

	/* Reads row `index` (< rows) into an empty row: its fields in the order of `columns`, its line where the format has
	 * lines, else 0, and its status when the format says that it cannot be used. A row of more or fewer fields than there
	 * are columns is ragged; text and label are chosen by the caller. False: I/O, or out of memory. */
	bool (*read)(void *state, uint64_t index, const struct columns *columns, struct row *row, struct error *error);

	void (*close)(void *state);
};

#endif
