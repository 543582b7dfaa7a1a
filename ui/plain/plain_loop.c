/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/plain/plain_loop.h"

#include "engine/clock.h"
#include "ui/frame.h"
#include "ui/plain/plain.h"
#include "ui/plain/typed.h"
#include "ui/signals.h"
#include "ui/terminal/key.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WATCH_MS 1000 /* a lock that is let go makes no noise: look now and then */
#define LEAVE_MS 30   /* between looks whether a training was taken over */
#define PALETTE_TOLD 8
#define SCREEN_ROWS 30     /* of the screen that nobody sees: lists are told a page of it at a time */
#define SCREEN_COLUMNS 200 /* no line of help is wrapped */

enum { POLL_TYPED, POLL_SIGNALS, POLL_WAKE, POLL_RUN, POLL_FILE, POLL_VOICE, POLL_COUNT };

struct loop {
	struct plain plain;
	struct typed typed;    /* lines of a pipe */
	struct termios before; /* the modes of a terminal */
	bool away;             /* in the background of the shell */
	bool goes_on;          /* it was said that a training goes on after the end of the input */
};

bool plain_has_terminal(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

/* Keys */

static void say_candidates(struct plain *plain)
{
	const struct line *line = plain->app->line;
	char all[2048] = "";
	size_t used = 0;

	for (int i = 0; i < line_candidates(line) && used < sizeof all - 1; i++)
		used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i > 0 ? ", " : "", line_candidate(line, i));
	if (used > 0)
		plain_say(plain, "%s", all);
}

/* Of the palette the actions that fit best: Tab asks for them. */
static void say_palette(struct plain *plain)
{
	const struct palette *palette = &plain->app->palette;

	for (int i = 0; i < palette->count && i < PALETTE_TOLD; i++) {
		const struct action_row *row = &action_rows[palette->places[i].action];

		plain_say(plain, "%s: %s.", row->name, row->help);
	}
}

/* Esc drops a command that is begun; else it does what it does on the screen. */
static void press_escape(struct plain *plain)
{
	struct app *app = plain->app;

	if (line_text(app->line).size > 0) {
		line_cancel(app->line);
		voice_enter(plain->voice);
		plain->answered = true;
		return;
	}
	line_cancel(app->line);
	plain->answered = plain->owed = true;
	app_key(app, UI_KEY_ESCAPE);
}

/* While a command is typed, or an answer: the line is ours. */
static void command_key(struct plain *plain, int key)
{
	struct app *app = plain->app;

	if (key == UI_KEY_ESCAPE) {
		press_escape(plain);
	} else if (key == UI_CTRL('D') && line_text(app->line).size == 0) {
		line_cancel(app->line);
		voice_enter(plain->voice);
		plain->answered = plain->owed = true;
		app_quit(app);
	} else if (!app->choices && app_means_action(app, key)) {
		line_cancel(app->line);
		voice_enter(plain->voice);
		plain->answered = plain->owed = true;
		app_key(app, key);
	} else {
		line_key(app->line, key);
		say_candidates(plain);
	}
}

static void enter_line(struct plain *plain)
{
	struct app *app = plain->app;
	const struct span typed = line_text(app->line);
	char *text = strndup(typed.data, typed.size);

	voice_enter(plain->voice);
	if (plain_is_commanded(plain))
		line_cancel(app->line);
	plain->answered = true;
	if (text)
		plain_line(plain, text);
	free(text);
}

static void take_key(struct plain *plain, int key)
{
	struct app *app = plain->app;

	plain_listen(plain);
	if (key == UI_KEY_ENTER) {
		enter_line(plain);
	} else if (plain_is_commanded(plain)) {
		command_key(plain, key);
	} else {
		if (key == UI_KEY_ESCAPE || app_means_action(app, key))
			plain->answered = plain->owed = true;
		app_key(app, key);
		say_candidates(plain);
		if (key == UI_KEY_TAB && app->palette.shown)
			say_palette(plain);
	}
	plain_listen(plain);
	voice_prompt(plain->voice, plain_prompt(plain), line_text(app->line), false);
}

static void take_keys(struct loop *loop, short events)
{
	struct app *app = loop->plain.app;
	int key;

	if (events & (POLLHUP | POLLERR | POLLNVAL) || (events && terminal_is_gone(app->terminal))) {
		app_leave(app, LEAVE_HANGUP);
		return;
	}
	while (!app_is_leaving(app) && !loop->plain.scoring && (key = terminal_key(app->terminal)) != UI_KEY_NONE)
		take_key(&loop->plain, key);
}

/* Lines of a pipe */

/* Nobody answers questions any more. */
static void end_input(struct loop *loop)
{
	struct app *app = loop->plain.app;

	if (!session_is_training(&app->session)) {
		app_leave(app, LEAVE_QUIT);
		return;
	}
	if (!loop->goes_on)
		plain_say(&loop->plain, "The input has ended; the training goes on to its end.");
	loop->goes_on = true;
}

static void take_lines(struct loop *loop)
{
	struct plain *plain = &loop->plain;
	bool cut;
	char *line;

	if (!plain_is_ready(plain) || app_is_leaving(plain->app))
		return;
	line = typed_take(&loop->typed, &cut);
	if (cut)
		plain_say(plain, "The line was too long and is cut.");
	if (line)
		plain_line(plain, line);
	else if (loop->typed.ended)
		end_input(loop);
	free(line);
}

/* Signals */

/* Ctrl-C leaves what is being typed; else it asks where something would be lost, or leaves. */
static void interrupt(struct plain *plain)
{
	struct app *app = plain->app;
	const bool ours = line_is_active(app->line) && plain_is_commanded(plain);
	const bool begun = ours && line_text(app->line).size > 0;

	if (ours)
		line_cancel(app->line);
	voice_enter(plain->voice);
	if (!begun)
		app_interrupt(app);
	plain->answered = true;
	plain->owed = plain->owed || !begun;
}

