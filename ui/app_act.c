/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the program does with a key, and with what the engine's threads have done. */
#include "ui/app.h"

#include "ui/terminal/key.h"
#include "ui/time_travel.h"
#include "ui/tour/tour.h"

#include <stdio.h>
#include <stdlib.h>

#define WHEEL_LINES 3

/* Does an action on behalf of one that is being done. */
static void app_act(struct app *app, enum action action, const char *argument);

/* Screens */

/* The screen in front fits itself into the terminal. */
static void app_settle(struct app *app)
{
	const struct layout_frame frame = app_frame(app);

	app->dirty = true;
	if (!frame.too_small && app_view(app)->settle)
		app_view(app)->settle(app, app_state(app), frame.body);
}

void app_resize(struct app *app, int rows, int columns)
{
	terminal_resize(app->terminal, rows, columns);
	app->awaited = true;
	app_settle(app);
}

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
	if (app->back_count < room && app->screen <= SCREEN_RUNS)
		app->back[app->back_count++] = app->screen;
}

void app_start(struct app *app, enum screen screen)
{
	app->back_count = 0;
	app_enter(app, screen);
}

static void app_show(struct app *app, enum screen screen)
{
	if (screen != app->screen)
		app_remember_screen(app);
	app_enter(app, screen);
	if (app_view(app)->open)
		app_view(app)->open(app, app_state(app));
}

/* Answers */

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

static void app_prompt_ended(struct app *app, enum line_state state, enum line_history history)
{
	char *answer = strdup(line_result(app->line));

	app->prompting = false;
	app->palette.shown = false;
	if (state == LINE_ACCEPTED && answer) {
		line_remember(app->line, history, answer);
		app->answer(app, app->answer_context, answer);
	}
	free(answer);
}

static void app_prompt_key(struct app *app, int key)
{
	enum line_state state;

	if (app->palette.shown && app_palette_key(app, key))
		return;
	state = line_key(app->line, key);
	if (app->palette.shown && state == LINE_EDITING)
		app_palette_find(app);

	if (state != LINE_EDITING)
		app_prompt_ended(app, state, line_history(app->line));
}

bool app_means_action(const struct app *app, int key)
{
	return key_works_in_text(key) && action_for_key(app_context(app), key) != ACTION_NONE;
}

/* Such a key leaves the prompt. */
static void app_leave_prompt(struct app *app)
{
	line_cancel(app->line);
	app->prompting = false;
	app->palette.shown = false;
}

/* Actions of every screen */

static void app_go_back(struct app *app)
{
	if (app->back_count > 0)
		app_enter(app, app->back[--app->back_count]);
	else
		app_quit(app);
}

void app_answer_action(struct app *app, void *context, const char *answer)
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

	if (!*run) {
		app_prompt(app, &(struct line_options){.prompt = "run directory: ", .history = LINE_HISTORY_FILE,
		                                       .files = true}, app_answer_action, &action);
	} else if (session_watch(&app->session, run, &error)) {
		app_say(app, "reading %s...", run);
	} else {
		app_complain(app, &error);
	}
}

static void app_command_answer(struct app *app, void *context, const char *text)
{
	const char *argument;
	const enum action action = app_command(app, text, &argument);

	(void)context;
	if (action != ACTION_NONE)
		app_act(app, action, argument);
}

/* The screen where an action can be done that cannot be done here. */
static enum screen app_screen_of(enum action action)
{
	static const unsigned contexts[] = {[SCREEN_DATA] = IN_DATA | IN_FILES | IN_DIALECT, [SCREEN_REVIEWS] = IN_REVIEWS,
	                                    [SCREEN_TRAIN] = IN_FORM | IN_RUN,
	                                    [SCREEN_SCORE] = IN_SCORE, [SCREEN_RUNS] = IN_RUNS, [SCREEN_HELP] = IN_HELP};
	int screen = SCREEN_DATA;

	while (screen < SCREEN_HELP && !(contexts[screen] & action_rows[action].contexts))
		screen++;
	return (enum screen)screen;
}

/* What needs words is put into the `:` line, where Tab completes them. */
static void app_palette_answer(struct app *app, void *context, const char *text)
{
	const enum action action = app_palette_chosen(app);
	char initial[64];

	(void)context;
	(void)text;
	if (action == ACTION_NONE) {
		app_say(app, "no action fits that");
		return;
	}
	if (!action_is_valid(action, app_context(app)))
		app_show(app, app_screen_of(action));
	if (!action_is_valid(action, app_context(app))) {
		app_say(app, "%s cannot be done now", action_rows[action].name);
	} else if (action_rows[action].argument[0] && action != ACTION_EDIT_FIELD) { /* which asks by itself, with what is there */
		snprintf(initial, sizeof initial, "%s ", action_rows[action].name);
		app_ask_command(app, initial, app_command_answer);
	} else {
		app_act(app, action, "");
	}
}

