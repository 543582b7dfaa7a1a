/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A second model beside the first: it scores the same text, and the difference is shown, label by label. */
#include "ui/score/score.h"

#include "ui/tasks.h"

#include <inttypes.h>

#define NAME_MIN 10
#define SHARE_COLUMNS 10

void score_rival_close(struct score_rival *rival)
{
	job_let_go(&rival->job);
	if (rival->scoring.lent)
		scoring_close(&rival->scoring);
}

void score_compare(struct app *app, struct score_state *score, const char *folder)
{
	static enum action action = ACTION_COMPARE;
	struct score_rival *rival = &score->rival;
	struct error error = {0};

	if (!*folder && !rival->scoring.model && !rival->job) {
		app_prompt(app, &(struct line_options){.prompt = "compare with the model: ", .history = LINE_HISTORY_FILE, .files = true},
		           app_answer_action, &action);
		return;
	}
	score_rival_close(rival);
	if (!*folder)
		return;
	rival->job = task_start_model(app->session.jobs, app->session.wake, folder, &app->session.how, ORIGIN_FOLDER, &error);
	if (!rival->job)
		app_complain(app, &error);
}

void score_rival_post(struct score_state *score, struct span text)
{
	if (!score->rival.scoring.scorer)
		return;
	score->rival.asked_generation = score->rival.scoring.model_generation;
	scoring_ask(&score->rival.scoring, SCORE_TYPED, text);
}

static bool take_model(struct app *app, struct score_state *score)
{
	struct score_rival *rival = &score->rival;
	struct model_task *task = job_context(rival->job);
	struct error error = {0};

	if (job_error(rival->job)) {
		error = *job_error(rival->job);
	} else {
		scoring_use(&rival->scoring, app->session.jobs, task->model, task->scorer, &error);
		task->model = NULL;
		task->scorer = NULL;
	}
	job_let_go(&rival->job);
	if (error.kind)
		app_complain(app, &error);
	return !error.kind;
}

bool score_rival_wake(struct app *app, struct score_state *score)
{
	const bool came = score->rival.job && job_finished(score->rival.job) && take_model(app, score);

	scoring_update(&score->rival.scoring);
	return came;
}

bool score_rival_draws(const struct score_state *score)
{
	return score->rival.scoring.model && score->rival.scoring.places[SCORE_TYPED].got;
}

static int names_columns(struct rect rect)
{
	const int most = rect.columns / 4;

	return most > NAME_MIN ? most : NAME_MIN;
}

/* The label of the second model with this name; -1: it has none. */
static int32_t same_label(const struct score_state *score, const struct model *model, int32_t label)
{
	return model_find_label(score->rival.scoring.model, span_of(model_label(model, label)));
}

static void draw_label(struct app *app, const struct score_state *score, struct rect rect, int row, int32_t label)
{
	const struct model *model = app->session.scoring.model;
	const struct score *first = &app->session.scoring.places[SCORE_TYPED].score;
	const struct score *second = &score->rival.scoring.places[SCORE_TYPED].score;
	const int32_t other = same_label(score, model, label);
	const int names = names_columns(rect), half = (rect.columns - names - SHARE_COLUMNS) / 2;
	const int bar = half - SHARE_COLUMNS;
	const enum style style = label == first->label ? STYLE_TITLE : STYLE_NORMAL;

	draw_span(app->terminal, rect, row, 0, names - 1, span_of(model_label(model, label)), style);
	draw_format(app->terminal, rect, row, names, style, "%6.2f %%", 100 * (double)first->scores[label]);
	draw_bar(app->terminal, rect, row, names + SHARE_COLUMNS - 1, bar, (double)first->scores[label], STYLE_FIRST);
	if (other < 0) {
		draw_text(app->terminal, rect, row, names + half, "no such label", STYLE_DIM);
		return;
	}
	draw_format(app->terminal, rect, row, names + half, other == second->label ? STYLE_TITLE : STYLE_NORMAL, "%6.2f %%",
	            100 * (double)second->scores[other]);
	draw_bar(app->terminal, rect, row, names + half + SHARE_COLUMNS - 1, bar, (double)second->scores[other], STYLE_SECOND);
	draw_format(app->terminal, rect, row, names + 2 * half, STYLE_TITLE, "%+8.2f",
	            100 * ((double)second->scores[other] - (double)first->scores[label]));
}

/* A row of names, then one a label. */
void score_draw_rival(struct app *app, const struct score_state *score, struct rect rect)
{
	const struct model *model = app->session.scoring.model;
	const int names = names_columns(rect), half = (rect.columns - names - SHARE_COLUMNS) / 2;
	char name[WIDGET_NAME_MAX];
	int row = 0;

	if (rect.rows > 1) {
		app_path_name(app, model_folder(model), half - 2, name);
		draw_span(app->terminal, rect, 0, names, half - 1, span_of(name), STYLE_DIM);
		app_path_name(app, model_folder(score->rival.scoring.model), half - 2, name);
		draw_span(app->terminal, rect, 0, names + half, half - 1, span_of(name), STYLE_DIM);
		draw_text(app->terminal, rect, 0, names + 2 * half, "  points", STYLE_DIM);
		row = 1;
	}
	for (int32_t label = 0; label < model_config(model)->num_labels && row < rect.rows; label++, row++)
		draw_label(app, score, rect, row, label);
}
