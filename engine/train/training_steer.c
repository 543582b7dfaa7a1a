/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_steer.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_ORDERS_MAX 4096 /* a person changes a training now and then */

static bool write_record(struct training *training, const void *what, struct error *error)
{
	(void)what;
	return run_record_write(training->run, &training->record, error);
}

/* A rate that follows the evaluations keeps its share of the peak. */
static void take_rate(struct training *training, double before, double rate)
{
	struct plateau *plateau = &training->state.plateau;

	if (training->schedule.scheduler->measures)
		plateau->rate = before > 0 ? plateau->rate * rate / before : rate;
	training->state.steering.rate = rate;
}

/* A run that ended early goes on. */
static void take_epochs(struct training *training, double epochs)
{
	training->state.steering.epochs = epochs;
	training->state.mark.without = 0;
	training->record.steps = training->schedule.steps;
}

/* The plan with these changes; false: they are not possible. */
static bool take(struct training *training, const struct run_steering *asked, struct error *error)
{
	const double before = training->schedule.plan.rate;

	if (!schedule_steer(&training->schedule, &training->record.options, asked, error))
		return false;
	if (asked->rate > 0)
		take_rate(training, before, asked->rate);
	if (asked->epochs > 0)
		take_epochs(training, asked->epochs);
	training_steer_ready(training);
	return true;
}

static bool check_steps(const struct training *training, const struct run_steering *asked, struct error *error)
{
	struct schedule changed = training->schedule;

	if (!schedule_steer(&changed, &training->record.options, asked, error))
		return false;
	RETURN_IF(asked->epochs > 0 && changed.steps <= training->state.step, error, ERROR_USAGE,
	          "epochs %g: step %llu is done already", asked->epochs, (unsigned long long)training->state.step);
	return true;
}

static bool tell(struct training *training, enum run_command command, double value, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static bool write_event(struct training *training, const void *what, struct error *error)
{
	return journal_add_event(&training->journal, what, error);
}

static bool tell(struct training *training, enum run_command command, double value, const char *format, ...)
{
	struct journal_event event = {.step = training->state.step, .time = training_seconds(training), .state = JOURNAL_NOTE};
	const struct run_order order = {command, value};
	va_list arguments;

	run_order_format(&order, event.command);
	va_start(arguments, format);
	vsnprintf(event.text, sizeof event.text, format, arguments);
	va_end(arguments);
	return training_persist(training, write_event, &event, NULL);
}

bool training_steer(struct training *training, const struct run_steering *asked, struct error *error)
{
	const struct schedule before = training->schedule;
	struct error why = {0};

	if (!check_steps(training, asked, &why) || !take(training, asked, &why)) {
		training_event(training, JOURNAL_NOTE, "not changed: %.900s", why.text);
		return true;
	}
	if (asked->rate > 0)
		tell(training, RUN_COMMAND_RATE, asked->rate, "the peak learning rate is %g from here on; it was %g", asked->rate,
		     before.plan.rate);
	if (asked->epochs > 0)
		tell(training, RUN_COMMAND_EPOCHS, asked->epochs,
		     "%g epoch%s in all from here on, which makes %s steps; there were to be %s", asked->epochs,
		     asked->epochs == 1 ? "" : "s", words_count(training->schedule.steps).text, words_count(before.steps).text);
	return asked->epochs <= 0 || training_persist(training, write_record, NULL, error);
}

void training_steer_ready(struct training *training)
{
	const struct commands_plan plan = {
		.known = true,
		.measures = training->held_out.count > 0,
		.over = training_is_over(training),
		.max_steps = training->record.options.max_steps,
		.steps_per_epoch = training->schedule.steps_per_epoch,
		.step = training->state.step,
	};

	commands_set_plan(&training->commands, &plan);
}

/* Going on */

bool training_steer_plan(struct training *training, struct error *error)
{
	return !training->checkpoint[0] ||
	       schedule_steer(&training->schedule, &training->record.options, &training->found.steering, error);
}

static void add_order(struct training_orders *again, const struct journal_event *event)
{
	struct training_order *made = &again->orders[again->count];
	struct run_order order;

	if (again->count == LOG_ORDERS_MAX || !event->command[0] || !run_order_parse(event->command, &order, NULL))
		return;
	*made = (struct training_order){.step = event->step};
	if (order.command == RUN_COMMAND_RATE)
		made->steering.rate = order.value;
	else if (order.command == RUN_COMMAND_EPOCHS)
		made->steering.epochs = order.value;
	else
		return;
	again->count++;
}

/* Those of the step of the checkpoint may be in it or have come after it: to change something to what it is changes nothing. */
static bool read_orders(struct training *training, const char *text, size_t size, struct error *error)
{
	const char *end;

	for (; (end = memchr(text, '\n', size)); size -= (size_t)(end + 1 - text), text = end + 1) {
		struct journal_line line;

		if (!memmem(text, (size_t)(end - text), "\"command\"", strlen("\"command\"")))
			continue;
		journal_parse((struct span){text, (size_t)(end - text)}, &line);
		if (line.kind == JOURNAL_UNREAD)
			return error_memory(error, "reading " JOURNAL_FILE);
		if (line.kind == JOURNAL_EVENT && line.event.step >= training->state.step)
			add_order(&training->again, &line.event);
	}
	return true;
}

static bool read_log(struct training *training, struct error *error)
{
	struct training_orders *again = &training->again;
	size_t size;
	char *text;
	bool done;

	again->orders = size_calloc(LOG_ORDERS_MAX + 1, sizeof *again->orders);
	if (!again->orders)
		return error_memory(error, "reading " JOURNAL_FILE);
	text = file_read(training->journal.path, SIZE_MAX / 2, &size, error);
	done = text && read_orders(training, text, size, error);
	free(text);
	return done;
}

bool training_steer_again(struct training *training, struct error *error)
{
	struct training_orders *again = &training->again;
	bool steps = false;

	for (; again->next < again->count && again->orders[again->next].step <= training->state.step; again->next++) {
		struct error why = {0};

		if (!check_steps(training, &again->orders[again->next].steering, &why) ||
		    !take(training, &again->orders[again->next].steering, &why))
			training_event(training, JOURNAL_NOTE, "not changed again: %.900s", why.text);
		else
			steps = steps || again->orders[again->next].steering.epochs > 0;
	}
	return !steps || training_persist(training, write_record, NULL, error);
}

bool training_steer_resume(struct training *training, struct error *error)
{
	const struct run_steering more = {.epochs = training->more_epochs};

	return read_log(training, error) && training_steer_again(training, error) &&
	       (!(more.epochs > 0) || (check_steps(training, &more, error) && training_steer(training, &more, error)));
}
