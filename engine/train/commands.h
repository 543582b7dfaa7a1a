/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the owner of a training, its control thread and its job thread exchange: commands one way, the status the
 * other. All of it lies under one mutex; every function may be called by any thread. */
#ifndef REVUE_TRAIN_COMMANDS_H
#define REVUE_TRAIN_COMMANDS_H

#include "engine/trainer.h"

#include <pthread.h>

enum command {
	COMMAND_PAUSE,
	COMMAND_RESUME, /* ends a pause; a full disk is tried again at once */
	COMMAND_STOP,   /* for good: a pause and every wait end, too */
	COMMAND_SAVE,
};

struct commands {
	pthread_mutex_t mutex;
	pthread_cond_t changed; /* a command came */
	bool stop, pause, save, retry;
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

void commands_give(struct commands *commands, enum command command);

/* Gives the command of this name: pause, resume, stop, save. False: there is none. */
bool commands_give_word(struct commands *commands, const char *word);

bool commands_stop_asked(struct commands *commands);
bool commands_pause_asked(struct commands *commands); /* and no stop */
bool commands_take_save(struct commands *commands);   /* once for each time that it was asked */

/* Lending: asks for a copy; takes that wish, which is NULL where there is none; says that it was met; hears that, once. */
void commands_ask_lend(struct commands *commands, struct model *into);
struct model *commands_take_lend(struct commands *commands);
void commands_set_lent(struct commands *commands, struct model *into, uint64_t step, const struct error *error);
bool commands_take_lent(struct commands *commands, uint64_t *step, struct error *error);

/* Until there is something to do in a pause: resume, save, lend or stop. */
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
