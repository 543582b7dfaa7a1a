/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/train_steer.h"

#include "engine/steering.h"

#include <string.h>

static const struct app_choice stop_choices[] = {
	{'y', "stop after a checkpoint"},
	{'n', "go on"},
	{0, NULL},
};

static void send(struct app *app, const char *word, const char *done)
{
	struct error error = {0};

	if (session_command(&app->session, word, &error))
		app_say(app, "%s", done);
	else
		app_complain(app, &error);
}

static void stop_chosen(struct app *app, int key)
{
	if (key == 'y')
		send(app, "stop", "stopping after a checkpoint...");
}

bool train_steer_is_paused(const struct app *app)
{
	const struct session *session = &app->session;

	return session_is_training(session) ? session->trainer_status.phase == TRAINER_PAUSED
	                                    : session->run && run_state(session->run) == RUN_PAUSED;
}

bool train_steer_is_live(const struct app *app)
{
	const struct session *session = &app->session;

	return session_is_training(session) || (session->run && run_state(session->run) <= RUN_PAUSED);
}

bool train_steer_can_resume(const struct app *app)
{
	const struct run *run = app->session.run;

	return !train_steer_is_live(app) && run && run_can_resume(run);
}

bool train_steer_can_extend(const struct app *app)
{
	const struct run *run = app->session.run;

	return !train_steer_is_live(app) && run && (run_state(run) == RUN_FINISHED || run_can_resume(run));
}

/* An order that is called as the action is; what it needs is asked for with its range. */
static void give_order(struct app *app, const enum action *action, const char *argument)
{
	char order[RUN_ORDER_MAX * 2], range[64], prompt[128];
	enum run_command command = RUN_COMMAND_PAUSE;

	while (command < RUN_COMMAND_COUNT && strcmp(run_command_rows[command].name, action_rows[*action].name) != 0)
		command++;
	if (command == RUN_COMMAND_COUNT)
		return;
	if (run_command_rows[command].argument[0] && !*argument) {
		run_command_range(command, range, sizeof range);
		snprintf(prompt, sizeof prompt, "%s (%s): ", run_command_rows[command].name, range);
		app_prompt(app, &(struct line_options){.prompt = prompt, .history = LINE_HISTORY_NONE}, app_answer_action, (void *)action);
		return;
	}
	snprintf(order, sizeof order, "%s%s%.100s", run_command_rows[command].name, *argument ? " " : "", argument);
	send(app, order, command == RUN_COMMAND_EVALUATE ? "the held-out rows will be measured" : "the training will take it on");
}

static bool steer(struct app *app, enum action action, const char *argument)
{
	static const enum action orders[] = {ACTION_EVALUATE, ACTION_RATE, ACTION_EPOCHS};

	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		if (action == orders[i]) {
			give_order(app, &orders[i], argument);
			return true;
		}
	}
	if (action == ACTION_STOP)
		app_ask(app, "Stop the training?", stop_choices, stop_chosen);
	else if (action == ACTION_SAVE)
		send(app, "save", "a checkpoint will be written");
	else if (action == ACTION_PAUSE)
		send(app, train_steer_is_paused(app) ? "resume" : "pause", train_steer_is_paused(app) ? "going on" : "pausing");
	else
		return false;
	return true;
}

static bool is_order(enum action action)
{
	return action == ACTION_PAUSE || action == ACTION_STOP || action == ACTION_SAVE || action == ACTION_EVALUATE ||
	       action == ACTION_RATE || action == ACTION_EPOCHS;
}

bool train_steer_act(struct app *app, enum action action, const char *argument)
{
	static const enum action epochs = ACTION_EPOCHS;

	if (!is_order(action))
		return false;
	if (train_steer_is_live(app))
		return steer(app, action, argument);
	if (action == ACTION_EPOCHS && train_steer_can_extend(app)) {
		give_order(app, &epochs, "");
		return true;
	}
	app_say(app, "this training is over; %s", train_steer_can_resume(app) ? "r goes on with it"
	        : train_steer_can_extend(app) ? ":epochs N goes on to N in all, n sets up another" : "n sets up another");
	return true;
}
