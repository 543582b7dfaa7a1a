/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file of reviews as rows and columns of UTF-8: CSV, TSV, JSON, JSON lines, a text file with a review a
 * line, fastText's input, or a folder of folders of .txt files (the folder's name is the label).
 *
 * A dataset opens at once whatever its size: dataset_open looks at the first block only and finds out
 * format, encoding, delimiter, header and columns. A pipe is read to its end before that, and a file in
 * an encoding that only iconv knows is converted. The rest is indexed by dataset_index (8 bytes a row, on the calling
 * thread) or by a thread of the dataset's own (dataset_index_start). Fields are read from the file on demand; memory does
 * not grow with the file. Implemented in engine/data.
 *
 * Threads: one thread may index while others read rows; each reading thread uses its own struct row. */
#ifndef REVUE_ENGINE_DATASET_H
#define REVUE_ENGINE_DATASET_H

#include "engine/dialect.h"
#include "engine/error.h"
#include "engine/progress.h"
#include "engine/span.h"
#include "engine/wake.h"

#include <stdint.h>

#define DATASET_FIELD_MAX ((size_t)16 << 20) /* bytes in one field; longer ones are skipped and counted */

enum dataset_encoding {
	ENCODING_UTF8,
	ENCODING_LATIN1, /* read as Windows-1252 */
	ENCODING_UTF16LE,
	ENCODING_UTF16BE,
	ENCODING_NAMED,  /* the one that the dialect names, by iconv */
};

/* Why a row is not used. The order is that of the messages. */
enum row_status {
	ROW_OK,
	ROW_HEADER,     /* the header once more, where files were joined */
	ROW_RAGGED,     /* more or fewer fields than the header */
	ROW_NUL,        /* a NUL byte in a field */
	ROW_TOO_LONG,   /* a field over DATASET_FIELD_MAX */
	ROW_MALFORMED,  /* not JSON, or no object; a quote that closes in mid-field */
	ROW_NO_TEXT,    /* the text column is missing from this row (JSONL) or not text */
	ROW_NO_LABEL,   /* a label was asked for and the field is empty, missing or a word or -1 that says so */
	ROW_ELSEWHERE,  /* its text stands in another file whose texts are left out (engine/exclusion.h); no reader says so */
	ROW_STATUS_COUNT,
};

/* "ragged", "NUL byte", ... for messages. */
const char *row_status_name(enum row_status status);

struct reader;
struct corrections;

struct dataset_options {
	struct dataset_dialect dialect;
	const char *text_column;  /* a name, or a number from 1; NULL: guessed from names and contents */
	const char *label_column; /* likewise; "": none; "a,b,c": several of 0 and 1, a label each */
	const char *corrections;  /* a file of labels that were set right (engine/corrections.h); NULL: none */
	bool corrections_new;     /* it need not be there; what is odd about it is a notice, and they are left out */
	bool stream;              /* a pipe will do: it is read to its end as "-" is */
	bool follow;              /* the file may grow while it is open: see dataset_look */
	uint64_t convert_bytes;   /* of a file that is converted no more than these, for a look at its first rows; 0: all of it */
	const struct progress *progress; /* while a pipe or "-" is read, or a file converted; NULL: it cannot be stopped */

	/* For tests; else left out. */
	const struct reader *const *readers; /* formats to choose from, up to NULL (engine/data/reader.h); NULL: all of them */
	size_t block_size;                   /* bytes indexed at a time, a multiple of 2; 0: the usual 256 kB */
};

struct dataset;

/* The endings of names of files of reviews one after the other, ".csv", ...; NULL after the last. Such a name is a hint only: any
 * file may hold reviews. */
const char *dataset_suffix(int index);

/* Opens `path`; "-" reads standard input to its end into an unlinked temporary file first. Returns NULL with
 * one line in `error`: no such file, empty file, not a regular file, a pipe where a file is needed (ERROR_USAGE), a
 * column that does not exist (it lists those that do), what is no text, an encoding that
 * iconv does not know (ERROR_USAGE), no room for the conversion of an ENCODING_NAMED. The caller closes it. */
