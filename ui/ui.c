/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loop: one poll over the keyboard, signals, the engine's threads and the run directory. Without
 * news nothing is drawn, written or woken up for. */
#include "ui/app.h"
#include "ui/key.h"
#include "ui/script.h"
#include "ui/signals.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#define FRAME_SECONDS 0.1       /* between frames that nobody asked for with a key */
#define FRAME_SECONDS_SLOW 0.25 /* the same over a network */
#define WATCH_MS 2000           /* a lock that is let go makes no noise: look now and then */

#define LEAVE_MS 30             /* between looks whether a training was taken over */

enum { POLL_KEYS, POLL_SIGNALS, POLL_WAKE, POLL_RUN, POLL_TERMINAL, POLL_COUNT };

static void ui_stop_training(struct app *app)
{
	if (session_is_training(&app->session))
		trainer_stop(app->session.trainer);
}

/* Into the foreground, or into the background: there the work goes on and the terminal is not touched. */
static void ui_come_back(struct app *app)
{
	app->away = !terminal_is_ours(app->terminal);
	app->dirty = true;
	if (!app->away)
		terminal_restore(app->terminal);
}

static void ui_suspend(struct app *app)
{
	if (!app->away)
		terminal_suspend(app->terminal);
	signals_stop_here();
	ui_come_back(app);
}

static void ui_take_signals(struct app *app)
{
	int number;

	while ((number = signals_next())) {
		switch (number) {
		case SIGINT:
		case SIGQUIT:
		case SIGTERM:
			ui_stop_training(app);
			app->interrupted = app->quit = true;
			break;
		case SIGHUP:
			app->gone = app->quit = true;
			break;
		case SIGTSTP:
			ui_suspend(app);
			break;
		case SIGCONT:
			ui_come_back(app);
			break;
		case SIGWINCH:
			terminal_resize(app->terminal, 0, 0);
			app->dirty = true;
			break;
		}
	}
}

static void ui_take_paste(struct app *app)
{
	bool cut;

	app_paste(app, terminal_paste(app->terminal, &cut));
	if (cut)
		app_say(app, "the paste was cut: a megabyte at most is taken");
}

static void ui_take_keys(struct app *app, short events)
{
	int key;

	if (events & (POLLHUP | POLLERR | POLLNVAL) || (events && terminal_is_gone(app->terminal))) {
		app->gone = app->quit = true;
		return;
	}
	while (!app->quit && (key = terminal_key(app->terminal)) != UI_KEY_NONE) {
		if (key == UI_KEY_PASTE)
			ui_take_paste(app);
		else
			app_key(app, key);
	}
}

/* Another process's run that is alive has to be looked at by time as well. */
static int ui_watch_timeout(const struct app *app)
{
	const struct session *session = &app->session;

	if (!session->run || session_is_training(session) || run_state(session->run) > RUN_PAUSED)
		return -1;
	return run_fd(session->run) < 0 ? WATCH_MS / 2 : WATCH_MS;
}

static int ui_sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int ui_timeout(const struct app *app, const struct script *script)
{
	const double frame = terminal_is_slow(app->terminal) ? FRAME_SECONDS_SLOW : FRAME_SECONDS;
	const double left = app->last_frame + frame - ui_seconds();

	if (script)
		return script_timeout(script);
	if (leave_is_waiting(app))
		return LEAVE_MS;
	if (app->dirty && app_can_draw(app))
		return left > 0 ? (int)(left * 1000) + 1 : 0;
	/* Where a frame waits for the terminal, that will tell, or the signal that brings it back. */
	return ui_sooner(ui_watch_timeout(app), terminal_key_timeout(app->terminal));
}