static void come_back(struct loop *loop)
{
	loop->away = loop->plain.terminal && !typed_is_ours();
	if (!loop->away && loop->plain.terminal)
		typed_begin_keys(&(struct termios){0});
}

static void suspend(struct loop *loop)
{
	voice_enter(loop->plain.voice);
	voice_send(loop->plain.voice);
	if (loop->plain.terminal && !loop->away)
		typed_end_keys(&loop->before);
	signals_stop_here();
	come_back(loop);
}

static void take_signal(struct loop *loop, int number)
{
	struct app *app = loop->plain.app;

	switch (number) {
	case SIGNALS_TYPED:
		if (signals_is_wish())
			interrupt(&loop->plain);
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
		suspend(loop);
		break;
	case SIGCONT:
		come_back(loop);
		break;
	default:
		break;
	}
}

/* The loop */

static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int timeout_of(const struct loop *loop)
{
	const struct app *app = loop->plain.app;
	const struct session *session = &app->session;
	const bool watches = session->run && !session_is_training(session) && run_state(session->run) <= RUN_PAUSED;

	if (departure_is_waiting(&app->departure))
		return LEAVE_MS;
	if (!loop->plain.terminal && plain_is_ready(&loop->plain) && typed_has_line(&loop->typed))
		return 0;
	return sooner(sooner(session_growth_timeout(&session->growth, session->dataset), app_view_timeout(app)),
	              sooner(plain_timeout(&loop->plain), watches ? WATCH_MS : -1));
}

static bool wants_input(const struct loop *loop)
{
	return loop->plain.terminal ? !loop->away && !loop->plain.scoring
	                            : plain_is_ready(&loop->plain) && !loop->typed.ended && !typed_has_line(&loop->typed);
}

static void wait_for_news(struct loop *loop)
{
	struct app *app = loop->plain.app;
	struct pollfd fds[POLL_COUNT] = {
		[POLL_TYPED] = {wants_input(loop) ? STDIN_FILENO : -1, POLLIN, 0},
		[POLL_SIGNALS] = {signals_fd(), POLLIN, 0},
		[POLL_WAKE] = {wake_fd(app->session.wake), POLLIN, 0},
		[POLL_RUN] = {app->session.run ? run_fd(app->session.run) : -1, POLLIN, 0},
		[POLL_FILE] = {session_growth_fd(&app->session.growth, app->session.dataset), POLLIN, 0},
		[POLL_VOICE] = {voice_busy_fd(loop->plain.voice), POLLOUT, 0},
	};
	int number;

	if (poll(fds, POLL_COUNT, timeout_of(loop)) < 0)
		return;
	voice_send(loop->plain.voice);
	while (fds[POLL_SIGNALS].revents && (number = signals_next()))
		take_signal(loop, number);
	wake_clear(app->session.wake);
	if (!app_is_leaving(app))
		app_update(app);
	if (fds[POLL_TYPED].revents && loop->plain.terminal && !loop->away)
		take_keys(loop, fds[POLL_TYPED].revents);
	else if (fds[POLL_TYPED].revents)
		typed_read(&loop->typed);
}

/* What was asked for as a file is drawn once, where nobody sees it. */
static void save_screen(struct app *app)
{
	if (app->save_path)
		frame_draw(app);
}

/* After an answer; news alone do not bring it back. */
static void show_prompt(struct plain *plain)
{
	voice_prompt(plain->voice, plain_prompt(plain), line_text(plain->app->line), plain->answered);
	plain->answered = false;
}

static void step(struct loop *loop)
{
	struct plain *plain = &loop->plain;
	struct app *app = plain->app;
	/* What has been typed of a line is not talked over, but where it waits for an answer itself. */
	const bool typing = plain->terminal && !plain->owed && line_text(app->line).size > 0;

	save_screen(app);
	plain_speak(plain, typing || loop->away);
	if (!plain->terminal)
		take_lines(loop);
	plain_listen(plain);
	if (plain_is_ready(plain) && !loop->away && !app_is_leaving(app))
		show_prompt(plain);
	voice_send(plain->voice);
	if (voice_is_gone(plain->voice))
		app_leave(app, LEAVE_HANGUP);
}

static bool begin(struct loop *loop, struct app *app, view_teller *const tells[SCREEN_COUNT], struct error *error)
{
	struct plain *plain = &loop->plain;

	*plain = (struct plain){.app = app, .tells = tells, .terminal = plain_has_terminal(),
	                        .owed = true, .owed_since = clock_seconds(), .answered = true, .screen = SCREEN_COUNT};
	plain->voice = voice_new(plain->terminal, terminal_ascii(app->terminal), error);
	if (!plain->voice)
		return false;
	app_resize(app, SCREEN_ROWS, SCREEN_COLUMNS);
	if (plain->terminal)
		typed_begin_keys(&loop->before);
	plain_say(plain, "revue, told in lines. \"help\" lists what can be typed, a number opens the line of that number, "
	          "\"look\" tells the screen again, \"quit\" leaves.");
	return true;
}

bool plain_loop(struct app *app, view_teller *const tells[SCREEN_COUNT], struct error *error)
{
	struct loop loop = {0};

	if (!begin(&loop, app, tells, error))
		return false;
	app_update(app);
	while (!app_is_leaving(app)) {
		step(&loop);
		if (!app_is_leaving(app))
			wait_for_news(&loop);
	}
	plain_speak(&loop.plain, false);
	if (loop.plain.terminal)
		typed_end_keys(&loop.before);
	voice_free(loop.plain.voice);
	teller_free(&loop.plain.told);
	typed_free(&loop.typed);
	return true;
}