struct dataset *dataset_open(const char *path, const struct dataset_options *options, struct error *error);
void dataset_close(struct dataset *dataset);

/* Finds every row start to the end of the file. False: I/O error, interrupted, or a quote that never
 * closes (the message names the line where it opened). Safe to call again: it continues. */
bool dataset_index(struct dataset *dataset, const struct progress *progress, struct error *error);

/* The same on a thread of the dataset's own, which signals `wake` ten times a second and at the end.
 * dataset_close stops it. dataset_index_error is NULL or the reason why it ended early. */
bool dataset_index_start(struct dataset *dataset, struct wake *wake, struct error *error);
const struct error *dataset_index_error(const struct dataset *dataset);

/* Files that grow. A file of a table, of JSON lines or of lines that was opened with dataset_options.follow, and that is read
 * where it lies, may become longer while it is open: its rows stay what they are, but for a last one without its line end,
 * which may become longer, and those that were added come after them. */
enum dataset_fate {
	FILE_SAME,
	FILE_GREW,
	FILE_CUT,      /* it is shorter: not all rows can be read any more */
	FILE_CHANGED,  /* what was read of it is another text now: rows cannot be read any more */
	FILE_REPLACED, /* another file has its name; rows are read from the one that had it */
	FILE_GONE,     /* no file has its name; the same */
};

bool dataset_can_follow(const struct dataset *dataset);

/* Looks what has become of the file, when all its rows are found. Where it grew the index is not complete any more: whoever
 * indexes finds the rows that were added. One thread at a time. Shown for tests. */
enum dataset_fate dataset_look(struct dataset *dataset);

/* The same with the indexing, on a thread of the dataset's own that rests a moment where the file grew, so that it may be
 * asked for as often as the file seems to have changed. Signals `wake` when the rows are found and when it ended. */
bool dataset_look_start(struct dataset *dataset, struct wake *wake, struct error *error);
bool dataset_is_indexing(const struct dataset *dataset); /* a thread of its own is at work, or rests */

/* What the last look found that is not FILE_SAME, from any thread, and how often the file has grown. */
enum dataset_fate dataset_fate(const struct dataset *dataset);
uint64_t dataset_growths(const struct dataset *dataset);

/* The line of a quoted field, or of a row of JSON, that the end of a file that has grown left open; 0: there is none. It may be that
 * whoever writes the file has only paused: *lines, this one too, are no rows until it is closed. From any thread, when all rows
 * are found. */
uint64_t dataset_waits(const struct dataset *dataset, uint64_t *lines);

/* Rows that stay what they are when the file grows: all that were found, but for a last one without its line end. */
uint64_t dataset_settled_rows(const struct dataset *dataset);

/* Finds the rows of one more block, for whoever reads rows as they come. False: there are no more, or
 * dataset_index_error tells why it ended. */
bool dataset_index_step(struct dataset *dataset);

/* Rows indexed so far (data rows: the header is not one). *complete tells that there will be no more: the end of the
 * file was reached, or dataset_index_error says why not; no more but for a file that grows. */
uint64_t dataset_rows(const struct dataset *dataset, bool *complete);

const char *dataset_path(const struct dataset *dataset);
enum dataset_format dataset_format(const struct dataset *dataset);
char dataset_delimiter(const struct dataset *dataset); /* 0 where there is none; for tests */
const char *dataset_encoding_name(const struct dataset *dataset); /* "UTF-8", "Windows-1252", "GB18030" */

/* How the file is read: as dataset_options.dialect said, and for the rest as it was guessed. With 0 or "" where its format
 * has no such thing, and a delimiter of 0 where a table has one column. */
struct dataset_dialect dataset_dialect(const struct dataset *dataset);
const struct dataset_dialect *dataset_said(const struct dataset *dataset); /* what the options said; borrowed */

/* What was guessed about the file against what its name says, or set right, or left out: a line each. Borrowed. */
int dataset_notice_count(const struct dataset *dataset);
const char *dataset_notice(const struct dataset *dataset, int index);

uint64_t dataset_file_size(const struct dataset *dataset);