static void ui_poll(struct app *app, int timeout)
{
	struct pollfd fds[POLL_COUNT] = {
		[POLL_KEYS] = {app->away ? -1 : terminal_fd(app->terminal), POLLIN, 0},
		[POLL_SIGNALS] = {signals_fd(), POLLIN, 0},
		[POLL_WAKE] = {wake_fd(app->session.wake), POLLIN, 0},
		[POLL_RUN] = {app->session.run ? run_fd(app->session.run) : -1, POLLIN, 0},
		[POLL_TERMINAL] = {app->away ? -1 : terminal_busy_fd(app->terminal), POLLOUT, 0},
	};
	const int ready = poll(fds, POLL_COUNT, timeout);

	if (ready < 0)
		return;
	if (fds[POLL_TERMINAL].revents)
		terminal_send(app->terminal);
	if (fds[POLL_SIGNALS].revents)
		ui_take_signals(app);
	if (fds[POLL_WAKE].revents)
		wake_clear(app->session.wake);
	if (fds[POLL_WAKE].revents || fds[POLL_RUN].revents || (ready == 0 && !app->dirty)
	    || leave_is_waiting(app))
		app_update(app);
	if (fds[POLL_KEYS].revents || terminal_key_timeout(app->terminal) == 0) {
		ui_take_keys(app, fds[POLL_KEYS].revents);
		if (!app->quit)
			app_draw(app); /* a key is answered at once */
	}
}

static bool ui_loop(struct app *app, struct script *script, struct error *error)
{
	app_update(app);
	app_draw(app);
	while (!app->quit) {
		ui_poll(app, ui_timeout(app, script));
		if (script && !script_play(script, app, error))
			return false;
		if (!app->quit && app->dirty && ui_timeout(app, NULL) == 0)
			app_draw(app);
	}
	return true;
}

/* Without a terminal: until the training ends, or somebody asks it to. */
static void ui_wait_for_training(struct app *app)
{
	while (session_is_training(&app->session)) {
		struct pollfd fds[] = {
			{signals_fd(), POLLIN, 0},
			{wake_fd(app->session.wake), POLLIN, 0},
		};
		int number;

		trainer_status(app->session.trainer, &app->session.trainer_status);
		if (app->session.trainer_status.phase >= TRAINER_FINISHED)
			return;
		poll(fds, 2, -1);
		wake_clear(app->session.wake);
		while ((number = signals_next())) {
			if (number == SIGINT || number == SIGQUIT || number == SIGTERM) {
				app->interrupted = true;
				ui_stop_training(app);
			}
		}
	}
}

static bool ui_finish(struct app *app, struct error *error)
{
	bool succeeded;

	terminal_close(app->terminal);
	app->terminal = NULL;
	if (!app->gone && !app->interrupted)
		ui_stop_training(app);
	do
		ui_wait_for_training(app);
	while (leave_finish(app));
	succeeded = session_join(&app->session, error);
	if (succeeded && app->interrupted && error->kind != ERROR_INTERRUPTED)
		return error_set(error, ERROR_INTERRUPTED, "interrupted");
	return succeeded && !app->interrupted;
}

static void ui_open_first(struct app *app)
{
	const struct ui_request *request = app->request;
	const char *data = request->data ? request->data : request->samples;
	struct error error = {0};

	app->screen = SCREEN_DATA;
	if (data && !app_open_data(app, data, &error))
		app_complain(app, &error);
	if (*app_model(app))
		session_load_model(&app->session, app_model(app));
	if (request->run && !session_watch(&app->session, request->run, &error))
		app_complain(app, &error);
	else if (request->run)
		app->screen = SCREEN_TRAIN;
}

static bool ui_start(struct app *app, struct script **script, struct error *error)
{
	const struct ui_request *request = app->request;
	const struct terminal_options options = {request->ascii, request->color, request->script};

	if (!session_init(&app->session, error) || !signals_open(error))
		return false;
	if (request->script && !(*script = script_open(request->script, error)))
		return false;
	app->line = line_new(!request->script, error);
	app->terminal = app->line ? terminal_open(&options, error) : NULL;
	return app->terminal && app_open_screens(app, error);
}

bool ui_run(const struct ui_request *request, char farewell[UI_FAREWELL_MAX], struct error *error)
{
	struct app app = {.request = request};
	struct script *script = NULL;
	struct error own = {0};
	bool succeeded = ui_start(&app, &script, &own);

	if (succeeded) {
		ui_open_first(&app);
		succeeded = ui_loop(&app, script, &own);
		succeeded = ui_finish(&app, succeeded ? &own : &(struct error){0}) && succeeded;
	}
	terminal_close(app.terminal);
	snprintf(farewell, UI_FAREWELL_MAX, "%s", app.leave.farewell);
	script_close(script);
	app_close_screens(&app);
	line_free(app.line);
	session_free(&app.session);
	signals_close();
	if (!succeeded && error)
		*error = own;
	return succeeded;
}
