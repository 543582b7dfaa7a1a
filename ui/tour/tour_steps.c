/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tour, fit for a lesson: a row a step, in its order. Each looks at the state of the program, not at keys, so that whoever
 * finds another way has done the step as well. */
#include "ui/tour/tour_steps.h"

#include "ui/reviews/reviews.h"
#include "ui/runs/runs.h"
#include "ui/score/score.h"
#include "ui/train/train_ask.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_TYPED 4 /* of a sentence that is worth a look */
#define ROW_WANTED 5
#define EPOCHS "20"   /* as the form has them when the tour begins */

/* Where the person is */

static uint64_t on_reviews(const struct app *app)
{
	return app->screen == SCREEN_REVIEWS;
}

static uint64_t on_form(const struct app *app)
{
	return app->screen == SCREEN_TRAIN && app_context(app) == IN_FORM;
}

static const struct reviews_state *reviews_of(const struct app *app)
{
	return app->states[SCREEN_REVIEWS];
}

static uint64_t row_chosen(const struct app *app)
{
	uint64_t row = 0;

	return on_reviews(app) && reviews_chosen_row(reviews_of(app), &row) ? row + 1 : 0;
}

static uint64_t is_searched(const struct app *app)
{
	return reviews_of(app)->rows.wanted != NULL;
}

static uint64_t is_filtered(const struct app *app)
{
	return reviews_of(app)->rows.filter != NULL;
}

static uint64_t error_seen(const struct app *app)
{
	return reviews_of(app)->error_row;
}

static const struct score_state *score_of(const struct app *app)
{
	return app->states[SCREEN_SCORE];
}

static uint64_t words_typed(const struct app *app)
{
	return app->screen == SCREEN_SCORE ? score_of(app)->words.count : 0;
}

static uint64_t reviews_kept(const struct app *app)
{
	return score_of(app)->last_id;
}

/* A setting of the form by its name, as text. */
static int field_of(const char *name)
{
	for (int i = 0; i < train_option_count; i++)
		if (strcmp(train_option_rows[i].name, name) == 0)
			return FIELD_OPTIONS + i;
	return -1;
}

static uint64_t epochs_changed(const struct app *app)
{
	char value[OPTION_TEXT_MAX];

	train_form_value(train_ask_form(app->states[SCREEN_TRAIN]), field_of("num-train-epochs"), value, sizeof value);
	return strcmp(value, EPOCHS) != 0;
}

static uint64_t probe_set(const struct app *app)
{
	char value[OPTION_TEXT_MAX];
	size_t count;

	train_form_value(train_ask_form(app->states[SCREEN_TRAIN]), field_of("probe"), value, sizeof value);
	return value[0] || (app->session.run && run_probes(app->session.run, 0, &count));
}

static uint64_t is_started(const struct app *app)
{
	return session_is_training(&app->session) || app->session.run;
}

static uint64_t chart_chosen(const struct app *app)
{
	const struct run_charts *charts = train_ask_charts(app->states[SCREEN_TRAIN]);

	return charts->large || charts->focus != MEASURE_LOSS || charts->crossed;
}

/* And its model scores already. */
static uint64_t is_finished(const struct app *app)
{
	const struct session *session = &app->session;
	const char *name = session->scoring.model ? model_folder(session->scoring.model) : "";
	const size_t size = strlen(session->run_path);

	return session->run && run_state(session->run) == RUN_FINISHED && size > 0 && strncmp(name, session->run_path, size) == 0;
}

static uint64_t run_looked_at(const struct app *app)
{
	const struct runs_state *runs = app->states[SCREEN_RUNS];

	return app->screen == SCREEN_RUNS && runs->page != RUNS_PAGE_TABLE;
}

const struct tour_step tour_steps[] = {
	{"Welcome. In ten minutes you browse reviews, train a model on them and test it; nothing of it stays on this machine. The Data "
	 "screen tells what is in a file: which column is the text, which the label, how many reviews each label has. "
	 "Now look at the reviews themselves: {reviews}.", on_reviews, 1, false},
	{"Each line is a review with its label, what the model makes of it and how sure it is; the whole text follows. Go to row 5: "
	 "{down} a few times.", row_chosen, ROW_WANTED, false},
	{"A search finds words: {search}, then waitress and Enter.", is_searched, 1, false},
	{"The model is wrong here and there. To see where it is most sure and wrong: {next-error}. Can you tell why?",
	 error_seen, 1, false},
	{"Only some rows: {where}, then label=negative confidence<=0.6 and Enter lists the reviews that are negative and of which the "
	 "model is unsure.", is_filtered, 1, false},
	{"Now a sentence of your own: {score}, and write what you thought of your last meal. The scores follow each letter, and words "
	 "are coloured by what they count.", words_typed, WORDS_TYPED, false},
	{"Enter keeps it in the list below, so that you can ask a better model the same.", reviews_kept, 1, false},
	{"A better model is one that has seen such reviews. To set up a training: {train}.", on_form, 1, false},
	{"The form has the usual settings. An epoch is one pass over the reviews; 20 are set. To find the setting {setting}, then epochs "
	 "and Enter; to change it {edit}, make it 8 and press Enter.", epochs_changed, 1, false},
	{"A probe is a sentence whose score is drawn while the model learns. To have one {probe} with a sentence after it, as in: "
	 "probe the waiter was in no hurry.", probe_set, 1, false},
	{"One review in five is held out: on these the model is measured, never trained. To start: {start}.", is_started, 1, false},
	{"Loss is how wrong the model is: it should fall. To see another chart {chart}; to make it large {large}. Where the held-out "
	 "line rises while the other falls, the model learns by heart.", chart_chosen, 1, false},
	{"When the training has ended the best of its checkpoints becomes the model that scores. Wait for it.", is_finished, 1, false},
	{"How good is it? To see, {runs}, and on your run {look-at}: what it took for what. For more figures {figures}.",
	 run_looked_at, 1, false},
	{"Now test it: {score}, and write a sentence that should be hard, with a not or a but in it; Enter keeps it. The first sentence "
	 "of yours has new scores too.", reviews_kept, 1, true},
	{"That was the tour. Look around as long as you like; to leave {quit}: all that was made here is removed. \"revue FILE\" opens "
	 "your own reviews, \"revue help overfitting\" and other topics explain more.", NULL, 0, false},
};

const int tour_step_count = (int)(sizeof tour_steps / sizeof *tour_steps);

void tour_prepare(struct app *app)
{
	static const struct {
		const char *name, *value;
	} settings[] = {
		{"num-train-epochs", EPOCHS}, {"learning-rate", "0.0005"}, {"validation", "0.2"}, {"eval-on-start", "true"},
		{"load-best-model-at-end", "true"}, {"metric-for-best-model", "accuracy"},
	};
	struct train_form *form = train_ask_form(app->states[SCREEN_TRAIN]);
	struct error error = {0};

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		if (!train_form_set(form, &app->session, field_of(settings[i].name), settings[i].value, &error))
			app_complain(app, &error);
}