/* Whether the file is in an encoding that only iconv knows, so that rows come from a converted copy. */
bool dataset_is_converted(const struct dataset *dataset);

/* `size` bytes at `offset` as they lie in the file; there are dataset_file_size of them, none in a folder. Not of a converted
 * file. False: I/O, or the file changed under us. Cheap for what was indexed just now. */
bool dataset_file_bytes(const struct dataset *dataset, void *out, size_t size, uint64_t offset, struct error *error);

/* Columns. Names are UTF-8 as in the file ("column 3" where the header is empty or absent); borrowed. */
int dataset_columns(const struct dataset *dataset);
const char *dataset_column_name(const struct dataset *dataset, int column);
int dataset_find_column(const struct dataset *dataset, const char *name); /* -1: none */

/* The two columns that matter; -1: none. Setting is for the UI thread, before a survey or a training. */
int dataset_text_column(const struct dataset *dataset);
int dataset_label_column(const struct dataset *dataset); /* of several the first */
bool dataset_column_is_label(const struct dataset *dataset, int column); /* also one of several */
bool dataset_column_is_guessed(const struct dataset *dataset, int column); /* one of the two, and nobody chose it: see below */
void dataset_set_text_column(struct dataset *dataset, int column);
void dataset_set_label_column(struct dataset *dataset, int column);

/* Whether a review of this file has a set of labels, which may be several or none: by a list or a separator in the label
 * column, or by several columns. See row.labels. */
bool dataset_has_label_sets(const struct dataset *dataset);

/* What dataset_options.label_column takes for the label columns of this file: a name, or several. "" where there is none.
 * False: it does not fit. */
bool dataset_label_wish(const struct dataset *dataset, char *out, size_t capacity);

/* The labels that are there whatever the rows hold, of columns and lists of 0 and 1. The name is borrowed, from `digits` or
 * the dataset. */
int dataset_fixed_labels(const struct dataset *dataset);
struct span dataset_fixed_label(const struct dataset *dataset, int label, char digits[16]);

/* The corrections that rows are read with; NULL: none. Only where a review has one label; they may be added to while rows are
 * read. */
struct corrections *dataset_corrections(const struct dataset *dataset);

/* Which columns were taken, and whether they were guessed: "text "review", label "stars" (guessed; --label-column names
 * another)". A text column of a usual name is no guess. Always NUL-terminated. */
void dataset_describe_columns(const struct dataset *dataset, char *out, size_t capacity);

/* Whether there is a column of reviews and, with `labels`, another one of labels. False with ERROR_DATA when a column was
 * neither named nor found, with ERROR_USAGE when one was named for both. */
bool dataset_check_columns(const struct dataset *dataset, bool labels, struct error *error);

/* One row, decoded. Owned by the reader, reused from call to call; spans die at the next read. */
struct row {
	enum row_status status;
	uint64_t line;          /* first physical line in the file, from 1 (0 for a folder) */
	int count;              /* fields; those that are there when ragged */
	struct span *fields;    /* [count], UTF-8; invalid bytes have become U+FFFD */
	struct span text;       /* of the text column; empty when the status says so */
	struct span label;      /* of the label column, white space trimmed; empty when there is none. Of several labels as they
	                         * stand there; of lists and of columns of 0 and 1 the labels with a bar between */
	struct span *labels;    /* [label_count] each label, trimmed, perhaps more than once; without dataset_has_label_sets one */
	int label_count;        /* 0: there is no label column, the row cannot be used, or its set is empty */
	bool corrected;         /* `label` is what a correction says, file_label what the data have */
	struct span file_label;
	int missing;            /* of ROW_NO_LABEL: the word that stands there instead, see survey.missing */
	uint32_t replaced;      /* invalid sequences, and in JSON \u0000 and half surrogate pairs, that became U+FFFD */
	uint32_t repeated_keys; /* of JSON: the last of a name counts, this is the number of the others */
	struct row_buffers *buffers;
};

struct row *row_new(struct error *error);
void row_free(struct row *row);

/* Reads row `index` (< dataset_rows). True also for rows that cannot be used: see row->status.
 * False: the file could not be read, or changed under us. */
