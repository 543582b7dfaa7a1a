/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the program does with a key, and how a frame is put together. The loop is in ui.c. */
#include "ui/app.h"

#include "ui/key.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct view *const views[SCREEN_COUNT] = {
	[SCREEN_DATA] = &screen_data,
	[SCREEN_REVIEWS] = &screen_reviews,
	[SCREEN_TRAIN] = &screen_train,
	[SCREEN_SCORE] = &screen_score,
	[SCREEN_HELP] = &screen_help,
};

static const struct view *app_view(const struct app *app)
{
	return views[app->screen];
}

static void *app_state(const struct app *app)
{
	return app->states[app->screen];
}

bool app_open_screens(struct app *app, struct error *error)
{
	for (int i = 0; i < SCREEN_COUNT; i++) {
		app->states[i] = calloc(1, views[i]->state_size);
		if (!app->states[i])
			return error_memory(error, "opening the screens");
	}
	return true;
}

void app_close_screens(struct app *app)
{
	for (int i = 0; i < SCREEN_COUNT; i++) {
		if (app->states[i] && views[i]->close)
			views[i]->close(app->states[i]);
		free(app->states[i]);
	}
}

unsigned app_context(const struct app *app)
{
	return app_view(app)->context(app, app_state(app));
}

const char *app_model(const struct app *app)
{
	if (app->request->model)
		return app->request->model;
	return app->request->pocket ? app->request->pocket : "";
}

static void app_detach_screens(struct app *app)
{
	for (int i = 0; i < SCREEN_COUNT; i++) {
		if (views[i]->detach)
			views[i]->detach(app->states[i]);
	}
}

bool app_open_data(struct app *app, const char *path, struct error *error)
{
	app_detach_screens(app);
	return session_open_data(&app->session, path, error);
}

void app_set_columns(struct app *app, int text_column, int label_column)
{
	app_detach_screens(app);
	session_set_columns(&app->session, text_column, label_column);
}

/* Messages */

void app_say(struct app *app, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(app->message, sizeof app->message, format, arguments);
	va_end(arguments);
	app->message_style = STYLE_NORMAL;
	app->dirty = true;
}

void app_complain(struct app *app, const struct error *error)
{
	app_say(app, "%s", error->text);
	app->message_style = STYLE_ERROR;
}

static void app_take_news(struct app *app)
{
	if (!app->session.news[0])
		return;
	app_say(app, "%s", app->session.news);
	app->message_style = app->session.news_is_error ? STYLE_ERROR : STYLE_GOOD;
	app->session.news[0] = '\0';
}

/* Screens */

static void app_enter(struct app *app, enum screen screen)
{
	app->screen = screen;
	app->dirty = true;
	if (app_view(app)->show)
		app_view(app)->show(app, app_state(app));
}

static void app_remember_screen(struct app *app)
{
	const int room = (int)(sizeof app->back / sizeof *app->back);

	for (int i = 0; i < app->back_count; i++) {
		if (app->back[i] == app->screen) {
			memmove(&app->back[i], &app->back[i + 1], (size_t)(app->back_count - i - 1) * sizeof *app->back);
			app->back_count--;
			break;
		}
	}
	if (app->back_count < room && app->screen != SCREEN_HELP)
		app->back[app->back_count++] = app->screen;
}

void app_show(struct app *app, enum screen screen)
{
	if (screen != app->screen)
		app_remember_screen(app);
	app_enter(app, screen);
	if (app_view(app)->open)
		app_view(app)->open(app, app_state(app));
}

/* Questions and prompts */

void app_ask(struct app *app, const char *question, const struct app_choice *choices,
             void (*chosen)(struct app *app, int key))
{
	snprintf(app->question, sizeof app->question, "%s", question);
	app->choices = choices;
	app->chosen = chosen;
}

static void app_choose(struct app *app, int key)
{
	bool known = key == UI_KEY_ESCAPE;

	for (const struct app_choice *choice = app->choices; choice->key && !known; choice++)
		known = choice->key == key;
	if (!known)
		return;
	app->choices = NULL;
	app->chosen(app, key == UI_KEY_ESCAPE ? 0 : key);
}

void app_prompt(struct app *app, const struct line_options *options, app_answer *answer, void *context)
{
	line_begin(app->line, options);
	app->prompting = true;
	app->answer = answer;
	app->answer_context = context;
}

static void app_prompt_ended(struct app *app, enum line_state state, enum line_history history)
{
	char *answer = strdup(line_result(app->line));

	app->prompting = false;
	if (state == LINE_ACCEPTED && answer) {
		line_remember(app->line, history, answer);
		app->answer(app, app->answer_context, answer);
	}
	free(answer);
}

static void app_prompt_key(struct app *app, int key)
{
	const enum line_state state = line_key(app->line, key);

	if (state != LINE_EDITING)
		app_prompt_ended(app, state, line_history(app->line));
}

/* The `:` line */

