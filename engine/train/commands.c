/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/commands.h"

#include "engine/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WAKE_SECONDS 0.1 /* between two signals for progress alone: nobody reads faster */

void commands_init(struct commands *commands, struct wake *wake)
{
	pthread_condattr_t monotonic;

	*commands = (struct commands){.wake = wake, .status.seconds_left = -1};
	pthread_mutex_init(&commands->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&commands->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

void commands_free(struct commands *commands)
{
	pthread_cond_destroy(&commands->changed);
	pthread_mutex_destroy(&commands->mutex);
}

/* Commands */

void commands_give(struct commands *commands, enum command command)
{
	pthread_mutex_lock(&commands->mutex);
	switch (command) {
	case COMMAND_PAUSE:
		commands->pause = true;
		break;
	case COMMAND_RESUME:
		commands->retry = true;
		commands->pause = false;
		break;
	case COMMAND_STOP:
		commands->stop = true;
		break;
	case COMMAND_SAVE:
		commands->save = true;
		break;
	}
	pthread_cond_broadcast(&commands->changed);
	pthread_mutex_unlock(&commands->mutex);
}

bool commands_give_word(struct commands *commands, const char *word)
{
	static const char *const words[] = {
		[COMMAND_PAUSE] = "pause", [COMMAND_RESUME] = "resume", [COMMAND_STOP] = "stop", [COMMAND_SAVE] = "save",
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(word, words[i]) == 0) {
			commands_give(commands, (enum command)i);
			return true;
		}
	}
	return false;
}

bool commands_stop_asked(struct commands *commands)
{
	bool stop;

	pthread_mutex_lock(&commands->mutex);
	stop = commands->stop;
	pthread_mutex_unlock(&commands->mutex);
	return stop;
}

bool commands_pause_asked(struct commands *commands)
{
	bool pause;

	pthread_mutex_lock(&commands->mutex);
	pause = commands->pause && !commands->stop;
	pthread_mutex_unlock(&commands->mutex);
	return pause;
}

bool commands_take_save(struct commands *commands)
{
	bool save;

	pthread_mutex_lock(&commands->mutex);
	save = commands->save;
	commands->save = false;
	pthread_mutex_unlock(&commands->mutex);
	return save;
}

void commands_ask_lend(struct commands *commands, struct model *into)
{
	pthread_mutex_lock(&commands->mutex);
	commands->lend = into;
	pthread_cond_broadcast(&commands->changed);
	pthread_mutex_unlock(&commands->mutex);
}

struct model *commands_take_lend(struct commands *commands)
{
	struct model *into;

	pthread_mutex_lock(&commands->mutex);
	into = commands->lend;
	commands->lend = NULL;
	pthread_mutex_unlock(&commands->mutex);
	return into;
}

void commands_set_lent(struct commands *commands, struct model *into, uint64_t step, const struct error *error)
{
	pthread_mutex_lock(&commands->mutex);
	commands->lent = into;
	commands->lent_step = step;
	commands->lent_error = *error;
	pthread_mutex_unlock(&commands->mutex);
	if (commands->wake)
		wake_signal(commands->wake);
}

bool commands_take_lent(struct commands *commands, uint64_t *step, struct error *error)
{
	bool lent;

	pthread_mutex_lock(&commands->mutex);
	lent = commands->lent != NULL;
	commands->lent = NULL;
	*step = commands->lent_step;
	*error = commands->lent_error;
	pthread_mutex_unlock(&commands->mutex);
	return lent;
}

void commands_wait(struct commands *commands)
{
	pthread_mutex_lock(&commands->mutex);
	while (commands->pause && !commands->stop && !commands->save && !commands->lend)
		pthread_cond_wait(&commands->changed, &commands->mutex);
	pthread_mutex_unlock(&commands->mutex);
}

void commands_wait_retry(struct commands *commands, int seconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&commands->mutex);
	commands->retry = false;
	while (!commands->stop && !commands->retry &&
	       pthread_cond_timedwait(&commands->changed, &commands->mutex, &until) != ETIMEDOUT)
		;
	commands->retry = false;
	pthread_mutex_unlock(&commands->mutex);
}

/* The status */

void commands_status(struct commands *commands, struct trainer_status *status)
{
	pthread_mutex_lock(&commands->mutex);
	*status = commands->status;
	pthread_mutex_unlock(&commands->mutex);
}

void commands_set_status(struct commands *commands, const struct trainer_status *status)
{
	struct error error;

	pthread_mutex_lock(&commands->mutex);
	error = commands->status.error;
	commands->status = *status;
	commands->status.error = error;
	pthread_mutex_unlock(&commands->mutex);
	wake_signal(commands->wake);
}

void commands_set_error(struct commands *commands, const struct error *error)
{
	pthread_mutex_lock(&commands->mutex);
	commands->status.error = error ? *error : (struct error){0};
	pthread_mutex_unlock(&commands->mutex);
	wake_signal(commands->wake);
}

bool commands_report(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct commands *commands = context;
	double now = clock_seconds();
	bool wake, go_on;

	pthread_mutex_lock(&commands->mutex);
	snprintf(commands->status.what, sizeof commands->status.what, "%s", what);
	commands->status.done = done;
	commands->status.total = total;
	wake = now - commands->woken >= WAKE_SECONDS;
	if (wake)
		commands->woken = now;
	go_on = !commands->stop;
	pthread_mutex_unlock(&commands->mutex);
	if (wake)
		wake_signal(commands->wake);
	return go_on;
}
