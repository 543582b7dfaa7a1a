/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the model says of every row of the open file: a job goes through it in the order of the rows, a few texts at a time so
 * that who types is not held up, and takes what it knows from the visit before out of a cache (engine/prediction_cache.h).
 * Knows no curses; the UI thread alone calls it, but for prediction_table_row. */
#ifndef REVUE_UI_REVIEW_PREDICTIONS_H
#define REVUE_UI_REVIEW_PREDICTIONS_H

#include "engine/prediction_cache.h"
#include "ui/session.h"

/* Filled by the job while others read. */
struct prediction_table;

/* How far it is. */
struct prediction_counts {
	uint64_t rows;      /* of the file */
	uint64_t done;      /* rows [0, done) are known */
	uint64_t predicted; /* of them those that have a text */
	uint64_t judged;    /* of these those with a label that the model knows */
	uint64_t errors;    /* of these those whose prediction is another */
};

struct review_predictions {
	struct jobs *jobs;
	struct prediction_table *table; /* held; NULL: nothing is predicted */
	struct lent_model *lent; /* held: whose predictions `table` has */
	struct prediction_table *before; /* held: what stays true of the next table but for texts as `changed`; NULL: nothing */
	uint64_t before_rows; /* the first of them, as many as that is true of */
	char *changed;        /* NULL: no text */
	size_t changed_size;
	uint64_t growths, settled; /* of the file when `table` was made, and its rows that stay what they are */
	struct job *job;
	uint64_t dataset_generation, model_generation; /* of `table` */
	bool remember;      /* in a cache, for the next visit */
	bool only_reads;    /* ... what is there of the visit before */
	bool halted;        /* the person wants none */
	bool labels_differ; /* of the file and the model, of these generations: rows are not judged */
};

void review_predictions_init(struct review_predictions *predictions, struct jobs *jobs, bool remember);
void review_predictions_free(struct review_predictions *predictions);

/* Whether the cache is written from now on; at first it is. It is read either way. */
void review_predictions_write(struct review_predictions *predictions, bool write);

/* Starts where there are a file, all of whose rows and labels are known, and a model, and none of these is being trained;
 * takes the end; starts again where file, columns or model are others. False with one line, once, where it failed. */
bool review_predictions_update(struct review_predictions *predictions, struct session *session, struct error *error);

/* Rows with this text have another label now: their verdicts are made anew, all others stay. */
void review_predictions_changed(struct review_predictions *predictions, struct span text);

/* Stops, or goes on. */
void review_predictions_halt(struct review_predictions *predictions, bool halt);

bool review_predictions_is_busy(const struct review_predictions *predictions);
struct prediction_counts review_predictions_counts(const struct review_predictions *predictions);

/* What is known of a row; false: nothing yet, or it has no text that can be used. */
bool review_predictions_row(const struct review_predictions *predictions, uint64_t row, struct prediction *out);

/* For jobs that ask for predictions: held as row_set is. NULL is allowed. */
struct prediction_table *prediction_table_hold(struct prediction_table *table);
void prediction_table_drop(struct prediction_table *table);

enum prediction_state {
	PREDICTION_PENDING, /* not known yet, and at work */
	PREDICTION_ABSENT,  /* and it will not be */
	PREDICTION_KNOWN,
};

/* From any thread. */
enum prediction_state prediction_table_row(const struct prediction_table *table, uint64_t row, struct prediction *out);

#endif
