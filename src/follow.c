/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/follow.h"

#include "engine/words.h"
#include "src/output.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* "loss 0.4821, accuracy 0.5112, F1 0.4630" and, of labels that are ordered, ", mean absolute error 0.6100"; of masked words
 * their perplexity. */
static void format_evaluation(const struct run_evaluation *evaluation, char *out, size_t capacity)
{
	int used;

	if (run_evaluation_masks(evaluation)) {
		snprintf(out, capacity, "validation loss %.4f, perplexity %.2f, accuracy on masked tokens %.4f", evaluation->loss,
		         evaluation->perplexity, evaluation->accuracy);
		return;
	}
	used = snprintf(out, capacity, "validation loss %.4f, accuracy %.4f, F1 %.4f", evaluation->loss, evaluation->accuracy,
	                evaluation->f1);
	if (!isnan(evaluation->mean_absolute_error) && used >= 0 && (size_t)used < capacity)
		snprintf(out + used, capacity - (size_t)used, ", mean absolute error %.4f", evaluation->mean_absolute_error);
}

static void show_evaluation(struct follower *follower, const struct run_evaluation *evaluation)
{
	char figures[160];

	format_evaluation(evaluation, figures, sizeof figures);
	message_note("step %" PRIu64 ", epoch %.2f: %s", evaluation->step, evaluation->epoch, figures);
	follower->evaluated = true;
	follower->evaluated_step = evaluation->step;
}

/* The first evaluation that was not shown; NULL: all were. */
static const struct run_evaluation *next_evaluation(const struct follower *follower, const struct run *run)
{
	size_t count;
	const struct run_evaluation *evaluations = run_evaluations(run, &count);

	for (size_t i = 0; i < count; i++)
		if (!follower->evaluated || evaluations[i].step > follower->evaluated_step)
			return &evaluations[i];
	return NULL;
}

void follow_from_here(struct follower *follower, const struct run *run)
{
	size_t events, evaluations, points;
	const struct run_evaluation *evaluation = run_evaluations(run, &evaluations);
	const struct run_point *point = run_points(run, &points);

	run_events(run, &events);
	follower->events = follower->before = events + 1;
	follower->evaluated = evaluations > 0;
	follower->evaluated_step = evaluations ? evaluation[evaluations - 1].step : 0;
	follower->shown_step = points ? point[points - 1].step : 0;
}

/* A resumed run goes back to its checkpoint: what was computed after that comes again and is new. */
static void go_back(struct follower *follower, uint64_t step)
{
	if (follower->evaluated_step > step)
		follower->evaluated_step = step;
	if (follower->shown_step > step)
		follower->shown_step = step;
}

/* The last words of a run that failed or was stopped are its result, which whoever follows it tells. */
static const struct run_event *events_to_show(const struct run *run, size_t *count)
{
	const struct run_event *events = run_events(run, count);
	enum run_state state = run_state(run);

	*count -= *count > 0 && (state == RUN_FAILED || state == RUN_STOPPED);
	return events;
}

/* Events and evaluations in the order of their times. */
static void show_lines(struct follower *follower, const struct run *run)
{
	size_t count;
	const struct run_event *events = events_to_show(run, &count);

	if (follower->events > count && follower->events > follower->before)
		follower->events = 0; /* the log began anew */
	for (;;) {
		const struct run_event *event = follower->events < count ? &events[follower->events] : NULL;
		const struct run_evaluation *evaluation = next_evaluation(follower, run);

		if (!event && !evaluation)
			return;
		progress_clear(follower->line);
		if (event && (!evaluation || event->time < evaluation->time)) {
			message_note("%s", event->text);
			go_back(follower, event->step);
			follower->events++;
		} else {
			show_evaluation(follower, evaluation);
		}
	}
}

static void show_point(struct follower *follower, const struct run *run)
{
	size_t count;
	const struct run_point *points = run_points(run, &count), *last;
	double left = run_seconds_left(run);
	char text[256], of[64] = "";

	if (count == 0)
		return;
	last = &points[count - 1];
	if (last->step == follower->shown_step && !follower->line->terminal)
		return;
	if (run_total_steps(run))
		snprintf(of, sizeof of, " of %" PRIu64, run_total_steps(run));
	snprintf(text, sizeof text, "step %" PRIu64 "%s, epoch %.2f: loss %.4f, learning rate %.3g, %.0f tokens/s%s%s%s",
	         last->step, of, last->epoch, last->loss, last->learning_rate, last->tokens_per_second,
	         left >= 0 ? ", " : "", left >= 0 ? words_duration(left).text : "", left >= 0 ? " left" : "");
	progress_show(follower->line, text, false);
	follower->shown_step = last->step;
}

void follow_run(struct follower *follower, const struct run *run)
{
	show_lines(follower, run);
	if (run_state(run) == RUN_LIVE && follower->events != follower->before)
		show_point(follower, run);
}

static const char *state_words(enum run_state state)
{
	switch (state) {
	case RUN_LIVE:
		return "training";
	case RUN_PAUSED:
		return "paused";
	case RUN_FINISHED:
		return "finished";
	case RUN_STOPPED:
		return "stopped";
	case RUN_FAILED:
		return "failed";
	case RUN_DEAD:
		return "ended without saying why";
	}
	return "";
}

/* How far it is: the last step that was logged; of a run that has finished, its last word knows. */
static uint64_t last_step(const struct run *run, double *seconds)
{
	size_t points, events;
	const struct run_point *point = run_points(run, &points);
	const struct run_event *event = run_events(run, &events);
	uint64_t step = points ? point[points - 1].step : 0;

	*seconds = points ? point[points - 1].time : 0;
	if (run_state(run) != RUN_FINISHED || events == 0 || event[events - 1].step <= step)
		return step;
	*seconds = event[events - 1].time;
	return event[events - 1].step;
}

void follow_summary(const struct run *run, char *out, size_t capacity)
{
	bool is_best;
	const struct run_evaluation *evaluation = run_result(run, &is_best);
	double seconds;
	uint64_t steps = last_step(run, &seconds);
	char figures[160];
	int used = snprintf(out, capacity, "%s after %s %s in %s", state_words(run_state(run)), words_count(steps).text,
	                    steps == 1 ? "step" : "steps", words_duration(seconds).text);

	if (!evaluation || used < 0 || (size_t)used >= capacity)
		return;
	if (is_best)
		used += snprintf(out + used, capacity - (size_t)used, "; best at step %s", words_count(evaluation->step).text);
	if ((size_t)used >= capacity)
		return;
	format_evaluation(evaluation, figures, sizeof figures);
	snprintf(out + used, capacity - (size_t)used, ": %s", figures);
}
