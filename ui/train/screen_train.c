/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Train: a form made from the options table, then the charts of the run that it starts (train_charts.c
 * draws them), or of any run that `revue watch` or :watch shows. */
#include "engine/clock.h"
#include "engine/words.h"
#include "ui/app.h"
#include "ui/charts/chart_actions.h"
#include "ui/charts/probe_ask.h"
#include "ui/terminal/key.h"
#include "ui/train/train_ask.h"
#include "ui/train/train_charts.h"
#include "ui/train/train_form.h"
#include "ui/train/train_resume.h"
#include "ui/train/train_steer.h"
#include "ui/train/train_tell.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAME_COLUMNS 32

struct train_state {
	bool ready;
	struct train_form form;
	struct train_resume resume;
	struct list list;
	int page;
	bool want_form; /* the form is shown though there is a run */
	struct run_charts charts;
	uint64_t generation; /* of the run that the charts belong to */
	bool counted;   /* the survey was there when the form followed */
	uint64_t data_generation; /* of the file that the form followed */
	struct error noted; /* why there is no estimate, as it was kept among the messages */
};

static bool train_has_run(const struct app *app)
{
	return app->session.run || session_is_training(&app->session);
}

static unsigned train_context(const struct app *app, const void *state)
{
	const struct train_state *train = state;

	return train_has_run(app) && !train->want_form ? IN_RUN : IN_FORM;
}

static void train_prepare(struct app *app, struct train_state *train)
{
	if (!train->ready) {
		train_form_init(&train->form, app->model);
		run_charts_init(&train->charts);
		train->ready = true;
	}
}

struct train_form *train_ask_form(void *state)
{
	return &((struct train_state *)state)->form;
}

const struct run_charts *train_ask_charts(const void *state)
{
	return &((const struct train_state *)state)->charts;
}

static void train_show(struct app *app, void *state)
{
	struct train_state *train = state;

	train_prepare(app, train);
	if (train_context(app, train) == IN_FORM)
		train_form_follow(&train->form, &app->session);
}

/* What the form shows cut is kept whole among the messages. */
static void train_note_error(struct app *app, struct train_state *train)
{
	const struct error *error = &train->form.estimate_error;

	if (app->screen != SCREEN_TRAIN || strcmp(error->text, train->noted.text) == 0)
		return;
	train->noted = *error;
	if (error->kind)
		messages_keep(&app->messages, MESSAGE_ERROR, error->text);
}

/* The form follows the file, and the estimate its survey, which may end while the form is shown. */
static void train_follow_data(struct app *app, struct train_state *train)
{
	const struct session *session = &app->session;

	if (train->counted == session->survey_ready && train->data_generation == session->dataset_generation)
		return;
	train->counted = session->survey_ready;
	train->data_generation = session->dataset_generation;
	if (app->screen == SCREEN_TRAIN && train_context(app, train) == IN_FORM)
		train_form_follow(&train->form, &app->session);
}

static void train_tell_forgot(struct app *app, struct train_state *train)
{
	struct error error = {0};

	if (!train->form.forgot)
		return;
	train->form.forgot = false;
	error_set(&error, ERROR_DATA, "%s cannot be read as you said before: how it is written is guessed",
	          train->form.paths[FIELD_DATA]);
	app_complain(app, &error);
}

static void train_wake(struct app *app, void *state)
{
	struct train_state *train = state;

	train_prepare(app, train);
	train_form_update(&train->form, &app->session);
	train_follow_data(app, train);
	train_note_error(app, train);
	train_tell_forgot(app, train);
	chart_actions_wake(app, &train->charts);
	if (train->generation == app->session.run_generation)
		return;
	train->generation = app->session.run_generation;
	run_charts_reset(&train->charts);
}

static bool train_busy(const struct app *app, const void *state)
{
	const struct train_state *train = state;

	(void)app;
	return train_form_is_estimating(&train->form) || overlays_busy(&train->charts.overlays) || train->charts.saving;
}

/* Drawing */

static int train_field(const struct train_state *train)
{
	return form_rows_field(&train->form.rows_shown, (int)train->list.chosen);
}