static void app_save_screen_action(struct app *app, const char *path)
{
	static enum action action = ACTION_SAVE_SCREEN;

	if (*path)
		app_save_screen(app, path);
	else
		app_prompt(app, &(struct line_options){.prompt = "save the screen as: ", .history = LINE_HISTORY_FILE,
		                                       .files = true}, app_answer_action, &action);
}

/* With notes it goes on with other notes. */
static void app_present(struct app *app, const char *notes)
{
	app->presenting = *notes || !app->presenting;
	snprintf(app->notes, sizeof app->notes, "%s", notes);
}

/* An action of this screen was asked for by its name on another. */
static void app_act_there(struct app *app, enum screen screen, enum action action, const char *argument)
{
	if (app->screen == screen)
		return;
	app_show(app, screen);
	app_act(app, action, argument);
}

/* Settings, and what concerns the program as a whole. */
static void app_act_on_program(struct app *app, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_PALETTE:
		app_ask_palette(app, app_palette_answer);
		break;
	case ACTION_SET:
	case ACTION_MAP:
	case ACTION_UNMAP:
		app_change_settings(app, action, argument);
		break;
	case ACTION_TRY:
		time_travel_now(app);
		break;
	case ACTION_CHECKPOINT_BACK:
		time_travel(app, -1);
		break;
	case ACTION_CHECKPOINT_NEXT:
		time_travel(app, 1);
		break;
	case ACTION_WRITE_SETTINGS:
		app_write_settings(app);
		break;
	case ACTION_SAVE_SCREEN:
		app_save_screen_action(app, argument);
		break;
	case ACTION_PRESENT:
		app_present(app, argument);
		break;
	case ACTION_SKIP:
	case ACTION_STEP_BACK:
		tour_move(app, action == ACTION_SKIP ? 1 : -1);
		break;
	case ACTION_REDRAW:
		terminal_repaint(app->terminal);
		break;
	case ACTION_BACK:
		app_go_back(app);
		break;
	case ACTION_QUIT:
		app_quit(app);
		break;
	default:
		break;
	}
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
	case ACTION_SCREEN_RUNS:
		if (*argument && app->screen != SCREEN_RUNS)
			app_act_there(app, SCREEN_RUNS, action, argument);
		else
			app_show(app, SCREEN_RUNS);
		break;
	case ACTION_OPEN_FILE:
	case ACTION_FILES:
	case ACTION_DIALECT:
		app_act_there(app, SCREEN_DATA, action, argument);
		break;
	case ACTION_RESUME:
		app_act_there(app, SCREEN_TRAIN, action, argument);
		break;
	case ACTION_HELP:
		if (app_context(app) != IN_HELP)
			app->help_context = app_context(app);
		app_show(app, SCREEN_HELP);
		break;
	case ACTION_MESSAGES:
		app_show(app, SCREEN_MESSAGES);
		break;
	case ACTION_MODEL:
		app_model_action(app, argument);
		break;
	case ACTION_WATCH:
		app_watch_action(app, argument);
		break;
	case ACTION_COMMAND:
		app_ask_command(app, "", app_command_answer);
		break;
	default:
		app_act_on_program(app, action, argument);
		break;
	}
}

static void app_act(struct app *app, enum action action, const char *argument)
{
	const struct view *view = app_view(app);

	app->dirty = true;
	if (app_refuses(app, action))
		app_say(app, "only looked at (--read-only): \"%s\" would change something", action_rows[action].name);
	else if (!view->action || !view->action(app, app_state(app), action, argument))
		app_act_everywhere(app, action, argument);
}

/* Keys */

/* Esc: what was asked for last, and then, where its progress is shown, the survey. */
static bool app_give_up(struct app *app)
{
	char key[32];

	if (session_give_up(&app->session)) {
		app_say(app, "given up");
		return true;
	}
	if (app->screen != SCREEN_DATA || app_context(app) == IN_DIALECT || !session_give_up_survey(&app->session))
		return false;
	action_first_key(ACTION_COUNT_LABELS, key, sizeof key);
	app_say(app, "the labels are not counted; %s counts them", key);
	return true;
}

static void app_key_by_table(struct app *app, int key)
{
	const enum action action = action_for_key(app_context(app), key);
	char name[32], help[32];

	if (key == UI_KEY_ESCAPE && app_give_up(app))
		return;
	if (action != ACTION_NONE) {
		app_act(app, action, action_argument_for_key(app_context(app), key));
		return;
	}
	key_format(key, name, sizeof name);
	action_first_key(ACTION_HELP, help, sizeof help);
	app_say(app, "%s does nothing here; %s shows every key", name, help);
}

static void app_take_key(struct app *app, int key)
{
	const struct view *view = app_view(app);

	if (app->prompting && app_means_action(app, key))
		app_leave_prompt(app);
	if (key == UI_CTRL('L'))
		app_act(app, ACTION_REDRAW, "");
	else if (app->choices)
		app_choose(app, key);
	else if (app->prompting)
		app_prompt_key(app, key);
	else if (!view->key || !view->key(app, app_state(app), key))
		app_key_by_table(app, key);
}

