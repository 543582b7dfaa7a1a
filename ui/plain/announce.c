/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/plain/announce.h"

#include "engine/words.h"
#include "ui/plain/spoken.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TREND_POINTS 60 /* the last of the log that tell how the loss goes on */

/* Of a run that somebody looks at, the screen has told how it stands. */
static void begin(struct announcer *announcer, const struct run *run, uint64_t generation, bool own, double now)
{
	*announcer = (struct announcer){.generation = generation, .state = own ? RUN_LIVE : run_state(run), .last = now};
	if (!own)
		run_evaluations(run, &announcer->evaluations);
}

/* "loss 0.52, falling": of the step that was logged last. False: none was. */
static bool write_loss(const struct run *run, char *out, size_t capacity)
{
	size_t count;
	const struct run_point *points = run_points(run, &count);
	const size_t from = count > TREND_POINTS ? count - TREND_POINTS : 0;
	double values[TREND_POINTS];
	struct spoken trend;

	out[0] = '\0';
	if (count == 0)
		return false;
	for (size_t i = from; i < count; i++)
		values[i - from] = points[i].loss;
	trend = spoken_trend(values, (int)(count - from));
	snprintf(out, capacity, "loss %s%s%s", spoken_number(points[count - 1].loss).text, trend.text[0] ? ", " : "", trend.text);
	return true;
}

static bool is_best(const struct run_evaluation *evaluations, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		if (evaluations[i].accuracy >= evaluations[count - 1].accuracy)
			return false;
	return true;
}

/* "validation loss 0.61, accuracy 81.2 percent, the best so far". */
static void write_evaluation(const struct run_evaluation *evaluations, size_t count, char *out, size_t capacity)
{
	const struct run_evaluation *last = &evaluations[count - 1];

	if (run_evaluation_masks(last))
		snprintf(out, capacity, "validation loss %s, perplexity %s, %s of the masked tokens right%s",
		         spoken_number(last->loss).text, spoken_number(last->perplexity).text, spoken_percent(last->accuracy).text,
		         count > 1 && is_best(evaluations, count) ? ", the best so far" : "");
	else
		snprintf(out, capacity, "validation loss %s, accuracy %s%s", spoken_number(last->loss).text,
		         spoken_percent(last->accuracy).text, count > 1 && is_best(evaluations, count) ? ", the best so far" : "");
}

static void tell_evaluation(const struct run *run, char out[ANNOUNCE_MAX])
{
	size_t count;
	const struct run_evaluation *evaluations = run_evaluations(run, &count);
	char loss[128], validation[256];
	const bool has_loss = write_loss(run, loss, sizeof loss);

	write_evaluation(evaluations, count, validation, sizeof validation);
	if (evaluations[count - 1].step == 0)
		snprintf(out, ANNOUNCE_MAX, "Before the first step: %s.", validation);
	else
		snprintf(out, ANNOUNCE_MAX, "Step %s of %s: %s%s%s.", words_count(evaluations[count - 1].step).text,
		         words_count(run_total_steps(run)).text, loss, has_loss ? "; " : "", validation);
}

static bool tell_progress(const struct run *run, char out[ANNOUNCE_MAX])
{
	size_t count;
	const struct run_point *points = run_points(run, &count);
	const double left = run_seconds_left(run);
	char loss[128];

	if (!write_loss(run, loss, sizeof loss))
		return false;
	snprintf(out, ANNOUNCE_MAX, "Step %s of %s: %s%s%s.", words_count(points[count - 1].step).text,
	         words_count(run_total_steps(run)).text, loss, left >= 0 ? "; time left: " : "",
	         left >= 0 ? spoken_duration(left).text : "");
	return true;
}

/* What it came to: the run says where its model is, and what became of its reviews. */
static void tell_finished(const struct run *run, char out[ANNOUNCE_MAX])
{
	size_t points;
	bool best;
	const struct run_evaluation *result = run_result(run, &best);
	static const char finished[] = "finished"; /* which is said already */
	const char *message = run_message(run);
	char validation[256] = "";

	if (strncmp(message, finished, sizeof finished - 1) == 0)
		message += sizeof finished - 1 + strspn(message + sizeof finished - 1, ":;, ");
	run_points(run, &points);
	if (result && run_evaluation_masks(result))
		snprintf(validation, sizeof validation, ": validation loss %s, perplexity %s%s", spoken_number(result->loss).text,
		         spoken_number(result->perplexity).text, best ? ", of the best checkpoint" : "");
	else if (result)
		snprintf(validation, sizeof validation, ": validation loss %s, accuracy %s, F1 %s%s", spoken_number(result->loss).text,
		         spoken_percent(result->accuracy).text, spoken_number(result->f1).text, best ? ", of the best checkpoint" : "");
	snprintf(out, ANNOUNCE_MAX, "Training finished after %s steps%s; %s.",
	         words_count(points > 0 ? run_points(run, &points)[points - 1].step : 0).text, validation, message);
}

