/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Going on with a run, part of the Train screen: asks where its files lie now that are no longer where they were. */
#ifndef REVUE_UI_TRAIN_RESUME_H
#define REVUE_UI_TRAIN_RESUME_H

#include "ui/app.h"

/* Start with {0}. */
struct train_resume {
	char run[PATH_MAX];
	char data[PATH_MAX], validation[PATH_MAX], model[PATH_MAX]; /* where the person said that they are; "": where they were */
	struct trainer_missing missing; /* what is being asked for */
	double epochs; /* as many in all from now on; 0: as it was */
	bool went_on; /* out: who shows the run sets it back */
};

/* Goes on with `run`, to so many epochs in all (0: as many as it was told); or asks, complains or both.
 * `resume` is there until the answer, or the next call. */
void train_resume_begin(struct app *app, struct train_resume *resume, const char *run, double epochs);

#endif