bool dataset_read(struct dataset *dataset, uint64_t index, struct row *row, struct error *error);

/* What a whole file holds. rows = used + the sum of skipped. */
struct label_count {
	char *name; /* as in the file, trimmed; of several spellings of a number the shortest */
	uint64_t count;
};

/* Different labels of one file. A model with more would need a confusion matrix of over 128 MB (8 bytes a cell) and a
 * classifier larger than a small encoder; a column with more of them holds ids or texts. */
#define LABELS_MAX 4096

/* Whether two labels are the same: to the byte, or as decimal numbers of one value ("1", "1.0"). Outside of engine/data for tests. */
bool label_equal(struct span a, struct span b);

#define SURVEY_BINS 32
#define SURVEY_MISSING 32 /* as many words for a missing label as are told apart (engine/data/missing.h), or more */

struct survey {
	uint64_t rows, used;
	uint64_t skipped[ROW_STATUS_COUNT];
	uint64_t first_line[ROW_STATUS_COUNT]; /* the first line of each kind, 0: none */
	uint64_t replaced;                     /* invalid sequences that became U+FFFD */
	uint64_t rows_replaced;
	uint64_t repeated_keys;                /* of JSON */
	uint64_t empty;                        /* used rows whose text is empty or white space */
	uint64_t missing[SURVEY_MISSING];      /* rows without a label, by the word that stands there: empty, N/A, ... */
	struct label_count *labels;            /* sorted: numbers by value, words by bytes */
	int label_count;
	bool label_sets;                       /* dataset_has_label_sets: a row counts for each of its labels, and here: */
	uint64_t set_rows[3];                  /* used rows with no label, with one, with more */
	bool too_many_labels;                  /* more than LABELS_MAX different ones: surely not labels */
	uint64_t words_total, words_longest;   /* white-space separated words of the text column */
	uint64_t histogram[SURVEY_BINS];       /* rows by words: bin i holds [i*bin_words, (i+1)*bin_words); last: the rest */
	uint32_t bin_words;
	bool complete;
};

/* Reads every row once. `survey` starts as {0} and is freed with survey_free, also after a failure.
 * Without a label column labels are not counted and ROW_NO_LABEL does not occur. */
bool dataset_survey(struct dataset *dataset, struct survey *survey, const struct progress *progress,
                    struct error *error);
void survey_free(struct survey *survey);

/* The label that follows `after` where they are listed by their counts, the most first, those of equal count in the order of
 * `labels`; -1: the first of all. -1 after the last. */
int survey_label_after(const struct survey *survey, int after);

/* Counts the labels of a used row, repeats left out, in set_rows. */
void survey_count_set(struct survey *survey, int labels);

/* Counts one row as used or, by its reason, as skipped: for whoever reads the rows for a purpose of its own. */
void survey_count(struct survey *survey, const struct row *row);

/* "25,000 rows: 24,998 used, 2 skipped (2 ragged, first on line 17)" and, where there are any, ", 4 empty texts", ", 3
 * invalid UTF-8 sequences replaced", ", 1 repeated key overruled". Labels that words say are none: "20 no label (N/A 10,
 * NULL 10), first on line 4". Always NUL-terminated. */
void survey_describe(const struct survey *survey, char *out, size_t capacity);

/* Whether the label column seems to hold something else: "84 of 84 labels look like dates", "1,995 different labels". */
#define SURVEY_DOUBT_MAX 80
bool survey_doubt(const struct survey *survey, char *out, size_t capacity);

/* "PATH: WHAT; 2 rows: 0 used, 2 skipped (2 ragged, first on line 2)" as ERROR_DATA. Returns false. */
bool survey_refuse(const struct survey *survey, const char *path, const char *what, struct error *error);

/* Whether who writes CSV puts this field in quotes (and doubles those inside): where RFC 4180 needs it, and where this
 * or another reader would guess or trim otherwise: empty, a blank at either end, a semicolon, a TAB, a ' at its beginning. */
bool csv_needs_quotes(struct span field);

#endif