static void tell_state(const struct run *run, enum run_state before, char out[ANNOUNCE_MAX])
{
	switch (run_state(run)) {
	case RUN_LIVE:
		snprintf(out, ANNOUNCE_MAX, before == RUN_PAUSED ? "The training goes on." : "The training has begun.");
		break;
	case RUN_PAUSED:
		snprintf(out, ANNOUNCE_MAX, "The training is paused.");
		break;
	case RUN_FINISHED:
		tell_finished(run, out);
		break;
	case RUN_STOPPED:
		snprintf(out, ANNOUNCE_MAX, "Training stopped: %s. \"resume\" goes on.", run_message(run));
		break;
	case RUN_FAILED:
		snprintf(out, ANNOUNCE_MAX, "Training failed: %s.", run_message(run));
		break;
	case RUN_DEAD:
		snprintf(out, ANNOUNCE_MAX, "The process that trained has died. \"resume\" goes on.");
		break;
	}
}

/* The next warning of the report before the first step. */
static bool tell_warning(struct announcer *announcer, const struct run *run, char out[ANNOUNCE_MAX])
{
	size_t seen = 0;
	bool warning;
	const char *text;

	for (size_t i = 0; (text = run_report_line(run, i, &warning)); i++) {
		if (!warning || seen++ < announcer->warnings)
			continue;
		announcer->warnings++;
		snprintf(out, ANNOUNCE_MAX, "Warning: %s.", text);
		return true;
	}
	return false;
}

static bool tell_no_number(struct announcer *announcer, const struct run *run, char out[ANNOUNCE_MAX])
{
	size_t count;
	const struct run_point *points = run_points(run, &count);

	if (announcer->warned || count == 0 || isfinite(points[count - 1].loss))
		return false;
	announcer->warned = true;
	snprintf(out, ANNOUNCE_MAX, "Warning: the loss is no number at step %s. A smaller learning rate may help.",
	         words_count(points[count - 1].step).text);
	return true;
}

/* What matters at once. */
static bool tell_urgent(struct announcer *announcer, const struct run *run, char out[ANNOUNCE_MAX])
{
	const enum run_state before = announcer->state;

	if (run_state(run) <= RUN_PAUSED && (tell_warning(announcer, run, out) || tell_no_number(announcer, run, out)))
		return true;
	if (before == run_state(run))
		return false;
	announcer->state = run_state(run);
	tell_state(run, before, out);
	return true;
}

static bool tell_news(struct announcer *announcer, const struct run *run, double now, int every, char out[ANNOUNCE_MAX])
{
	const double waited = now - announcer->last;
	size_t count;

	run_evaluations(run, &count);
	if (count > announcer->evaluations && waited >= every / 4.0) {
		announcer->evaluations = count;
		tell_evaluation(run, out);
		return true;
	}
	return waited >= every && tell_progress(run, out);
}

bool announce_next(struct announcer *announcer, const struct run *run, uint64_t generation, bool own, double now, int every,
                   char out[ANNOUNCE_MAX])
{
	if (!run)
		return false;
	if (announcer->generation != generation)
		begin(announcer, run, generation, own, now);
	if (!tell_urgent(announcer, run, out) && (every == 0 || run_state(run) != RUN_LIVE || !tell_news(announcer, run, now, every, out)))
		return false;
	announcer->last = now;
	return true;
}

int announce_timeout(const struct announcer *announcer, const struct run *run, double now, int every)
{
	size_t count;
	double left;

	if (!run || every == 0 || run_state(run) != RUN_LIVE)
		return -1;
	run_evaluations(run, &count);
	left = announcer->last + (count > announcer->evaluations ? every / 4.0 : every) - now;
	return left > 0 ? (int)(left * 1000) + 1 : 100;
}
