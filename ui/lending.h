/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The weights of a training of this process, lent to Score and Reviews as they stand: a job makes a model of the same sizes,
 * the training copies its values into it between two steps, then it takes the place of the model that scores. Knows no curses;
 * the UI thread alone calls it. */
#ifndef REVUE_UI_LENDING_H
#define REVUE_UI_LENDING_H

#include "engine/trainer.h"
#include "ui/scoring.h"

/* Start with {0}. */
struct lending {
	struct job *job; /* of the model; NULL: nothing is wanted */
	bool asked;      /* the training has it */
};

/* False with one line. One that is under way goes on. */
bool lending_start(struct lending *lending, struct jobs *jobs, struct wake *wake, const char *run,
                   const struct model_options *how, struct error *error);

/* Takes what has come: true, and the scoring uses the weights after *step; or error->kind tells what went wrong. */
bool lending_update(struct lending *lending, struct trainer *trainer, struct scoring *scoring, struct jobs *jobs, uint64_t *step,
                    struct error *error);

/* The training has ended and was joined, or nobody wants it any more and none has the model. */
void lending_end(struct lending *lending);

#endif
