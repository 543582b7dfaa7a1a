/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/app.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static void leave_say(struct leave *leave, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void leave_say(struct leave *leave, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(leave->farewell, sizeof leave->farewell, format, arguments);
	va_end(arguments);
}

/* The question */

static const struct app_choice leave_choices[] = {
	{'l', "leave it running"},
	{'s', "stop after a checkpoint"},
	{'b', "go back"},
	{0, NULL},
};

static void leave_chosen(struct app *app, int key)
{
	struct error error = {0};

	if (key != 'l' && key != 's')
		return;
	if (!session_is_training(&app->session)) { /* it ended while the question stood there */
		app->leave.wish = LEAVE_STOPPED;
		leave_update(app);
		return;
	}
	if (!session_command(&app->session, "stop", &error)) {
		app_complain(app, &error);
		return;
	}
	app->leave.wish = key == 'l' ? LEAVE_RUNNING : LEAVE_STOPPED;
	app_say(app, key == 'l' ? "handing the training over after a checkpoint..." : "stopping after a checkpoint...");
}

void leave_begin(struct app *app)
{
	if (app->leave.wish != LEAVE_NOT)
		app_say(app, "leaving after a checkpoint...");
	else if (session_is_training(&app->session))
		app_ask(app, "A training is running.", leave_choices, leave_chosen);
	else
		app->quit = true;
}

/* Handing over */

static void leave_handed_over(struct app *app)
{
	const char *run = app->session.run_path;

	leave_say(&app->leave, "training goes on in %s; revue watch %s shows it", run, run);
	app->quit = true;
}

/* Nobody else does it: it goes on here. */
static void leave_keep(struct app *app, const struct error *why)
{
	struct error error = {0};

	app->leave.wish = LEAVE_NOT;
	if (session_resume(&app->session, app->session.run_path, &error))
		app_say(app, "it could not be left running (%s), so it goes on here", why->text);
	else
		app_say(app, "it could not be left running (%s) and stands at its checkpoint: %s", why->text, error.text);
	app->message_style = STYLE_ERROR;
}

static void leave_hand_over(struct app *app)
{
	struct takeover *takeover = &app->leave.takeover;
	struct error error = {0};

	if (takeover->state != TAKEOVER_WAITING
	    && !takeover_start(takeover, TAKEOVER_PROGRAM, app->session.run_path, TAKEOVER_PATIENCE, &error)) {
		leave_keep(app, &error);
		return;
	}
	app_say(app, "handing the training over...");
	switch (takeover_look(takeover, &error)) {
	case TAKEOVER_DONE:
		leave_handed_over(app);
		break;
	case TAKEOVER_FAILED:
		leave_keep(app, &error);
		break;
	default:
		break;
	}
}

void leave_update(struct app *app)
{
	const struct session *session = &app->session;

	if (app->leave.wish == LEAVE_NOT || session_is_training(session) || app->quit)
		return;
	switch (session->trainer_status.phase) {
	case TRAINER_FAILED:
		app->leave.wish = LEAVE_NOT; /* the person should read why */
		app_complain(app, &session->trainer_error);
		break;
	case TRAINER_STOPPED:
		if (app->leave.wish == LEAVE_RUNNING) {
			leave_hand_over(app);
			break;
		}
		leave_say(&app->leave, "%s", session->trainer_error.text);
		app->quit = true;
		break;
	default:
		leave_say(&app->leave, "the training has finished: its model is in %s/model", session->run_path);
		app->quit = true;
	}
}

bool leave_is_waiting(const struct app *app)
{
	return app->leave.takeover.state == TAKEOVER_WAITING;
}

bool leave_finish(struct app *app)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	if (app->interrupted)
		takeover_stop(&app->leave.takeover);
	if (app->leave.wish != LEAVE_RUNNING || app->interrupted || app->leave.takeover.state == TAKEOVER_DONE)
		return false;
	session_update(&app->session);
	app->quit = false;
	leave_update(app);
	while (leave_is_waiting(app)) {
		nanosleep(&pause, NULL);
		leave_update(app);
	}
	return session_is_training(&app->session);
}
