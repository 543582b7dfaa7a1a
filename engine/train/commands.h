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

/* Until there is something to do in a pause: resume, save or stop. */
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