static char *app_complete_action(const char *word, int index, void *context)
{
	const struct app *app = context;
	const unsigned where = app_context(app);
	int matches = 0;

	for (int i = 0; i < ACTION_COUNT; i++) {
		const struct action_row *row = &action_rows[i];

		if (row->contexts & where && strncmp(row->name, word, strlen(word)) == 0 && matches++ == index)
			return strdup(row->name);
	}
	return NULL;
}

static void app_command(struct app *app, void *context, const char *text)
{
	const char *name = text + strspn(text, " "), *argument;
	const size_t size = strcspn(name, " ");
	const enum action action = action_for_name(app_context(app), name, size);

	(void)context;
	if (size == 0)
		return;
	argument = name + size + strspn(name + size, " ");
	if (action == ACTION_NONE)
		app_say(app, "no action here is called \"%.*s\": Tab after : lists them", (int)size, name);
	else if (!(action_rows[action].contexts & app_context(app)))
		app_say(app, "\"%s\" does nothing on this screen", action_rows[action].name);
	else
		app_act(app, action, argument);
}

static void app_ask_command(struct app *app)
{
	app_prompt(app, &(struct line_options){.prompt = ":", .history = LINE_HISTORY_COMMAND, .files = true,
	                                       .complete = app_complete_action, .context = app}, app_command, NULL);
}

/* Actions of every screen */

static void app_go_back(struct app *app)
{
	if (app->back_count > 0)
		app_enter(app, app->back[--app->back_count]);
	else
		leave_begin(app);
}

static void app_answer_action(struct app *app, void *context, const char *answer)
{
	if (*answer)
		app_act(app, *(const enum action *)context, answer);
}

static void app_model_action(struct app *app, const char *folder)
{
	static enum action action = ACTION_MODEL;

	if (*folder) {
		session_load_model(&app->session, folder);
		return;
	}
	app_prompt(app, &(struct line_options){.prompt = "model folder: ", .history = LINE_HISTORY_FILE, .files = true},
	           app_answer_action, &action);
}

static void app_watch_action(struct app *app, const char *run)
{
	static enum action action = ACTION_WATCH;
	struct error error = {0};

	if (!*run)
		app_prompt(app, &(struct line_options){.prompt = "run directory: ", .history = LINE_HISTORY_FILE,
		                                       .files = true}, app_answer_action, &action);
	else if (session_is_training(&app->session))
		app_say(app, "a training of this process is shown until it ends");
	else if (session_watch(&app->session, run, &error))
		app_show(app, SCREEN_TRAIN);
	else
		app_complain(app, &error);
}

static void app_act_everywhere(struct app *app, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_SCREEN_DATA:
	case ACTION_SCREEN_REVIEWS:
	case ACTION_SCREEN_TRAIN:
	case ACTION_SCREEN_SCORE:
		app_show(app, SCREEN_DATA + (enum screen)(action - ACTION_SCREEN_DATA));
		break;
	case ACTION_HELP:
		app_show(app, SCREEN_HELP);
		break;
	case ACTION_MODEL:
		app_model_action(app, argument);
		break;
	case ACTION_WATCH:
		app_watch_action(app, argument);
		break;
	case ACTION_COMMAND:
		app_ask_command(app);
		break;
	case ACTION_REDRAW:
		terminal_repaint(app->terminal);
		break;
	case ACTION_BACK:
		app_go_back(app);
		break;
	case ACTION_QUIT:
		leave_begin(app);
		break;
	default:
		break;
	}
}

void app_act(struct app *app, enum action action, const char *argument)
{
	const struct view *view = app_view(app);

	app->dirty = true;
	if (!view->action || !view->action(app, app_state(app), action, argument))
		app_act_everywhere(app, action, argument);
}

/* Keys */

static void app_key_by_table(struct app *app, int key)
{
	const enum action action = action_for_key(app_context(app), key);
	char name[32], help[32];

	if (action != ACTION_NONE) {
		app_act(app, action, "");
		return;
	}
	key_format(key, name, sizeof name);
	action_first_key(ACTION_HELP, help, sizeof help);
	app_say(app, "%s does nothing here; %s shows every key", name, help);
}

void app_key(struct app *app, int key)
{
	const struct view *view = app_view(app);

	app->dirty = true;
	app->message[0] = '\0';
	if (key == UI_CTRL('L'))
		app_act(app, ACTION_REDRAW, "");
	else if (app->choices)
		app_choose(app, key);
	else if (app->prompting)
		app_prompt_key(app, key);
	else if (!view->key || !view->key(app, app_state(app), key))
		app_key_by_table(app, key);
}

void app_paste(struct app *app, struct span text)
{
	const struct view *view = app_view(app);

	app->dirty = true;
	if (app->choices)
		return; /* a question is answered by a key */
	if (!line_is_active(app->line) && app->screen == SCREEN_SCORE)
		app_act(app, ACTION_EDIT_TEXT, "");
	if (!line_is_active(app->line)) {
		app_say(app, "nothing is being typed here; the Score screen takes a pasted review");
		return;
	}
	line_paste(app->line, text);
	if (!app->prompting && view->key)
		view->key(app, app_state(app), UI_KEY_PASTE);
}

/* What the threads did */

