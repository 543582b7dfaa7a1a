/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the owner of a training, its control thread and its job thread exchange: commands one way, the status the
 * other. All of it lies under one mutex; every function may be called by any thread. */
#ifndef REVUE_TRAIN_COMMANDS_H
#define REVUE_TRAIN_COMMANDS_H

#include "engine/steering.h"
#include "engine/trainer.h"

#include <pthread.h>

/* What orders are answered by: what of the training they depend on. */
struct commands_plan {
	bool known;               /* it has a plan: rates, epochs and evaluations count */
	bool measures;            /* rows are held out */
	bool over;                /* its last step is done */
	int64_t max_steps;        /* above 0: the steps are counted so */
	uint64_t steps_per_epoch;
	uint64_t step;            /* done */
};

struct commands {
	pthread_mutex_t mutex;
	pthread_cond_t changed; /* a command came */
	bool stop, pause, save, retry, evaluate;
	struct run_steering steering; /* what was asked for and not taken yet */
	struct commands_plan plan;
	struct model *lend;  /* a model that the weights are to be copied into; NULL: none */
	struct model *lent;  /* this one has them, or lent_error says why not; NULL: none */
	uint64_t lent_step;
	struct error lent_error;
	struct trainer_status status;
	struct wake *wake; /* borrowed; may be NULL */
	double woken;      /* when it was last signalled for progress alone */
};

void commands_init(struct commands *commands, struct wake *wake);
void commands_free(struct commands *commands);

/* Gives an order: it is obeyed at the next micro-batch. False with one line: it is not possible now. Stop is for good: a pause
 * and every wait end, too. */
bool commands_give(struct commands *commands, const struct run_order *order, struct error *error);

/* What is possible from now on; and that one more step was made. */
void commands_set_plan(struct commands *commands, const struct commands_plan *plan);
void commands_set_step(struct commands *commands, uint64_t step, bool over);

bool commands_stop_asked(struct commands *commands);
bool commands_pause_asked(struct commands *commands); /* and no stop */
/* Each once for each time that it was asked. */
bool commands_take_save(struct commands *commands);
bool commands_take_evaluate(struct commands *commands);
bool commands_take_steering(struct commands *commands, struct run_steering *out);

/* Lending: asks for a copy; takes that wish, which is NULL where there is none; says that it was met; hears that, once. */
void commands_ask_lend(struct commands *commands, struct model *into);
struct model *commands_take_lend(struct commands *commands);
void commands_set_lent(struct commands *commands, struct model *into, uint64_t step, const struct error *error);
bool commands_take_lent(struct commands *commands, uint64_t *step, struct error *error);

/* Until there is something to do in a pause. */
void commands_wait(struct commands *commands);

/* Until resume or stop comes, `seconds` at most. */
void commands_wait_retry(struct commands *commands, int seconds);

/* A copy of the status. */
void commands_status(struct commands *commands, struct trainer_status *status);

/* Each of these signals `wake`. */
void commands_set_status(struct commands *commands, const struct trainer_status *status); /* all but the error */
void commands_set_error(struct commands *commands, const struct error *error); /* NULL: none any more */

/* A `struct progress` callback; `context` is the commands. Wakes ten times a second at most. False: stop. */
bool commands_report(void *context, const char *what, uint64_t done, uint64_t total);

#endif
