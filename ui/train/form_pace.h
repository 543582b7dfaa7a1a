/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long a training takes that the form stands for, where no earlier run tells: a step of it is timed by a job at the lowest
 * priority, so that neither a key nor a score waits for it, and once for each kind: another number of steps of the same kind is
 * told without. Knows no curses; the UI thread alone calls it. */
#ifndef REVUE_UI_TRAIN_FORM_PACE_H
#define REVUE_UI_TRAIN_FORM_PACE_H

#include "engine/trainer.h"
#include "engine/words.h"
#include "ui/session.h"

/* Start with {0}, end with form_pace_free. */
struct form_pace {
	struct job *job;     /* NULL: nothing is being timed */
	char kind[OPTION_TEXT_MAX]; /* what decides how long a step takes, of what is or was timed; "" */
	double step_seconds; /* < 0: it is not known, and not tried again, */
	uint64_t steps;      /* unless for more steps than these: then it may be worth it */
	int32_t measured;    /* as in struct train_time */
	bool fits;           /* what was wanted last is of this kind */
};
void form_pace_free(struct form_pace *pace);

/* Of a request of so many steps: times a step where this kind was not timed yet, unless a value is only tried. */
void form_pace_want(struct form_pace *pace, const struct session *session, const struct trainer_request *request, uint64_t steps,
                    bool tried);
void form_pace_stop(struct form_pace *pace);   /* a training starts, or what was wanted is none any more */
void form_pace_update(struct form_pace *pace); /* takes what was found */

/* As exactly as a guess deserves: "5 min". */
struct words form_pace_words(double seconds);

/* Of the kind that was wanted last; false: it is not known, or not yet. */
bool form_pace_tell(const struct form_pace *pace, uint64_t steps, struct train_time *time);

#endif