static void train_draw_field(struct app *app, const struct train_state *train, struct rect rect, int row, int field)
{
	const enum style chosen = field == train_field(train) ? STYLE_SELECTED : STYLE_NORMAL;
	const struct option_row *option = train_form_option(field);
	const int theme = train_form_theme(field);
	char value[PATH_MAX], shown[WIDGET_NAME_MAX];
	enum style style = chosen;

	train_form_value(&train->form, field, value, sizeof value);
	app_path_name(app, value, rect.columns - NAME_COLUMNS, shown);
	if (chosen == STYLE_NORMAL && train_form_is_default(&train->form, field))
		style = STYLE_DIM;
	if (chosen == STYLE_SELECTED)
		draw_fill(app->terminal, rect, row, 0, chosen);
	if (theme >= 0) {
		draw_format(app->terminal, rect, row, 1, chosen, "%c %s (%s)", train->form.rows_shown.open[theme] ? '-' : '+',
		            train_form_name(field), value);
		return;
	}
	draw_text(app->terminal, rect, row, option && option->theme != THEME_BASIC ? 3 : 1, train_form_name(field), chosen);
	draw_text(app->terminal, rect, row, NAME_COLUMNS, shown, style);
}

static void train_draw_estimate(struct app *app, const struct train_state *train, struct rect rect)
{
	const struct train_form *form = &train->form;
	const bool tight = form->estimate.memory_bytes > form->estimate.memory_available;

	if (train_form_is_counting(form)) {
		draw_format(app->terminal, rect, 0, 1, STYLE_DIM, "counting the rows of %s...", form->paths[FIELD_DATA]);
		return;
	}
	if (form->estimate_error.kind) {
		app_draw_message(app, rect, 0, 1, form->estimate_error.text, STYLE_ERROR);
		return;
	}
	if (form->estimate_job && form->estimate.steps == 0) {
		draw_text(app->terminal, rect, 0, 1, "estimating...", STYLE_DIM);
		return;
	}
	draw_format(app->terminal, rect, 0, 1, form->estimate_job ? STYLE_DIM : tight ? STYLE_ERROR : STYLE_NORMAL,
	            "%s steps, about %s of memory (%s are free)",
	            words_count(form->estimate.steps).text, words_bytes(form->estimate.memory_bytes).text,
	            words_bytes(form->estimate.memory_available).text);
}

/* In the last row, or in the last two where it is long. It is ASCII: a byte is a column. */
static void train_draw_help(struct app *app, struct rect rect, const char *text)
{
	int size = (int)strlen(text), room = rect.columns - 2;

	if (size > room && rect.rows > 1 && room > 0) {
		for (size = room; size > 0 && text[size] != ' '; size--)
			;
		draw_span(app->terminal, rect, rect.rows - 2, 1, 0, (struct span){text, (size_t)size}, STYLE_DIM);
		text += size + (text[size] == ' ');
	}
	draw_text(app->terminal, rect, rect.rows - 1, 1, text, STYLE_DIM);
}

static void train_draw_form(struct app *app, const struct train_state *train, struct rect body)
{
	const struct layout_form layout = layout_form(body);
	const int count = form_rows_count(&train->form.rows_shown);

	draw_text(app->terminal, layout.title, 0, 1, "A new training. Enter changes a setting, s starts.", STYLE_TITLE);
	draw_range(app->terminal, layout.title, 0, 50, train->list.top, (uint64_t)count, layout.fields.rows);
	for (int row = 0; row < layout.fields.rows && (int)train->list.top + row < count; row++)
		train_draw_field(app, train, layout.fields, row,
		                 form_rows_field(&train->form.rows_shown, (int)train->list.top + row));
	train_draw_help(app, layout.help, train_form_help(train_field(train)));
	train_draw_estimate(app, train, layout.estimate);
}

/* The run that a resume began is shown. */
static void train_show_resumed(struct train_state *train)
{
	if (train->resume.went_on)
		train->want_form = false;
	train->resume.went_on = false;
}

static void train_settle(struct app *app, void *state, struct rect body)
{
	struct train_state *train = state;
	const struct layout_form layout = layout_form(body);

	train_show_resumed(train);
	if (app->session.run)
		run_charts_settle(&train->charts, app->session.run, clock_seconds(),
		                  session_is_training(&app->session) && app->session.trainer_status.phase != TRAINER_TRAINING);
	train->page = layout.fields.rows;
	list_settle(&train->list, (uint64_t)form_rows_count(&train->form.rows_shown), train->page);
}

static void train_draw(struct app *app, void *state, struct rect body)
{
	struct train_state *train = state;

	if (session_opening_run(&app->session) && !train->want_form) {
		draw_format(app->terminal, body, 0, 1, STYLE_NORMAL, "reading %s... (Esc gives it up)",
		            session_opening_run(&app->session));
		return;
	}
	if (train_context(app, train) == IN_FORM) {
		train_draw_form(app, train, body);
		return;
	}
	train_charts_draw(app, &train->charts, body);
}

/* The form */

