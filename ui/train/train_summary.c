/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/train_summary.h"

#include "engine/words.h"

#include <time.h>

/* "finished", "failed", ...: what the log and the lock say of a run that is not of this process. */
static const char *const states[] = {"training", "paused", "finished", "stopped", "failed", "died: it can be resumed"};

static const char *state_name(const struct session *session)
{
	static const char *const phases[] = {"preparing", "training", "paused", "evaluating", "saving",
	                                     "finished", "stopped", "failed"};

	if (session_is_training(session))
		return phases[session->trainer_status.phase];
	return session->run ? states[run_state(session->run)] : "";
}

static bool is_bad(const struct session *session)
{
	return !session_is_training(session) && session->run && run_state(session->run) >= RUN_FAILED;
}

/* "2026-11-29 08:15", of the place where the terminal is; the day alone says nothing of one that has just ended. */
static void format_date(int64_t seconds, char *out, size_t capacity)
{
	const time_t when = (time_t)seconds;
	struct tm parts;

	out[0] = '\0';
	if (seconds > 0 && localtime_r(&when, &parts))
		strftime(out, capacity, "%Y-%m-%d %H:%M", &parts);
}

/* When it came to stand so, and of one that failed why. */
static void draw_end(struct app *app, struct rect rect, int column)
{
	const struct run *run = app->session.run;
	char date[32];

	if (session_is_training(&app->session) || !run || run_state(run) <= RUN_PAUSED)
		return;
	format_date(run_changed(run), date, sizeof date);
	if (date[0])
		column += draw_format(app->terminal, rect, 0, column, STYLE_NORMAL, "%s", date) + 2;
	if (run_state(run) == RUN_FAILED)
		draw_cut(app->terminal, rect, 0, column, messages_words(run_message(run)).text, "", STYLE_ERROR);
}

static void draw_state(struct app *app, struct rect rect)
{
	const struct session *session = &app->session;
	const struct trainer_status *status = &session->trainer_status;
	const bool details = session_is_training(session) && status->phase != TRAINER_TRAINING;
	/* Of what is being done; while it saves or pauses they count the steps of the training. */
	const bool counted = status->phase == TRAINER_PREPARING || status->phase == TRAINER_EVALUATING;
	int column = draw_text(app->terminal, rect, 0, 1, session->run_path, STYLE_TITLE) + 3;

	column += draw_format(app->terminal, rect, 0, column, is_bad(session) ? STYLE_ERROR : STYLE_GOOD, "%s",
	                      state_name(session)) + 2;
	if (details && status->what[0] && strcmp(status->what, state_name(session)) != 0)
		column += draw_format(app->terminal, rect, 0, column, STYLE_NORMAL, "%s", status->what) + 2;
	if (details && counted && status->total > 0)
		draw_format(app->terminal, rect, 0, column, STYLE_NORMAL, "%.0f %%",
		            100.0 * (double)status->done / (double)status->total);
	draw_end(app, rect, column);
}

/* "41 % of peak  9.1 GB  512 W  64 C" after the speed, as far as the GPU tells it; nothing of the processor. */
static void draw_device(struct app *app, struct rect rect, int column, const struct run_point *point)
{
	if (point->peak_share > 0)
		column += 2 + draw_format(app->terminal, rect, 1, column + 2, STYLE_NORMAL, "%.*f %% of peak",
		                          point->peak_share < 0.0995 ? 1 : 0, 100 * point->peak_share);
	if (point->device_memory > 0 && point->device_memory < 1e18)
		column += 2 + draw_format(app->terminal, rect, 1, column + 2, STYLE_NORMAL, "%s",
		                          words_bytes((uint64_t)point->device_memory).text);
	if (point->watts > 0)
		column += 2 + draw_format(app->terminal, rect, 1, column + 2, STYLE_NORMAL, "%.0f W", point->watts);
	if (point->celsius > 0)
		draw_format(app->terminal, rect, 1, column + 2, STYLE_NORMAL, "%.0f C", point->celsius);
}

static void draw_progress(struct app *app, struct rect rect, const struct run *run, const struct run_point *point,
                          double left)
{
	int column;

	column = 1 + draw_format(app->terminal, rect, 1, 1, STYLE_NORMAL, "step %s of %s  epoch %.2f  %s",
	                         words_count(point->step).text, words_count(run_total_steps(run)).text, point->epoch,
	                         words_clock(point->time).text);
	if (left >= 0 && run_state(run) <= RUN_PAUSED)
		column += draw_format(app->terminal, rect, 1, column, STYLE_NORMAL, ", %s left", words_clock(left).text);
	column += 2 + draw_format(app->terminal, rect, 1, column + 2, STYLE_NORMAL, "%.0f tokens/s", point->tokens_per_second);
	draw_device(app, rect, column, point);
}

static void draw_figures(struct app *app, struct rect rect, const struct run *run, const struct run_point *point)
{
	size_t count;
	const struct run_evaluation *evaluation = run_evaluations(run, &count);
	int column = 1;

	if (point)
		column += draw_format(app->terminal, rect, 2, column, STYLE_NORMAL, "loss %.4f  lr %.3g", point->loss,
		                      point->learning_rate) + 2;
	if (count > 0 && run_evaluation_masks(&evaluation[count - 1]))
		draw_format(app->terminal, rect, 2, column, STYLE_SECOND, "validation: loss %.4f  perplexity %.2f  accuracy %.4f",
		            evaluation[count - 1].loss, evaluation[count - 1].perplexity, evaluation[count - 1].accuracy);
	else if (count > 0)
		draw_format(app->terminal, rect, 2, column, STYLE_SECOND, "validation: loss %.4f  accuracy %.4f  F1 %.4f",
		            evaluation[count - 1].loss, evaluation[count - 1].accuracy, evaluation[count - 1].f1);
}

void train_summary_draw(struct app *app, struct rect rect, const struct run_point *point, double left)
{
	draw_state(app, rect);
	if (!app->session.run)
		return;
	if (point)
		draw_progress(app, rect, app->session.run, point, left);
	draw_figures(app, rect, app->session.run, point);
}
