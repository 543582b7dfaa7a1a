/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The screens and what they share: messages, prompts, questions. */
#include "ui/app.h"

#include "ui/terminal/key.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const struct view *app_view(const struct app *app)
{
	return app->views[app->screen];
}

void *app_state(const struct app *app)
{
	return app->states[app->screen];
}

bool app_open_screens(struct app *app, struct error *error)
{
	for (int i = 0; i < SCREEN_COUNT; i++) {
		app->states[i] = calloc(1, app->views[i]->state_size);
		if (!app->states[i])
			return error_memory(error, "opening the screens");
	}
	return true;
}

void app_close_screens(struct app *app)
{
	for (int i = 0; i < SCREEN_COUNT; i++) {
		if (app->states[i] && app->views[i]->close)
			app->views[i]->close(app->states[i]);
		free(app->states[i]);
	}
	free(app->save_path);
	row_wish_free(&app->wish);
	messages_free(&app->messages);
}

unsigned app_context(const struct app *app)
{
	return app_view(app)->context(app, app_state(app));
}

bool app_refuses(const struct app *app, enum action action)
{
	return app->session.read_only && action_writes(action, app_context(app));
}

/* Messages */

bool app_line_is_taken(const struct app *app, bool by_error)
{
	const bool stays = app->message_kind == MESSAGE_ERROR || (app->message_kind == MESSAGE_NOTE && !by_error);

	return app->prompting || app->choices || (app->message[0] && stays);
}

void app_show_message(struct app *app, enum message_kind kind, const char *text, int more)
{
	snprintf(app->message, sizeof app->message, "%s", text);
	messages_name_settings(app->message);
	app->message_kind = kind;
	app->message_more = more;
	app->dirty = true;
}

/* What is no error is the answer to a key that was pressed long ago when the error goes: then it is not shown any more. */
static void app_tell(struct app *app, enum message_kind kind, const char *text)
{
	const bool taken = app_line_is_taken(app, kind == MESSAGE_ERROR), covered = app->prompting || app->choices;

	messages_add(&app->messages, kind, text, taken && (covered || kind == MESSAGE_ERROR));
	if (!taken)
		app_show_message(app, kind, text, 0);
}

void app_say(struct app *app, const char *format, ...)
{
	char text[sizeof app->message];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	app_tell(app, MESSAGE_SAID, text);
}

void app_complain(struct app *app, const struct error *error)
{
	app_tell(app, MESSAGE_ERROR, error->text);
}

#define SHIPPED_MODEL "the shipped model (pocket)"

/* The folder of the model that ships becomes its name, where no file in it is meant. */
static void name_shipped_model(const struct app *app, char *text, size_t capacity)
{
	const char *const paths[] = {app->pocket, app->real_pocket};

	for (size_t i = 0; i < 2; i++) {
		char *at = *paths[i] ? strstr(text, paths[i]) : NULL;
		char rest[sizeof app->message];

		if (!at || (at > text && at[-1] != ' ') || at[strlen(paths[i])] == '/')
			continue;
		snprintf(rest, sizeof rest, "%s", at + strlen(paths[i]));
		snprintf(at, capacity - (size_t)(at - text), SHIPPED_MODEL "%s", rest);
		return;
	}
}

void app_draw_message(const struct app *app, struct rect rect, int row, int column, const char *text, enum style style)
{
	char key[24], hint[64], plain[sizeof app->message];

	snprintf(plain, sizeof plain, "%s", text);
	messages_name_settings(plain);
	name_shipped_model(app, plain, sizeof plain);
	action_first_key(ACTION_MESSAGES, key, sizeof key);
	snprintf(hint, sizeof hint, " (%s%s: all of it)", line_is_active(app->line) ? "Esc " : "", key);
	draw_cut(app->terminal, rect, row, column, plain, hint, style);
}

void app_draw_said(const struct app *app, struct rect rect)
{
	static const enum style styles[] = {STYLE_NORMAL, STYLE_GOOD, STYLE_NORMAL, STYLE_ERROR}; /* of enum message_kind */
	const enum style style = styles[app->message_kind];
	struct rect room = rect;
	char key[24], more[64];
	int used;

	if (app->message_more == 0) {
		app_draw_message(app, rect, 0, 0, app->message, style);
		return;
	}
	action_first_key(ACTION_MESSAGES, key, sizeof key);
	room.columns -= snprintf(more, sizeof more, " and %d more (%s%s)", app->message_more,
	                         line_is_active(app->line) ? "Esc " : "", key);
	used = draw_cut(app->terminal, room, 0, 0, app->message, "", style);
	draw_text(app->terminal, rect, 0, used, more, STYLE_DIM);
}

/* A tab names the key that leads to it now: a digit, or while a text is being typed one that is no letter of it. */
void app_tab_text(const struct app *app, int screen, char out[64])
{
	const enum action action = (enum action)((int)ACTION_SCREEN_DATA + screen);
	const int columns = terminal_columns(app->terminal);
	const bool typing = line_is_active(app->line), tight = columns < TABS_WIDE;
	char key[24];

	(typing ? action_key_in_text : action_first_key)(action, key, sizeof key);
	snprintf(out, 64, tight ? "%s %.*s" : " %s %.*s ", key, typing && columns < TABS_WHOLE ? 4 : 16, app->views[screen]->title);
}

struct layout_frame app_frame(const struct app *app)
{
	const int rows = terminal_rows(app->terminal), columns = terminal_columns(app->terminal);
	struct layout_frame frame = app->presenting ? layout_presented(rows, columns) : layout_frame(rows, columns);

	if (app->strip_rows && !app->presenting)
		layout_take_strip(&frame, app->strip_rows(app, columns));
	return frame;
}

int app_tab_at(const struct app *app, int x)
{
	int column = terminal_columns(app->terminal) < TABS_WIDE ? 0 : 1;

	for (int i = SCREEN_DATA; i <= SCREEN_RUNS; i++) {
		char text[64];
		int width;

		app_tab_text(app, i, text);
		width = (int)strlen(text);
		if (x >= column && x < column + width)
			return i;
		column += width + 1;
	}
	return -1;
}

int app_view_timeout(const struct app *app)
{
	const struct view *view = app->views[app->screen];

	return view->timeout ? view->timeout(app, app->states[app->screen]) : -1;
}

static bool is_either(const char *path, const char *given, const char *real)
{
	return *path && (strcmp(path, given) == 0 || strcmp(path, real) == 0);
}

void app_path_name(const struct app *app, const char *path, int columns, char out[WIDGET_NAME_MAX])
{
	if (is_either(path, app->samples, app->real_samples))
		draw_shorten(app->terminal, "the shipped samples (reviews.csv)", columns, out);
	else if (is_either(path, app->pocket, app->real_pocket))
		draw_shorten(app->terminal, SHIPPED_MODEL, columns, out);
	else
		draw_shorten(app->terminal, path, columns, out);
}

/* Questions and prompts */

void app_ask(struct app *app, const char *question, const struct app_choice *choices,
             void (*chosen)(struct app *app, int key))
{
	snprintf(app->question, sizeof app->question, "%s", question);
	app->choices = choices;
	app->chosen = chosen;
}

void app_prompt(struct app *app, const struct line_options *options, app_answer *answer, void *context)
{
	line_begin(app->line, options);
	app->prompting = true;
	app->answer = answer;
	app->answer_context = context;
}