void app_update(struct app *app)
{
	session_update(&app->session);
	for (int i = 0; i < SCREEN_COUNT; i++) {
		if (views[i]->wake)
			views[i]->wake(app, app->states[i]);
	}
	app_take_news(app);
	leave_update(app);
	app->dirty = true;
}

bool app_is_busy(const struct app *app)
{
	for (int i = 0; i < SCREEN_COUNT; i++) {
		if (views[i]->busy && views[i]->busy(app, app->states[i]))
			return true;
	}
	return session_is_busy(&app->session);
}

/* Drawing */

static void app_draw_tabs(struct app *app, struct rect rect)
{
	int column = 1;

	for (int i = SCREEN_DATA; i <= SCREEN_SCORE; i++) {
		const enum style style = i == (int)app->screen ? STYLE_SELECTED : STYLE_NORMAL;

		column += draw_format(app->terminal, rect, 0, column, style, " %d %s ", i + 1, views[i]->title) + 1;
	}
	if (app->screen == SCREEN_HELP)
		column += draw_text(app->terminal, rect, 0, column, " Help ", STYLE_SELECTED) + 1;
	if (session_is_training(&app->session) && app->session.trainer_status.total > 0)
		draw_format(app->terminal, rect, 0, column + 1, STYLE_GOOD, "training %.0f %%",
		            100.0 * (double)app->session.trainer_status.done / (double)app->session.trainer_status.total);
	else if (session_is_training(&app->session))
		draw_text(app->terminal, rect, 0, column + 1, "training", STYLE_GOOD);
}

static void app_draw_question(struct app *app, struct rect message, struct rect footer)
{
	int column = 0;

	draw_text(app->terminal, message, 0, 0, app->question, STYLE_TITLE);
	for (const struct app_choice *choice = app->choices; choice->key; choice++) {
		char name[32];

		key_format(choice->key, name, sizeof name);
		column += draw_text(app->terminal, footer, 0, column, name, STYLE_TITLE);
		column += draw_format(app->terminal, footer, 0, column, STYLE_NORMAL, " %s  ", choice->label);
	}
}

static void app_draw_candidates(struct app *app, struct rect footer)
{
	int column = 0;

	for (int i = 0; i < line_candidates(app->line) && column < footer.columns; i++)
		column += draw_format(app->terminal, footer, 0, column, STYLE_DIM, "%s  ",
		                      line_candidate(app->line, i));
}

static void app_draw_footer(struct app *app, struct rect footer)
{
	char text[512];

	if (line_candidates(app->line) > 0) {
		app_draw_candidates(app, footer);
		return;
	}
	if (line_is_active(app->line)) {
		draw_text(app->terminal, footer, 0, 0,
		          !app->prompting ? "Enter keep  Alt-Enter new line  Esc leave the text  F1 help"
		          : line_can_complete(app->line) ? "Enter done  Tab complete  Esc leave it"
		          : "Enter done  Esc leave it", STYLE_DIM);
		return;
	}
	action_footer(app_context(app), app->back_count == 0, footer.columns, text, sizeof text);
	draw_text(app->terminal, footer, 0, 0, text, STYLE_DIM);
}

static void app_draw_frame(struct app *app, const struct layout_frame *frame)
{
	app_draw_tabs(app, frame->tabs);
	app_view(app)->draw(app, app_state(app), frame->body);
	if (app->choices) {
		app_draw_question(app, frame->message, frame->footer);
		return;
	}
	if (app->prompting)
		line_draw(app->line, app->terminal, frame->message);
	else
		draw_text(app->terminal, frame->message, 0, 0, app->message, app->message_style);
	app_draw_footer(app, frame->footer);
}

/* In one line or two; where there is room for half of it only, what is needed counts. */
static void app_draw_too_small(struct app *app, int rows, int columns)
{
	const struct rect all = {0, 0, rows, columns};
	char is[48], needs[48];

	snprintf(is, sizeof is, "too small: %dx%d", columns, rows);
	snprintf(needs, sizeof needs, "needs %dx%d", LAYOUT_COLUMNS_MIN, LAYOUT_ROWS_MIN);
	if ((int)(strlen(is) + strlen(needs)) + 2 <= columns) {
		draw_format(app->terminal, all, 0, 0, STYLE_NORMAL, "%s, %s", is, needs);
		return;
	}
	if (rows > 1)
		draw_text(app->terminal, all, 0, 0, is, STYLE_NORMAL);
	draw_text(app->terminal, all, rows > 1 ? 1 : 0, 0, needs, STYLE_NORMAL);
}

bool app_can_draw(const struct app *app)
{
	return !app->away && terminal_busy_fd(app->terminal) < 0;
}

void app_draw(struct app *app)
{
	const int rows = terminal_rows(app->terminal), columns = terminal_columns(app->terminal);
	const struct layout_frame frame = layout_frame(rows, columns);

	app->dirty = true;
	if (!app_can_draw(app))
		return;
	terminal_begin(app->terminal);
	if (frame.too_small)
		app_draw_too_small(app, rows, columns);
	else
		app_draw_frame(app, &frame);
	terminal_end(app->terminal);
	app->dirty = false;
	app->last_frame = ui_seconds();
}
