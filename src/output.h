/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard output and standard error. Results go through a struct output, record by record: raw into files and pipes,
 * scrubbed (engine/scrub.h) onto a terminal. A full disk is noticed (74); a reader that left (`| head`) ends
 * the work quietly. Messages are one scrubbed line on standard error. */
#ifndef REVUE_SRC_OUTPUT_H
#define REVUE_SRC_OUTPUT_H

#include "engine/error.h"
#include "engine/scrub.h"
#include "engine/span.h"

#include <stdio.h>

/* Gives closed descriptors 0 to 2 a /dev/null that fails as a closed one does, so that no file that is opened
 * later takes their place. */
void standard_streams_open(void);

/* "revue: TEXT" on standard error, one line whatever the text holds. */
void message_error(const struct error *error);
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes a text of up to 4,000 bytes on standard error at once. Where nobody takes it (Ctrl-S, a pager that waits) this
 * waits, but no longer than until a signal asks to stop: what does not fit then is dropped. */
void standard_error_put(const char *format, ...) __attribute__((format(printf, 1, 2)));

bool standard_output_is_terminal(void);
int output_columns(int fd); /* 80 where there is none */
bool locale_is_ascii(void);   /* the locale cannot show UTF-8 */

/* Takes the characters of the environment's locale; those of C.UTF-8 where it is one of UTF-8 that this machine lacks,
 * as after an ssh from a machine that has it. Numbers and messages stay those of C. Before anything else starts. */
void locale_start(void);

/* Write into `record` with stdio, then commit. Everything below belongs to output.c. */
struct output {
	FILE *record;
	char *data;
	size_t size;
	bool scrub;
	struct scrub_options options;
	struct scrubbed scrubbed;
	int failure; /* errno of the first write that failed; 0 */
};

/* `people`: the text is for people, so it is scrubbed wherever it goes. */
bool output_open(struct output *output, bool people, struct error *error);

/* Writes the record out. False: nothing more can be written, so stop; output_close tells why. */
bool output_commit(struct output *output);
bool output_flush(struct output *output);

/* The end of a work that went well or not: `done` is passed on. Where nothing else went wrong, false with one line
 * when something could not be written, true when the reader left. */
bool output_close(struct output *output, bool done, struct error *error);

/* Fields of records. */
void write_json_string(FILE *record, struct span text);
void write_json_number(FILE *record, double value); /* null where JSON has no such number */
void write_json_float(FILE *record, float value);
void write_json_logit(FILE *record, float value); /* 9 significant digits */
void write_csv_field(FILE *record, struct span field); /* as csv_needs_quotes says */
void write_tsv_field(FILE *record, struct span field); /* TAB, LF and CR become spaces */

/* `text` scrubbed, in at most `columns` columns, cut with "..."; write_column fills them up with spaces. Return the
 * columns that were used. */
int write_cut(FILE *record, struct span text, int columns);
int write_column(FILE *record, struct span text, int columns);

#endif
