/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a person leaves the screens: Q, q on the first screen, Ctrl-C; and the questions before, where a training runs
 * (departure.c carries that out) or something would be lost. */
#include "ui/app.h"

#include <stdio.h>

static const struct app_choice running_choices[] = {
	{'l', "leave it running"},
	{'s', "stop after a checkpoint"},
	{'b', "go back"},
	{0, NULL},
};

static const struct app_choice paused_choices[] = {
	{'l', "leave it paused"},
	{'s', "stop after a checkpoint"},
	{'b', "go back"},
	{0, NULL},
};

/* A tour leaves nothing that could go on. */
static const struct app_choice tour_choices[] = {
	{'s', "stop it and leave"},
	{'b', "go back"},
	{0, NULL},
};

static const struct app_choice lost_choices[] = {
	{'l', "leave"},
	{'b', "go back"},
	{0, NULL},
};

/* What the first screen that loses something says; NULL: none does. */
static const char *quit_lost(const struct app *app)
{
	const char *lost = NULL;

	if (app->tour)
		return NULL; /* nothing of it is meant to stay */
	for (int i = 0; i < SCREEN_COUNT && !lost; i++)
		lost = app->views[i]->loses ? app->views[i]->loses(app, app->states[i]) : NULL;
	return lost;
}

static void quit_chosen(struct app *app, int key)
{
	app_leave(app, key == 'l' ? LEAVE_CHOSE_RUNNING : key == 's' ? LEAVE_CHOSE_STOP : LEAVE_CHOSE_BACK);
	departure_update(&app->departure, &app->session); /* it may have ended while the question stood there */
	app_take_departure(app);
}

static void quit_ask_training(struct app *app)
{
	const bool paused = session_is_paused(&app->session);
	const char *lost = quit_lost(app);
	char question[200];

	snprintf(question, sizeof question, "A training is %s.%s%s%s", paused ? "paused" : "running", lost ? " Lost will be " : "",
	         lost ? lost : "", lost ? "." : "");
	app_ask(app, question, app->tour ? tour_choices : paused ? paused_choices : running_choices, quit_chosen);
}

void app_take_departure(struct app *app)
{
	struct departure *departure = &app->departure;
	struct error error = {0};

	if (departure->asks)
		quit_ask_training(app);
	if (departure->message[0] && departure->is_error) {
		error_set(&error, ERROR_FAILED, "%s", departure->message);
		app_complain(app, &error);
	} else if (departure->message[0]) {
		app_say(app, "%s", departure->message);
	}
	departure->asks = false;
	departure->message[0] = '\0';
}

void app_leave(struct app *app, enum leave_event event)
{
	if (app->tour && event == LEAVE_HANGUP)
		event = LEAVE_SIGNAL; /* its folder goes: no training outlives it */
	departure_event(&app->departure, &app->session, event);
	app_take_departure(app);
}

bool app_is_leaving(const struct app *app)
{
	return !leave_has_screens(app->departure.state);
}

static void quit_go(struct app *app)
{
	app_leave(app, session_is_training(&app->session) ? LEAVE_QUIT_TRAINING : LEAVE_QUIT);
}

static void quit_lost_chosen(struct app *app, int key)
{
	if (key == 'l')
		quit_go(app);
}

bool app_quit_asks(const struct app *app)
{
	return app->departure.state == LEAVE_NOT && (session_is_training(&app->session) || quit_lost(app));
}

bool app_quit_is_asked(const struct app *app)
{
	return app->choices && (app->chosen == quit_chosen || app->chosen == quit_lost_chosen);
}

void app_quit(struct app *app)
{
	const char *lost = session_is_training(&app->session) ? NULL : quit_lost(app);
	char question[200];

	if (!lost) {
		quit_go(app);
		return;
	}
	snprintf(question, sizeof question, "Leaving loses %s.", lost);
	app_ask(app, question, lost_choices, quit_lost_chosen);
}

void app_keep(struct app *app)
{
	bool kept = false;

	for (int i = 0; i < SCREEN_COUNT; i++)
		kept = (app->states[i] && app->views[i]->keep && app->views[i]->keep(app, app->states[i])) || kept;
	if (kept && !app->departure.farewell[0])
		snprintf(app->departure.farewell, sizeof app->departure.farewell,
		         "the review in the box of the Score screen was not kept: it is the last of its history (Up brings it back)");
}
