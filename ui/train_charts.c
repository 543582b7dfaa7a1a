/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/words.h"
#include "ui/train_charts.h"
#include "ui/train_report.h"

#include <inttypes.h>
#include <math.h>

/* What the charts show, as chart.h wants its points */

#define SERIES(name, type, field) \
	static double name(const void *points, size_t index, double *x) \
	{ \
		const struct type *point = (const struct type *)points + index; \
\
		*x = (double)point->step; \
		return point->field; \
	}

SERIES(point_loss, run_point, loss)
SERIES(point_learning_rate, run_point, learning_rate)
SERIES(point_speed, run_point, tokens_per_second)
SERIES(evaluation_loss, run_evaluation, loss)
SERIES(evaluation_accuracy, run_evaluation, accuracy)
SERIES(evaluation_f1, run_evaluation, f1)

static void frames_of(const struct run *run, struct chart_frame frames[LAYOUT_CHARTS])
{
	size_t points, evaluations;
	const struct run_point *point = run_points(run, &points);
	const struct run_evaluation *evaluation = run_evaluations(run, &evaluations);

	frames[0] = (struct chart_frame){"Loss", {"train", "valid"},
	                                 {{point, points, point_loss, false},
	                                  {evaluation, evaluations, evaluation_loss, true}}};
	frames[1] = (struct chart_frame){"Validation", {"accuracy", "F1"},
	                                 {{evaluation, evaluations, evaluation_accuracy, false},
	                                  {evaluation, evaluations, evaluation_f1, true}}};
	frames[2] = (struct chart_frame){"Learning rate", {"", NULL}, {{point, points, point_learning_rate, false}}};
	frames[3] = (struct chart_frame){"Tokens/s", {"", NULL}, {{point, points, point_speed, false}}};
}

void train_charts_reset(struct train_charts *charts)
{
	charts->report = false;
	for (int i = 0; i < LAYOUT_CHARTS; i++)
		chart_reset(&charts->charts[i]);
}

void train_charts_free(struct train_charts *charts)
{
	for (int i = 0; i < LAYOUT_CHARTS; i++)
		chart_free(&charts->charts[i]);
}

/* The lines */

static const char *state_name(const struct session *session)
{
	static const char *const phases[] = {"preparing", "training", "paused", "evaluating", "saving",
	                                     "finished", "stopped", "failed"};
	static const char *const states[] = {"training", "paused", "finished", "stopped", "failed",
	                                     "died: it can be resumed"};

	if (session_is_training(session))
		return phases[session->trainer_status.phase];
	return session->run ? states[run_state(session->run)] : "";
}

static void draw_state(struct app *app, struct rect rect)
{
	const struct session *session = &app->session;
	const struct trainer_status *status = &session->trainer_status;
	const bool details = session_is_training(session) && status->phase != TRAINER_TRAINING;
	/* Of what is being done; while it saves or pauses they count the steps of the training. */
	const bool counted = status->phase == TRAINER_PREPARING || status->phase == TRAINER_EVALUATING;
	int column = draw_text(app->terminal, rect, 0, 1, session->run_path, STYLE_TITLE) + 1;

	column += draw_format(app->terminal, rect, 0, column + 2, STYLE_GOOD, "%s", state_name(session)) + 2;
	if (details && status->what[0] && strcmp(status->what, state_name(session)) != 0)
		column += draw_format(app->terminal, rect, 0, column + 2, STYLE_NORMAL, "%s", status->what) + 2;
	if (details && counted && status->total > 0)
		draw_format(app->terminal, rect, 0, column + 2, STYLE_NORMAL, "%.0f %%",
		            100.0 * (double)status->done / (double)status->total);
}

static void draw_progress(struct app *app, struct rect rect, const struct run *run)
{
	size_t count;
	const struct run_point *points = run_points(run, &count);
	const double left = run_seconds_left(run);
	int column;

	if (count == 0)
		return;
	column = 1 + draw_format(app->terminal, rect, 1, 1, STYLE_NORMAL, "step %s of %s  epoch %.2f  %s",
	                         words_count(points[count - 1].step).text, words_count(run_total_steps(run)).text,
	                         points[count - 1].epoch, words_clock(points[count - 1].time).text);
	if (left >= 0 && run_state(run) <= RUN_PAUSED)
		column += draw_format(app->terminal, rect, 1, column, STYLE_NORMAL, ", %s left", words_clock(left).text);
	draw_format(app->terminal, rect, 1, column + 2, STYLE_NORMAL, "%.0f tokens/s", points[count - 1].tokens_per_second);
}

static void draw_figures(struct app *app, struct rect rect, const struct run *run)
{
	size_t points, evaluations;
	const struct run_point *point = run_points(run, &points);
	const struct run_evaluation *evaluation = run_evaluations(run, &evaluations);
	int column = 1;

	if (points > 0)
		column += draw_format(app->terminal, rect, 2, column, STYLE_NORMAL, "loss %.4f  lr %.3g",
		                      point[points - 1].loss, point[points - 1].learning_rate) + 2;
	if (evaluations > 0)
		draw_format(app->terminal, rect, 2, column, STYLE_SECOND, "validation: loss %.4f  accuracy %.4f  F1 %.4f",
		            evaluation[evaluations - 1].loss, evaluation[evaluations - 1].accuracy,
		            evaluation[evaluations - 1].f1);
}

/* In the place of the charts: where somebody asks for it, and as long as there is nothing to be drawn. */
static bool draw_report(struct app *app, const struct train_charts *charts, struct rect body, const struct layout_run *layout)
{
	const struct run *run = app->session.run;
	const int above = layout->summary.y + layout->summary.rows - body.y;
	const struct rect rect = {body.y + above, body.x, body.rows - above - layout->event.rows, body.columns};
	size_t points;

	run_points(run, &points);
	return (charts->report || points == 0) && train_report_draw(app->terminal, rect, run);
}

static void draw_charts(struct app *app, struct train_charts *charts, const struct layout_run *layout)
{
	const struct run *run = app->session.run;
	struct chart_frame frames[LAYOUT_CHARTS];

	frames_of(run, frames);
	for (int i = 0; i < LAYOUT_CHARTS; i++) {
		charts->charts[i].x_limit = (double)run_total_steps(run);
		if (!rect_is_empty(layout->charts[i]))
			draw_chart(app->terminal, layout->charts[i], &charts->charts[i], &frames[i]);
	}
}

void train_charts_draw(struct app *app, struct train_charts *charts, struct rect body)
{
	const struct layout_run layout = layout_run(body);
	const struct run *run = app->session.run;

	draw_state(app, layout.summary);
	if (!run)
		return;
	draw_progress(app, layout.summary, run);
	draw_figures(app, layout.summary, run);
	if (!draw_report(app, charts, body, &layout))
		draw_charts(app, charts, &layout);
	draw_cut(app->terminal, layout.event, 0, 1, run_message(run), "", STYLE_DIM);
}
