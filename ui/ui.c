/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loop: one poll over the keyboard, signals, the engine's threads and the run directory. Without
 * news nothing is drawn, written or woken up for. */
#include "engine/clock.h"
#include "engine/study.h"
#include "ui/frame.h"
#include "ui/plain/plain_loop.h"
#include "ui/script.h"
#include "ui/signals.h"
#include "ui/terminal/history.h"
#include "ui/terminal/key.h"
#include "ui/terminal/terminfo.h"
#include "ui/tour/tour_steps.h"
#include "ui/ui.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define FRAME_SECONDS_SLOW 0.25 /* between frames that nobody asked for with a key, at least, over a network */
#define FIRST_FILE_SECONDS 0.2  /* how long the first frame waits for the first file */
#define WATCH_MS 2000           /* a lock that is let go makes no noise: look now and then */

#define REST_NANOSECONDS 100000000 /* before the next try where poll fails */
#define UI_DESCRIPTORS 12       /* of pipes, the terminal, what its type is, a file of reviews and a model */
#define LEAVE_MS 30             /* between looks whether a training was taken over */

enum { POLL_KEYS, POLL_SIGNALS, POLL_WAKE, POLL_RUN, POLL_FILE, POLL_TERMINAL, POLL_COUNT };

static const struct view *const ui_views[SCREEN_COUNT] = {
#define X(id, name) [SCREEN_##id] = &screen_##name,
	SCREENS(X)
#undef X
};

static view_teller *const ui_tells[SCREEN_COUNT] = {
#define X(id, name) [SCREEN_##id] = name##_tell,
	SCREENS(X)
#undef X
};

/* Into the foreground, or into the background: there the work goes on and the terminal is not touched. */
static void ui_come_back(struct app *app)
{
	app->away = !terminal_is_ours(app->terminal);
	app->dirty = true;
	if (app->away)
		return;
	terminal_restore(app->terminal);
	app_resize(app, 0, 0);
}

static void ui_suspend(struct app *app)
{
	if (!app->away)
		terminal_suspend(app->terminal);
	signals_stop_here();
	ui_come_back(app);
}

/* True: others have had the terminal in between, so what poll said of the keys is out of date. */
static bool ui_take_signals(struct app *app)
{
	bool came_back = false;
	int number;

	while ((number = signals_next())) {
		switch (number) {
		case SIGNALS_TYPED:
			if (signals_is_wish())
				app_interrupt(app);
			break;
		case SIGINT:
		case SIGQUIT:
		case SIGTERM:
			if (signals_is_wish())
				app_leave(app, LEAVE_SIGNAL);
			break;
		case SIGHUP:
			app_leave(app, LEAVE_HANGUP);
			break;
		case SIGTSTP:
			ui_suspend(app);
			came_back = true;
			break;
		case SIGCONT:
			ui_come_back(app);
			came_back = true;
			break;
		case SIGWINCH:
			app_resize(app, 0, 0);
			break;
		}
	}
	return came_back;
}

static void ui_take_paste(struct app *app)
{
	bool cut;

	app_paste(app, terminal_paste(app->terminal, &cut));
	if (cut)
		app_say(app, "the paste was cut: a megabyte at most is taken");
}

static void ui_take_mouse(struct app *app)
{
	int y, x;
	const enum mouse_deed deed = terminal_mouse(app->terminal, &y, &x);

	app_mouse(app, deed, y, x);
}

