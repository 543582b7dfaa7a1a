/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Train: a form made from the options table, then the charts of the run that it starts (train_charts.c
 * draws them), or of any run that `revue watch` or :watch shows. */
#include "engine/clock.h"
#include "engine/scrub.h"
#include "engine/steering.h"
#include "engine/words.h"
#include "ui/app.h"
#include "ui/charts/chart_actions.h"
#include "ui/charts/probe_ask.h"
#include "ui/terminal/key.h"
#include "ui/train/form_page.h"
#include "ui/train/train_ask.h"
#include "ui/train/train_charts.h"
#include "ui/train/train_resume.h"
#include "ui/train/train_steer.h"
#include "ui/train/train_tell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct train_state {
	bool ready;
	struct form_page form;
	struct train_resume resume;
	struct message_words told; /* the event that stands in its line, where it is among the messages: it was too long */
	double more_epochs; /* that are asked about, for a run that is over */
	bool want_form; /* the form is shown though there is a run */
	struct run_charts charts;
	uint64_t generation; /* of the run that the charts belong to */
	bool counted;   /* the survey was there when the form followed */
	uint64_t data_generation; /* of the file that the form followed */
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
		form_page_init(&train->form, app->model, app->probes);
		run_charts_init(&train->charts);
		train->ready = true;
	}
}

struct train_form *train_ask_form(void *state)
{
	return &((struct train_state *)state)->form.form;
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
		train_form_follow(&train->form.form, &app->session);
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
		train_form_follow(&train->form.form, &app->session);
}

static void train_wake(struct app *app, void *state)
{
	struct train_state *train = state;

	train_prepare(app, train);
	train_form_update(&train->form.form, &app->session);
	train_follow_data(app, train);
	if (train_context(app, train) == IN_FORM && !session_opening_run(&app->session))
		form_page_wake(app, &train->form);
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
	return train_form_is_estimating(&train->form.form) || overlays_busy(&train->charts.overlays) || train->charts.saving;
}

/* Drawing */

/* The run that a resume began is shown. */
static void train_show_resumed(struct train_state *train)
{
	if (train->resume.went_on)
		train->want_form = false;
	train->resume.went_on = false;
}

/* What is cut in the line of the event can be read whole among the messages. */
static void train_keep_event(struct app *app, struct train_state *train, int columns)
{
	const struct message_words words = messages_words(run_message(app->session.run));

	if (scrub_columns(span_of(words.text), INT16_MAX) <= columns - 1 || strcmp(words.text, train->told.text) == 0)
		return;
	train->told = words;
	messages_keep(&app->messages, MESSAGE_SAID, words.text);
}

static void train_settle(struct app *app, void *state, struct rect body)
{
	struct train_state *train = state;

	train_show_resumed(train);
	if (app->session.run && train_context(app, train) == IN_RUN)
		train_keep_event(app, train, body.columns);
	if (app->session.run)
		run_charts_settle(&train->charts, app->session.run, clock_seconds(),
		                  session_is_training(&app->session) && app->session.trainer_status.phase != TRAINER_TRAINING);
	form_page_settle(app, &train->form, body);
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
		form_page_draw(app, &train->form, body);
		return;
	}
	train_charts_draw(app, &train->charts, body);
}

static void train_start(struct app *app, struct train_state *train)
{
	struct trainer_request request;
	struct error error = {0};

	if (!train->form.form.own_data && session_opening(&app->session)) {
		app_say(app, "%s is being opened: start when it is there", session_opening(&app->session));
		return;
	}
	train_form_follow(&train->form.form, &app->session);
	form_pace_stop(&train->form.form.pace);
	if (!train_form_request(&train->form.form, &request, &error)
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
		train_resume_begin(app, &train->resume, *run ? run : app->session.run_path, 0);
	else
		app_prompt(app, &(struct line_options){.prompt = "run directory: ", .history = LINE_HISTORY_FILE,
		                                       .files = true}, app_answer_action, &action);
}

static void more_epochs_chosen(struct app *app, int key)
{
	struct train_state *train = app->states[SCREEN_TRAIN];

	if (key == 'y')
		train_resume_begin(app, &train->resume, app->session.run_path, train->more_epochs);
}

/* A run that is over goes on where it is given more epochs. */
static void train_extend(struct app *app, struct train_state *train, const char *epochs)
{
	static const struct app_choice choices[] = {{'y', "go on"}, {'n', "leave it as it is"}, {0, NULL}};
	char order[RUN_ORDER_MAX * 2], question[128];
	struct run_order parsed;
	struct error error = {0};

	snprintf(order, sizeof order, "epochs %.100s", epochs);
	if (!run_order_parse(order, &parsed, &error)) {
		app_complain(app, &error);
		return;
	}
	train->more_epochs = parsed.value;
	snprintf(question, sizeof question, "This training is over. Go on with it to %g epochs in all?", parsed.value);
	app_ask(app, question, choices, more_epochs_chosen);
}

static void train_new(struct app *app, struct train_state *train)
{
	if (session_is_training(&app->session)) {
		app_say(app, "a training is running; stop it first");
		return;
	}
	train->want_form = true;
	train_form_follow(&train->form.form, &app->session);
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
	if (action == ACTION_EPOCHS && *argument && train_steer_can_extend(app)) {
		train_extend(app, train, argument);
		return true;
	}
	return train_steer_act(app, action, argument);
}

static bool train_fill(struct app *app, struct train_state *train, enum action action, const char *argument)
{
	switch (action) {
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
		return form_page_act(app, &train->form, action, argument);
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
		probe_ask(app, train_context(app, train) == IN_FORM ? &train->form.form.options : NULL, argument);
		return true;
	}
	if (train_context(app, train) == IN_FORM)
		return train_fill(app, train, action, argument);
	if (app->session.run && chart_action(app, &train->charts, action, argument))
		return true;
	return train_steer(app, train, action, argument);
}

static bool train_mouse(struct app *app, void *state, enum mouse_deed deed, int y, int x)
{
	struct train_state *train = state;

	return train_context(app, train) == IN_RUN && train_charts_mouse(app, &train->charts, app_frame(app).body, deed, y, x);
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
		return train_steer_is_live(app);
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
		train_tell_form(app, &train->form.form, &train->form.list, train->form.rows, teller);
	else
		train_tell_run(app, &train->charts, teller);
}

static void train_close(void *state)
{
	struct train_state *train = state;

	form_page_free(&train->form);
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
	.mouse = train_mouse,
	.wake = train_wake,
	.busy = train_busy,
	.close = train_close,
};