static char *train_complete_choice(const char *word, int index, void *context)
{
	const struct train_state *train = context;
	const struct option_row *row = train_form_option(train_field(train));
	const char *list = row ? row->choices : "";
	int matches = 0;

	while (*list) {
		const size_t size = strcspn(list, "|");

		if (!isupper((unsigned char)*list) && strncmp(list, word, strlen(word)) == 0 && matches++ == index)
			return strndup(list, size);
		list += size + (list[size] == '|');
	}
	return NULL;
}

static char *train_complete_recipe(const char *word, int index, void *context)
{
	int matches = 0;

	(void)context;
	for (int i = 0; train_recipe_name(i); i++)
		if (strncmp(train_recipe_name(i), word, strlen(word)) == 0 && matches++ == index)
			return strdup(train_recipe_name(i));
	return NULL;
}

/* What a change has done besides, where that is not plain from the form. */
static void train_say_set(struct app *app, struct train_state *train, int field)
{
	if (train->form.note[0]) {
		app_say(app, "%s", train->form.note);
		train->form.note[0] = '\0';
	} else if (train_form_is_of_data(&train->form, &app->session, field))
		app_say(app, "%s is changed on the Data screen too: the form follows it", train_form_name(field));
	else if (field == FIELD_DATA && train->form.remembered)
		app_say(app, "%s is read as you said of it before: the settings below say how", train->form.paths[FIELD_DATA]);
}

static void train_set(struct app *app, struct train_state *train, const char *text)
{
	const int field = train_field(train);
	struct error error = {0};

	if (train_form_set(&train->form, &app->session, field, text, &error))
		train_say_set(app, train, field);
	else
		app_complain(app, &error);
	train_form_follow(&train->form, &app->session);
}

static void train_edit_answer(struct app *app, void *context, const char *answer)
{
	train_set(app, context, answer);
}

static void train_edit(struct app *app, struct train_state *train)
{
	const int field = train_field(train), theme = train_form_theme(field);
	const struct option_row *row = train_form_option(field);
	char prompt[64], value[OPTION_TEXT_MAX];

	if (theme >= 0) {
		train->form.rows_shown.open[theme] = !train->form.rows_shown.open[theme];
		return;
	}

	snprintf(prompt, sizeof prompt, "%s: ", train_form_name(field));
	train_form_value(&train->form, field, value, sizeof value);
	if (row && row->kind == OPTION_BOOLEAN) {
		train_set(app, train, strcmp(value, "true") == 0 ? "false" : "true");
		return;
	}
	app_prompt(app, &(struct line_options){
		.prompt = prompt, .initial = value, .context = train,
		.history = row ? LINE_HISTORY_NONE : LINE_HISTORY_FILE,
		.files = !row || (row->kind == OPTION_TEXT && !row->choices[0]),
		.complete = field == FIELD_RECIPE ? train_complete_recipe : row && row->choices[0] ? train_complete_choice : NULL,
	}, train_edit_answer, train);
}

static void train_reset_field(struct app *app, struct train_state *train)
{
	const int field = train_field(train);
	const struct option_row *row = train_form_option(field);

	if (row || field == FIELD_RECIPE) {
		train_set(app, train, row ? row->default_text : "");
		return;
	}
	if (field == FIELD_DATA)
		train->form.own_data = false;
	else if (field == FIELD_RUN)
		train->form.own_run = false;
	train_form_follow(&train->form, &app->session);
}

static void train_start(struct app *app, struct train_state *train)
{
	struct trainer_request request;
	struct error error = {0};

	if (!train->form.own_data && session_opening(&app->session)) {
		app_say(app, "%s is being opened: start when it is there", session_opening(&app->session));
		return;
	}
	train_form_follow(&train->form, &app->session);
	if (!train_form_request(&train->form, &request, &error)
	    || !session_train(&app->session, &request, &error)) {
		app_complain(app, &error);
		return;
	}
	train->want_form = false;
	app_say(app, "training; everything is kept in %s", request.run);
}

/* The run */

static void train_go_on(struct app *app, struct train_state *train, const char *run)
{
	static enum action action = ACTION_RESUME;

	if (!*run && app->session.run && run_state(app->session.run) == RUN_FAILED && !train_steer_can_resume(app))
		app_say(app, "this run failed before its first step and would fail so again: n sets up another");
	else if (*run || app->session.run_path[0])
		train_resume_begin(app, &train->resume, *run ? run : app->session.run_path);
	else
		app_prompt(app, &(struct line_options){.prompt = "run directory: ", .history = LINE_HISTORY_FILE,
		                                       .files = true}, app_answer_action, &action);
}

