/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All runs below a folder, as the table that `revue runs` prints and the Runs screen shows: what each came to and what it was
 * asked for; and what is done with a run as a whole: a note, another name, removing it. Implemented in engine/train (runs.c,
 * run_columns.c, run_keep.c). */
#ifndef REVUE_ENGINE_RUNS_H
#define REVUE_ENGINE_RUNS_H

#include "engine/progress.h"
#include "engine/run.h"

#define RUN_NOTE_FILE "notes"
#define RUN_NOTE_MAX 1024 /* bytes of a note with its NUL */

/* A run in that table. Owned by who was given it; freed by run_row_free. */
struct run_row {
	char *path, *name;       /* its folder; that below the folder that was searched */
	bool readable;           /* false: `problem` says why not, and nothing else counts */
	char problem[256];
	struct run_summary summary;
	double baseline;         /* accuracy of a linear model on words; NaN: not known */
	char *data, *model;      /* paths */
	char **settings;         /* [train_option_count]: as text, those that are not the default; else NULL */
	char note[RUN_NOTE_MAX]; /* its first line; "": none. Not scrubbed, as all texts here */
};

/* Looks for runs in `folder` and below it, as deep as RUNS_DEPTH_MAX, past links; a run's own folder is not searched. Each is given
 * to `found` as soon as it was read, which takes it over. A folder that cannot be opened is passed over, but the first. False:
 * stopped, or no such folder. */
#define RUNS_DEPTH_MAX 8
bool runs_find(const char *folder, void (*found)(void *context, struct run_row *row), void *context,
               const struct progress *progress, struct error *error);
void run_row_free(struct run_row *row); /* NULL is allowed */

/* The columns of the table: those of this list, then the options of a training by their names. C(id, name, number, help) */
#define RUN_COLUMNS(C) \
	C(NAME, "name", false, "its folder, below the one that was searched") \
	C(STATE, "state", false, "live, paused, finished, stopped, failed, dead, or unreadable") \
	C(STARTED, "started", false, "when it began, in UTC") \
	C(STEP, "step", true, "steps that were made") \
	C(STEPS, "steps", true, "steps in all") \
	C(EPOCH, "epoch", true, "epochs that were made") \
	C(LOSS, "loss", true, "training loss of the last line of the log") \
	C(VALIDATION_LOSS, "validation_loss", true, "loss on the held-out rows, at the result or the last evaluation") \
	C(ACCURACY, "accuracy", true, "share of the held-out rows that are right, likewise") \
	C(F1, "f1", true, "F1, likewise") \
	C(PERPLEXITY, "perplexity", true, "of masked words, likewise; their accuracy is that of tokens") \
	C(PRECISION, "precision", true, "precision, likewise") \
	C(RECALL, "recall", true, "recall, likewise") \
	C(BASELINE, "baseline_accuracy", true, "accuracy of a linear model on words on the same rows") \
	C(MODEL, "model", false, "the base that it started from") \
	C(DATA, "data", false, "the file that it trains on") \
	C(NOTE, "note", false, "what somebody noted of it")

enum run_column {
#define C(id, ...) RUN_COLUMN_##id,
	RUN_COLUMNS(C)
#undef C
	RUN_COLUMN_COUNT, /* from here on: RUN_COLUMN_COUNT + the index of an option */
};

int run_column_count(void);
const char *run_column_name(int column);
const char *run_column_help(int column);
bool run_column_is_number(int column);
int run_column_find(const char *name); /* '-' and '_' are the same; -1: none */

/* What a run has there: as text, "" for nothing, and where it is a number, as that. */
struct run_cell {
	bool there, is_number;
	double number;
	char text[RUN_NOTE_MAX];
};
void run_column_value(const struct run_row *row, int column, struct run_cell *cell);

const char *run_state_name(enum run_state state);

/* The note of a run, RUN/notes; "" where there is none. */
void run_note_read(const char *directory, char out[RUN_NOTE_MAX]);
/* Writes it; "" removes it. Line feeds in it become blanks. */
bool run_note_write(const char *directory, const char *text, struct error *error);

/* Gives the run's folder another name beside where it lies: nothing that is there is replaced. `path`: the new one, [PATH_MAX].
 * False with one line: it is in use, or the name is none. */
bool run_rename(const char *directory, const char *name, char *path, size_t capacity, struct error *error);

/* Removes a run and all in its folder; links are removed and not followed, and run.json goes last, so that what is left of a
 * removal that failed is still a run. False with one line: it is in use, is no run, or something cannot be removed. */
bool run_delete(const char *directory, struct error *error);

/* Removes the checkpoints of a run, which then cannot be gone on with: log, scores and a result stay. False with one line: it
 * is in use, is no run, or something cannot be removed. */
bool run_drop_checkpoints(const char *directory, struct error *error);

#endif
