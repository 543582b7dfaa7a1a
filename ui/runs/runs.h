/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Runs screen's state, and its parts. screen_runs.c keeps them together. */
#ifndef REVUE_UI_RUNS_H
#define REVUE_UI_RUNS_H

#include "ui/app.h"
#include "ui/runs/run_figures.h"
#include "ui/runs/runs_table.h"
#include "ui/runs/study_view.h"

#define RUNS_COLUMNS 24  /* in the table, at most */
#define RUNS_COMPARED 6  /* marked runs that are set beside each other */

/* P(id, name, title): what is in the place of the table. The first is the table. */
#define RUNS_PAGES(P) \
	P(TABLE, "table", "all runs") \
	P(CONFUSION, "confusion", "confusion matrix") \
	P(LABELS, "labels", "by label") \
	P(CALIBRATION, "calibration", "calibration") \
	P(CUT, "cut", "where to cut the score") \
	P(WORST, "worst", "worst errors") \
	P(DIFFERENCE, "difference", "settings that differ") \
	P(MCNEMAR, "mcnemar", "McNemar's test") \
	P(STUDY, "study", "study")

enum runs_page {
#define P(id, ...) RUNS_PAGE_##id,
	RUNS_PAGES(P)
#undef P
	RUNS_PAGE_COUNT
};

struct teller;

struct runs_state {
	bool ready;
	struct runs_table table;
	struct list list;        /* of the table */
	uint64_t rows;           /* of it in the last frame */
	int columns[RUNS_COLUMNS], column_count; /* beside the name */
	int first_column;        /* of these that is shown */
	int differing;           /* columns that the marked runs differ in, when they were last counted */
	enum runs_page page;
	struct list lines;       /* the cursor on a page of figures */
	int32_t across;          /* the column of the matrix; 1: the curve alone; the label of a cut */
	struct run_figures figures, other; /* of the chosen run; of the second that is compared */
	struct study_view study; /* whose table is shown, or lies under a page of figures: */
	struct list trials;      /* the cursor in it while such a page is shown */
	bool above_study;        /* the page was opened from the table of the study */
	char sought[PATH_MAX];   /* the run of the trial that the cursor goes to when the study is known; "": none */
	char first[PATH_MAX];    /* the first that is compared */
	char *overlays[RUNS_COMPARED]; /* runs that are laid over the charts as soon as those are there */
	char over[PATH_MAX];     /* the run whose charts these are */
};

/* The chosen run, in the table of a study the trial's; NULL: none, or it has not begun. */
const struct run_row *runs_chosen(const struct runs_state *runs);
const char *runs_page_title(enum runs_page page);
bool runs_page_is_of_one(enum runs_page page); /* figures of the chosen run */

/* Puts the cursor on the trial that is sought, where its study is known by now. */
void runs_find_trial(struct runs_state *runs);

/* How many lines a page has that the cursor goes along. */
uint64_t runs_page_lines(const struct runs_state *runs);

/* runs_draw.c */
void runs_draw_table(struct app *app, struct runs_state *runs, struct rect rect);

/* study_draw.c, study_tell.c: the table of a study. */
void study_draw(struct app *app, const struct runs_state *runs, struct rect rect);
void study_tell(struct runs_state *runs, struct teller *teller);

/* figures_draw.c: the page of the chosen run. */
void figures_draw(struct app *app, const struct runs_state *runs, struct rect rect);

/* figures_tell.c: the same in lines. */
void figures_tell(const struct runs_state *runs, struct teller *teller);

/* runs_compare.c: the pages of the marked runs; the columns that they differ in, into out[run_column_count()]. */
int runs_compare_list(const struct runs_state *runs, int *out);
void runs_compare_draw(struct app *app, const struct runs_state *runs, struct rect rect);
/* False: there are not as many marked runs as it needs, which is said. */
bool runs_compare_begin(struct app *app, struct runs_state *runs, enum runs_page page);


/* runs_keep.c: does an action with a run as a whole; false: it is none of these. */
bool runs_keep_act(struct app *app, struct runs_state *runs, enum action action, const char *argument);

/* runs_act.c: all other actions; false: it is none of these. */
bool runs_act(struct app *app, struct runs_state *runs, enum action action, const char *argument);
void runs_load(struct app *app, struct runs_state *runs, const char *folder);
void runs_open_study(struct app *app, struct runs_state *runs, const char *folder);
void runs_lay_over(struct app *app, struct runs_state *runs);

#endif