static void train_new(struct app *app, struct train_state *train)
{
	if (session_is_training(&app->session)) {
		app_say(app, "a training is running; stop it first");
		return;
	}
	train->want_form = true;
	train_form_follow(&train->form, &app->session);
}

static bool train_has_report(const struct app *app)
{
	bool warning;

	return app->session.run && run_report_line(app->session.run, 0, &warning);
}

static void train_tell_report(struct app *app, struct train_state *train)
{
	if (train_has_report(app))
		train->charts.page = train->charts.page == CHARTS_PAGE_REPORT ? CHARTS_PAGE : CHARTS_PAGE_REPORT;
	else
		app_say(app, "this run has no report: its data was not read, or by an earlier version of revue");
}

static bool train_steer(struct app *app, struct train_state *train, enum action action, const char *argument)
{
	if (action == ACTION_NEW_RUN) {
		train_new(app, train);
		return true;
	}
	if (action == ACTION_REPORT) {
		train_tell_report(app, train);
		return true;
	}
	return train_steer_act(app, action, argument);
}

static void train_find_answer(struct app *app, void *context, const char *answer)
{
	struct train_state *train = context;
	const int found = form_rows_find(&train->form.rows_shown, train_field(train), answer, train_form_name);

	if (found < 0)
		app_say(app, "no setting is called so or says so: %s", answer);
	else
		train->list.chosen = (uint64_t)form_rows_row(&train->form.rows_shown, found);
}

static void train_find(struct app *app, struct train_state *train, const char *text)
{
	if (*text)
		train_find_answer(app, train, text);
	else
		app_prompt(app, &(struct line_options){.prompt = "setting: ", .history = LINE_HISTORY_NONE}, train_find_answer, train);
}

static bool train_fill(struct app *app, struct train_state *train, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_FIND_FIELD:
		train_find(app, train, argument);
		return true;
	case ACTION_EDIT_FIELD:
		train_edit(app, train);
		return true;
	case ACTION_RESET_FIELD:
		train_reset_field(app, train);
		return true;
	case ACTION_START:
		train_start(app, train);
		return true;
	case ACTION_SHOW_RUN:
		if (train_has_run(app))
			train->want_form = false;
		else
			app_say(app, "nothing was trained yet; :watch RUN shows the charts of any run");
		return true;
	default:
		return list_move(&train->list, action, (uint64_t)form_rows_count(&train->form.rows_shown), train->page);
	}
}

static bool train_action(struct app *app, void *state, enum action action, const char *argument)
{
	struct train_state *train = state;

	train_prepare(app, train);
	if (action == ACTION_RESUME) {
		train_go_on(app, train, argument);
		return true;
	}
	if (action == ACTION_PROBE) {
		probe_ask(app, train_context(app, train) == IN_FORM ? &train->form.options : NULL, argument);
		return true;
	}
	if (train_context(app, train) == IN_FORM)
		return train_fill(app, train, action, argument);
	if (app->session.run && chart_action(app, &train->charts, action, argument))
		return true;
	return train_steer(app, train, action, argument);
}

static bool train_offers(const struct app *app, const void *state, enum action action)
{
	(void)state;
	switch (action) {
	case ACTION_SHOW_RUN:
		return train_has_run(app);
	case ACTION_PAUSE:
	case ACTION_STOP:
	case ACTION_SAVE:
	case ACTION_EVALUATE:
	case ACTION_RATE:
	case ACTION_EPOCHS:
		return train_steer_is_live(app) && (session_is_training(&app->session) || !app->session.read_only);
	case ACTION_RESUME:
		return train_steer_can_resume(app);
	case ACTION_NEW_RUN:
		return !session_is_training(&app->session);
	case ACTION_REPORT:
		return train_has_report(app);
	default:
		return true;
	}
}

static const char *train_word(const struct app *app, const void *state, enum action action)
{
	(void)state;
	return action == ACTION_PAUSE && train_steer_is_paused(app) ? "go on" : NULL;
}

void train_tell(struct app *app, void *state, struct teller *teller)
{
	struct train_state *train = state;

	if (train_context(app, train) == IN_FORM)
		train_tell_form(app, &train->form, &train->list, train->page, teller);
	else
		train_tell_run(app, &train->charts, teller);
}

static void train_close(void *state)
{
	struct train_state *train = state;

	train_form_free(&train->form);
	run_charts_free(&train->charts);
}

const struct view screen_train = {
	.title = "Train",
	.state_size = sizeof(struct train_state),
	.show = train_show,
	.context = train_context,
	.draw = train_draw,
	.settle = train_settle,
	.action = train_action,
	.offers = train_offers,
	.word = train_word,
	.wake = train_wake,
	.busy = train_busy,
	.close = train_close,
};
