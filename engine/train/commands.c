/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/commands.h"

#include "engine/clock.h"

#include <errno.h>
#include <math.h>
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

/* Whether so many epochs are still to come. */
static bool check_epochs(const struct commands_plan *plan, double epochs, struct error *error)
{
	RETURN_IF(plan->max_steps > 0, error, ERROR_USAGE, "epochs: this run counts --max-steps %lld, and no epochs",
	          (long long)plan->max_steps);
	RETURN_IF(ceil(epochs * (double)plan->steps_per_epoch) <= (double)plan->step, error, ERROR_USAGE,
	          "epochs %g: step %llu is done, and an epoch has %llu: stop ends the training now", epochs,
	          (unsigned long long)plan->step, (unsigned long long)plan->steps_per_epoch);
	return true;
}

static bool check_order(const struct commands_plan *plan, const struct run_order *order, struct error *error)
{
	const char *name = run_command_rows[order->command].name;

	if (order->command != RUN_COMMAND_RATE && order->command != RUN_COMMAND_EPOCHS && order->command != RUN_COMMAND_EVALUATE)
		return true;
	RETURN_IF(!plan->known, error, ERROR_USAGE, "%s: the training still reads its data: say it again when it has begun", name);
	RETURN_IF(plan->over, error, ERROR_USAGE, "%s: the last step is done already", name);
	RETURN_IF(order->command == RUN_COMMAND_EVALUATE && !plan->measures, error, ERROR_USAGE,
	          "evaluate: no rows are held out to measure on");
	return order->command != RUN_COMMAND_EPOCHS || check_epochs(plan, order->value, error);
}

static void take_order(struct commands *commands, const struct run_order *order)
{
	switch (order->command) {
	case RUN_COMMAND_PAUSE:
		commands->pause = true;
		break;
	case RUN_COMMAND_RESUME:
		commands->retry = true;
		commands->pause = false;
		break;
	case RUN_COMMAND_STOP:
		commands->stop = true;
		break;
	case RUN_COMMAND_SAVE:
		commands->save = true;
		break;
	case RUN_COMMAND_EVALUATE:
		commands->evaluate = true;
		break;
	case RUN_COMMAND_RATE:
		commands->steering.rate = order->value;
		break;
	case RUN_COMMAND_EPOCHS:
		commands->steering.epochs = order->value;
		break;
	case RUN_COMMAND_COUNT:
		break;
	}
}

bool commands_give(struct commands *commands, const struct run_order *order, struct error *error)
{
	bool possible;

	pthread_mutex_lock(&commands->mutex);
	possible = check_order(&commands->plan, order, error);
	if (possible)
		take_order(commands, order);
	pthread_cond_broadcast(&commands->changed);
	pthread_mutex_unlock(&commands->mutex);
	return possible;
}

void commands_set_plan(struct commands *commands, const struct commands_plan *plan)
{
	pthread_mutex_lock(&commands->mutex);
	commands->plan = *plan;
	pthread_mutex_unlock(&commands->mutex);
}

void commands_set_step(struct commands *commands, uint64_t step, bool over)
{
	pthread_mutex_lock(&commands->mutex);
	commands->plan.step = step;
	commands->plan.over = over;
	pthread_mutex_unlock(&commands->mutex);
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

bool commands_take_evaluate(struct commands *commands)
{
	bool evaluate;

	pthread_mutex_lock(&commands->mutex);
	evaluate = commands->evaluate;
	commands->evaluate = false;
	pthread_mutex_unlock(&commands->mutex);
	return evaluate;
}

static bool is_steered(const struct run_steering *steering)
{
	return steering->rate > 0 || steering->epochs > 0;
}

bool commands_take_steering(struct commands *commands, struct run_steering *out)
{
	pthread_mutex_lock(&commands->mutex);
	*out = commands->steering;
	commands->steering = (struct run_steering){0};
	pthread_mutex_unlock(&commands->mutex);
	return is_steered(out);
}

static bool has_work(const struct commands *commands)
{
	return !commands->pause || commands->stop || commands->save || commands->evaluate || commands->lend ||
	       is_steered(&commands->steering);
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
	while (!has_work(commands))
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
