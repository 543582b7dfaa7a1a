/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the scores that a run keeps of its held-out reviews tell: read and counted by a job. Knows no curses. */
#ifndef REVUE_UI_RUN_FIGURES_H
#define REVUE_UI_RUN_FIGURES_H

#include "engine/held_out.h"
#include "engine/job.h"

#include <limits.h>

#define FIGURES_MATRIX_LABELS 256 /* with more there is no matrix to look at */
#define FIGURES_CUTS 19           /* 0.05, 0.10, ... 0.95 */
#define FIGURES_CUT_LABELS 64     /* the first labels have cuts */

/* What comes of predicting a label from each cut on, and from the one of the highest F1. */
struct label_cuts {
	struct cut_figures cuts[FIGURES_CUTS];
	struct threshold best;
};

/* The figures of one run, made once. */
struct figures {
	struct held_out held;
	struct tally tally;      /* of one label a review or of sets */
	uint64_t *matrix;        /* [labels][labels], row: truth, column: prediction; NULL: sets, or too many labels */
	double accuracy, log_loss, brier, calibration;
	struct calibration_bin bins[CALIBRATION_BINS];
	size_t *worst;           /* [worst_count] rows that are wrong, the least probable truth first; none of sets */
	size_t worst_count;
	double *losses;          /* [held.rows] */
	struct label_cuts *cuts; /* [cut_labels] */
	int32_t cut_labels;
};

/* Start with {0}, end with run_figures_free. */
struct run_figures {
	char path[PATH_MAX];  /* of the run; "": none */
	struct job *job;
	struct figures *figures; /* NULL: not read yet, or it cannot be: */
	struct error error;
};

void run_figures_free(struct run_figures *run);

/* Begins to read those of a run, unless they are there. */
void run_figures_ask(struct run_figures *run, struct jobs *jobs, const char *path);

/* Forgets them, so that they are read again. */
void run_figures_forget(struct run_figures *run);

/* True: they have come, or cannot. */
bool run_figures_update(struct run_figures *run);

/* The rows of a cell, as numbers of the data, into numbers[held.rows]. */
size_t figures_cell(const struct figures *figures, int32_t truth, int32_t prediction, uint64_t *numbers);

double figures_cut(int index); /* 0.05 for 0 */

/* McNemar's test of two runs on the same rows; false with one line where the rows differ. */
bool figures_mcnemar(const struct figures *a, const struct figures *b, struct mcnemar *out, struct error *error);

#endif