static void ui_take_keys(struct app *app, short events)
{
	int key;

	if (events & (POLLHUP | POLLERR | POLLNVAL) || (events && terminal_is_gone(app->terminal))) {
		app_leave(app, LEAVE_HANGUP);
		return;
	}
	while (!app_is_leaving(app) && (key = terminal_key(app->terminal)) != UI_KEY_NONE) {
		if (key == UI_KEY_PASTE)
			ui_take_paste(app);
		else if (key == UI_KEY_MOUSE)
			ui_take_mouse(app);
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
	/* Charts that move do so no more often than the eye follows; keys are answered at once whatever this is. */
	const bool charts = app->screen == SCREEN_TRAIN && app->session.run && run_state(app->session.run) == RUN_LIVE;
	const double wanted = 1.0 / app->settings.values[SETTING_FRAME_RATE];
	const bool slow = charts || terminal_is_slow(app->terminal);
	const double frame = slow && wanted < FRAME_SECONDS_SLOW ? FRAME_SECONDS_SLOW : wanted;
	const double due = app->last_frame + frame - clock_seconds(), paid = app->awaited ? 0 : terminal_wait(app->terminal);
	const double left = due > paid ? due : paid;

	if (script)
		return script_timeout(script);
	if (departure_is_waiting(&app->departure))
		return LEAVE_MS;
	if (app->dirty && frame_is_possible(app))
		return left > 0 ? (int)(left * 1000) + 1 : 0;
	/* Where a frame waits for the terminal, that will tell, or the signal that brings it back. */
	return ui_sooner(ui_sooner(session_growth_timeout(&app->session.growth, app->session.dataset), app_view_timeout(app)),
	                 ui_sooner(ui_watch_timeout(app), terminal_key_timeout(app->terminal)));
}

/* As poll. What it refuses together, because the limit of descriptors was lowered meanwhile, is asked one by one and ten
 * times a second: whatever is wrong, nothing spins, and a signal is heard. */
static int ui_wait(struct pollfd *fds, nfds_t count, int timeout)
{
	const struct timespec rest = {.tv_nsec = REST_NANOSECONDS};
	int ready = poll(fds, count, timeout);

	if (ready >= 0 || errno == EINTR)
		return ready;
	nanosleep(&rest, NULL);
	ready = 0;
	for (nfds_t i = 0; i < count; i++) {
		fds[i].revents = 0;
		ready += poll(&fds[i], 1, 0) > 0;
	}
	return ready;
}

static void ui_poll(struct app *app, int timeout)
{
	struct pollfd fds[POLL_COUNT] = {
		[POLL_KEYS] = {app->away ? -1 : terminal_fd(app->terminal), POLLIN, 0},
		[POLL_SIGNALS] = {signals_fd(), POLLIN, 0},
		[POLL_WAKE] = {wake_fd(app->session.wake), POLLIN, 0},
		[POLL_RUN] = {app->session.run ? run_fd(app->session.run) : -1, POLLIN, 0},
		[POLL_FILE] = {session_growth_fd(&app->session.growth, app->session.dataset), POLLIN, 0},
		[POLL_TERMINAL] = {app->away ? -1 : terminal_busy_fd(app->terminal), POLLOUT, 0},
	};
	const int ready = ui_wait(fds, POLL_COUNT, timeout);

	if (ready < 0)
		return;
	if (fds[POLL_TERMINAL].revents)
		terminal_send(app->terminal);
	if (fds[POLL_SIGNALS].revents && ui_take_signals(app))
		fds[POLL_KEYS].revents = 0;
	if (app_is_leaving(app))
		return;
	if (fds[POLL_WAKE].revents)
		wake_clear(app->session.wake);
	if (fds[POLL_WAKE].revents || fds[POLL_RUN].revents || fds[POLL_FILE].revents || (ready == 0 && !app->dirty)
	    || departure_is_waiting(&app->departure))
		app_update(app);
	if (fds[POLL_KEYS].revents || terminal_key_timeout(app->terminal) == 0) {
		ui_take_keys(app, fds[POLL_KEYS].revents);
		app->awaited = true; /* where the terminal is busy, as soon as it is not */
		if (!app_is_leaving(app))
			frame_draw(app); /* a key is answered at once */
	}
}

/* Most files open at once: then the first frame shows the file, and keys that were typed ahead find it. */
static void ui_wait_for_file(struct app *app)
{
	const double until = clock_seconds() + FIRST_FILE_SECONDS;
	double left;

	while (session_opening(&app->session) && (left = until - clock_seconds()) > 0) {
		struct pollfd fd = {wake_fd(app->session.wake), POLLIN, 0};

		ui_wait(&fd, 1, (int)(left * 1000) + 1);
		wake_clear(app->session.wake);
		session_update(&app->session);
	}
}

static bool ui_loop(struct app *app, struct script *script, struct error *error)
{
	ui_wait_for_file(app);
	app_update(app);
	frame_draw(app);
	while (!app_is_leaving(app)) {
		ui_poll(app, ui_timeout(app, script));
		if (script && !script_play(script, app, error))
			return false;
		if (!app_is_leaving(app) && app->dirty && ui_timeout(app, NULL) == 0)
			frame_draw(app);
	}
	return true;
}

/* Without a terminal: until the departure is over. */
static void ui_wait_for_end(struct app *app)
{
	for (;;) {
		struct pollfd fds[] = {
			{signals_fd(), POLLIN, 0},
			{wake_fd(app->session.wake), POLLIN, 0},
		};
		int number;

		while ((number = signals_next())) {
			if ((number == SIGNALS_TYPED || number == SIGINT || number == SIGQUIT || number == SIGTERM) && signals_is_wish())
				departure_event(&app->departure, &app->session, LEAVE_SIGNAL);
		}
		session_update(&app->session);
		departure_update(&app->departure, &app->session);
		if (leave_is_over(app->departure.state))
			return;
		ui_wait(fds, 2, departure_is_waiting(&app->departure) ? LEAVE_MS : -1);
		wake_clear(app->session.wake);
	}
}

/* What is told at the end of a training that was waited for; else what a signal deserves. */
static bool ui_result(const struct app *app, bool trained, struct error *error)
{
	const struct session *session = &app->session;
	const bool interrupted = app->departure.state == LEAVE_DONE_INTERRUPTED;

	if (trained && (session->trainer_status.phase == TRAINER_FAILED || (interrupted && session->trainer_error.kind))) {
		*error = session->trainer_error;
		return false;
	}
	return !interrupted || error_set(error, ERROR_INTERRUPTED, "interrupted");
}

/* A training that is not waited for cannot be taken apart: the process ends as it is, like one that is killed. */
static bool ui_finish(struct app *app, struct error *error)
{
	const bool trained = session_is_training(&app->session);

	terminal_close(app->terminal);
	app->terminal = NULL;
	ui_wait_for_end(app);
	if (app->departure.state == LEAVE_AT_ONCE)
		_exit(ERROR_INTERRUPTED);
	return ui_result(app, trained, error);
}

static void ui_begin_tour(struct app *app, struct tour *tour)
{
	app->tour = tour;
	app->strip_rows = tour_rows;
	app_update(app); /* the form is there then */
	tour_prepare(app);
}

/* What is not there has no path. */
static void ui_note_real(const char *path, char real[PATH_MAX])
{
	if (!*path || !realpath(path, real))
		real[0] = '\0';
}

static void ui_open_first(struct app *app, const struct ui_request *request)
{
	const bool study = request->data && study_is_there(request->data);
	const char *data = request->data && !study ? request->data : request->samples;
	const bool said = request->data && !dialect_is_empty(&request->dialect);
	const bool columns = request->data && (request->text_column || request->label_column);
	const struct open_how how = {said ? &request->dialect : NULL, columns, columns ? request->text_column : NULL,
	                             columns ? request->label_column : NULL};
	struct error error = {0};

	ui_note_real(app->samples, app->real_samples);
	ui_note_real(app->pocket, app->real_pocket);
	app_start(app, request->run ? SCREEN_TRAIN : SCREEN_DATA);
	if (line_settings_error(app->line))
		app_complain(app, line_settings_error(app->line));
	if (data && !session_open_data_how(&app->session, data, &how, false, &error))
		app_complain(app, &error);
	if (*app->model)
		session_load_model(&app->session, app->model);
	if (request->run && !session_watch(&app->session, request->run, &error))
		app_complain(app, &error);
	if (study)
		app_do(app, ACTION_SCREEN_RUNS, request->data);
}

/* What is said of how files are written is kept where the history is, or not at all. */
static bool ui_keep_dialects(struct session *session, struct error *error)
{
	char path[PATH_MAX];

	return !history_is_wanted() || !history_path("dialects", path) || dialect_memory_keep(session->dialects, path, error);
}

/* Where they run out, what opens next fails with whatever it makes of that: terminfo says that it knows no such terminal. */
static bool ui_check_descriptors(struct error *error)
{
	int opened[UI_DESCRIPTORS], got = 0;
	struct rlimit limit = {0};

	while (got < UI_DESCRIPTORS && (opened[got] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) >= 0)
		got++;
	for (int i = 0; i < got; i++)
		close(opened[i]);
	if (got == UI_DESCRIPTORS || (errno != EMFILE && errno != EINVAL && errno != ENFILE))
		return true;
	getrlimit(RLIMIT_NOFILE, &limit);
	return error_set(error, ERROR_FAILED,
	                 "the screens open %d files, and only %d more may be opened: raise the limit of %llu (ulimit -n)",
	                 UI_DESCRIPTORS, got, (unsigned long long)limit.rlim_cur);
}

static bool ui_start(struct app *app, const struct ui_request *request, struct script **script, struct error *error)
{
	const bool offscreen = request->script || request->plain;
	const struct terminal_options options = {request->ascii, request->color, &app->settings, offscreen,
	                                         request->plain && plain_has_terminal()};

	if (!ui_check_descriptors(error) || !session_init(&app->session, error) || !signals_open(error))
		return false;
	app->session.read_only = request->read_only;
	if (request->script ? !(*script = script_open(request->script, error)) : !ui_keep_dialects(&app->session, error))
		return false;
	app_read_settings(app);
	if (request->max_rate > 0)
		app->settings.values[SETTING_MAX_RATE] = request->max_rate;
	app->line = line_new(!request->script, error);
	if (app->line)
		app_apply_history(app);
	app->terminal = app->line ? terminal_open(&options, error) : NULL;
	return app->terminal && app_open_screens(app, error);
}

bool ui_can_draw(const char *type)
{
	return terminfo_can_move(type);
}

bool ui_run(const struct ui_request *request, char farewell[UI_FAREWELL_MAX], struct error *error)
{
	const char *model = request->model ? request->model : request->pocket;
	struct app app = {.model = model ? model : "", .probes = request->probes ? request->probes : "",
	                  .views = ui_views, .plain = request->plain,
	                  .no_config = request->script && !getenv("REVUE_CONFIG"),
	                  .samples = request->samples ? request->samples : "", .pocket = request->pocket ? request->pocket : ""};
	struct tour tour = {.steps = tour_steps, .count = tour_step_count};
	struct script *script = NULL;
	struct error own = {0};
	bool succeeded = ui_start(&app, request, &script, &own);

	if (succeeded) {
		app.no_config = app.no_config || request->tour;
		ui_open_first(&app, request);
		if (request->tour)
			ui_begin_tour(&app, &tour);
		succeeded = request->plain ? plain_loop(&app, ui_tells, &own) : ui_loop(&app, script, &own);
		app_keep(&app);
		if (!succeeded)
			app_leave(&app, LEAVE_SCRIPT_ENDED);
		succeeded = ui_finish(&app, succeeded ? &own : &(struct error){0}) && succeeded;
	}
	terminal_close(app.terminal);
	snprintf(farewell, UI_FAREWELL_MAX, "%s", request->tour ? "" : app.departure.farewell);
	script_close(script);
	app_close_screens(&app);
	line_free(app.line);
	session_free(&app.session);
	signals_close();
	if (!succeeded && error)
		*error = own;
	return succeeded;
}
