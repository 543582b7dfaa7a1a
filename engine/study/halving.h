/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Successive halving: all trials train for a small share of their steps, the best of them for a larger one, and so on; the
 * weights go on, and only the last rung reaches the end. With a reduction of 3 nine trials train to 1/9, three to 1/3, one to
 * the end.
 *
 * Source: Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization"; Li and others
 * 2018, "Hyperband". */
#ifndef REVUE_STUDY_HALVING_H
#define REVUE_STUDY_HALVING_H

#include "engine/study.h"

struct halving {
	int trials, reduction, rungs;
};

/* As many rungs as the trials fill, STUDY_RUNGS_MAX at most. A reduction of 1 has one: the end. */
struct halving halving_plan(int trials, int reduction);

/* The share of a trial's steps at the end of a rung: 1 of the last. */
double halving_share(const struct halving *halving, int rung);

/* How many trials train in a rung. Shown for tests. */
int halving_places(const struct halving *halving, int rung);

/* What a trial came to. */
struct halving_trial {
	int reached;   /* rungs that it has ended */
	bool failed;
	double objective[STUDY_RUNGS_MAX]; /* at the end of each; NaN counts as worst */
	bool out;      /* filled in by halving_next: a rung did not keep it */
};

/* The trial that trains next and in which rung: the first in its order of those that a rung has kept. -1: none. `room`:
 * [trials] scratch. */
int halving_next(const struct halving *halving, struct halving_trial *trials, bool greater, int *room, int *rung);

#endif