static void app_take_news(struct app *app)
{
	static const enum message_kind kinds[] = {MESSAGE_GOOD, MESSAGE_ERROR, MESSAGE_NOTE, MESSAGE_NOTE}; /* of news_kind */
	const struct message *message;
	const struct news *news;

	while ((news = session_next_news(&app->session))) {
		messages_add(&app->messages, kinds[news->kind], news->text, news->kind != NEWS_QUIET);
		messages_begin_group(&app->messages, news->more);
		session_drop_news(&app->session);
	}
	if (app_line_is_taken(app, messages_has_error(&app->messages)) || !(message = messages_next(&app->messages)))
		return;
	app_show_message(app, message->kind, message->text, message->more);
}

/* Around everything that a person does: it takes the message away, an error too. */
static void app_begin_answer(struct app *app)
{
	app->message[0] = '\0';
	app->message_more = 0;
}

static void app_end_answer(struct app *app)
{
	if (!app->message[0])
		app_take_news(app);
	tour_update(app);
	app_settle(app);
}

/* Esc and a key in one moment are Alt and that key, where this is one. */
static bool app_knows_alt(const struct app *app, int key)
{
	return action_for_key(app_context(app), key) != ACTION_NONE || (line_is_active(app->line) && line_knows_alt(app->line, key));
}

void app_key(struct app *app, int key)
{
	if (key & UI_ALT && !app_knows_alt(app, key)) {
		app_key(app, UI_KEY_ESCAPE);
		key &= ~UI_ALT;
	}
	app_begin_answer(app);
	app_take_key(app, key);
	app_end_answer(app);
}

void app_interrupt(struct app *app)
{
	if (line_is_active(app->line) || (app->choices && !app_quit_is_asked(app))) {
		app_key(app, UI_KEY_ESCAPE);
	} else if (!app->choices && app_quit_asks(app)) {
		app_begin_answer(app);
		app_quit(app);
		app_end_answer(app);
	} else {
		app_leave(app, LEAVE_SIGNAL);
	}
}

void app_do(struct app *app, enum action action, const char *argument)
{
	app_begin_answer(app);
	app_act(app, action, argument);
	app_end_answer(app);
}

static void app_move(struct app *app, enum action action, int times)
{
	for (int i = 0; i < times; i++)
		app_act(app, action, "");
}

/* The list is drawn in rows: a click goes to the line that it hit, as far as there is one. */
static void app_click(struct app *app, int y, int x)
{
	struct rect list;
	int chosen;
	const int tab = y == 0 && !app->presenting ? app_tab_at(app, x) : -1;

	if (tab >= 0)
		app_act(app, (enum action)((int)ACTION_SCREEN_DATA + tab), "");
	else if (terminal_rested(app->terminal, &chosen, &list) && y >= list.y && y < list.y + list.rows)
		app_move(app, y > chosen ? ACTION_MOVE_DOWN : ACTION_MOVE_UP, y > chosen ? y - chosen : chosen - y);
}

/* While a text is typed or a question asked the mouse does nothing: what it would leave is not lost by an elbow. */
void app_mouse(struct app *app, enum mouse_deed deed, int y, int x)
{
	if (line_is_active(app->line) || app->choices)
		return;
	if (deed == MOUSE_RELEASE && !app_view(app)->mouse)
		return;
	app_begin_answer(app);
	if (app_view(app)->mouse && app_view(app)->mouse(app, app_state(app), deed, y, x))
		app->dirty = true;
	else if (deed == MOUSE_CLICK)
		app_click(app, y, x);
	else if (deed != MOUSE_RELEASE)
		app_move(app, deed == MOUSE_UP ? ACTION_MOVE_UP : ACTION_MOVE_DOWN, WHEEL_LINES);
	app_end_answer(app);
}

static void app_take_paste(struct app *app, struct span text)
{
	const struct view *view = app_view(app);

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

void app_paste(struct app *app, struct span text)
{
	app_begin_answer(app);
	app_take_paste(app, text);
	app_end_answer(app);
}

/* What the threads did */

void app_update(struct app *app)
{
	session_update(&app->session);
	for (int i = 0; i < SCREEN_COUNT; i++) {
		if (app->views[i]->wake)
			app->views[i]->wake(app, app->states[i]);
	}
	departure_update(&app->departure, &app->session);
	app_take_departure(app);
	if (app->session.run_arrived) {
		app->session.run_arrived = false;
		if (app->message_kind != MESSAGE_ERROR && app->message_kind != MESSAGE_NOTE)
			app_show_message(app, MESSAGE_SAID, "", 0);
		app_show(app, SCREEN_TRAIN);
	}
	app_take_news(app);
	tour_update(app);
	app_settle(app);
}

bool app_is_busy(const struct app *app)
{
	for (int i = 0; i < SCREEN_COUNT; i++) {
		if (app->views[i]->busy && app->views[i]->busy(app, app->states[i]))
			return true;
	}
	return session_is_busy(&app->session);
}
