/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The study whose table is shown: its folders are looked at by a job, again and again while trials are left. Knows no curses. */
#ifndef REVUE_UI_STUDY_VIEW_H
#define REVUE_UI_STUDY_VIEW_H

#include "engine/job.h"
#include "engine/study.h"

#include <limits.h>

/* Start with {0}, end with study_view_forget. */
struct study_view {
	char path[PATH_MAX];  /* of its folder; "": none */
	struct job *job;
	struct study *study;  /* as it was looked at last; NULL: not yet, or it cannot be: */
	struct error error;
	double due;           /* when to look again, by clock_seconds */
};

/* The study that a run is a trial of, by the folder that it lies in. False: it is none. */
bool study_view_find(const char *run, char folder[PATH_MAX]);

void study_view_forget(struct study_view *view);

/* Begins to look at a study; what was there of another one is forgotten. */
void study_view_ask(struct study_view *view, struct jobs *jobs, const char *folder);

/* Takes what the job has found. */
void study_view_update(struct study_view *view);

/* Looks again where it is time. */
void study_view_refresh(struct study_view *view, struct jobs *jobs);

int study_view_timeout(const struct study_view *view); /* milliseconds until that; -1: never */

int study_view_trials(const struct study_view *view); /* 0: nothing is known yet */
bool study_view_is_live(const struct study_view *view); /* trials are left that train or wait */
bool study_view_is_best(const struct study_view *view, int trial); /* of a search */

/* "4 trials of a search: 1 finished, 2 out by halving, 1 begun" */
void study_view_describe(const struct study_view *view, char *out, size_t capacity);

#endif
