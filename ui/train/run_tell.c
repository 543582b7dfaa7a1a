/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/words.h"
#include "ui/charts/crosshair.h"
#include "ui/plain/spoken.h"
#include "ui/train/train_tell.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#define TABLE_ROWS 10 /* of the table of a chart */
#define SENTENCE_MAX 512

static const char *const states[] = {"training", "paused", "finished", "stopped", "failed", "dead: it can be resumed"};
static const char *const phases[] = {"preparing", "training", "paused", "evaluating", "saving", "finished", "stopped", "failed"};

/* The state */

static const char *name_of(const struct session *session)
{
	const char *slash = strrchr(session->run_path, '/');

	return slash ? slash + 1 : session->run_path;
}

static void tell_state(const struct session *session, struct teller *teller)
{
	const struct trainer_status *status = &session->trainer_status;
	const struct run *run = session->run;

	if (session_is_training(session) && status->phase != TRAINER_TRAINING && status->what[0])
		tell(teller, "Run %s: %s, %s.", session->run_path, phases[status->phase], status->what);
	else if (session_is_training(session))
		tell(teller, "Run %s: %s.", session->run_path, phases[status->phase]);
	else if (run && run_state(run) == RUN_FAILED)
		tell(teller, "Run %s failed: %s.", session->run_path, messages_words(run_message(run)).text);
	else if (run)
		tell(teller, "Run %s: %s.", session->run_path, states[run_state(run)]);
}

static void tell_progress(const struct run *run, struct teller *teller)
{
	size_t count;
	const struct run_point *points = run_points(run, &count);
	const struct run_point *point = count > 0 ? &points[count - 1] : NULL;
	const double left = run_seconds_left(run);

	if (!point)
		return;
	tell(teller, "Step %s of %s, epoch %s, after %s%s%s; %s tokens a second.", words_count(point->step).text,
	     words_count(run_total_steps(run)).text, spoken_number(point->epoch).text, spoken_duration(point->time).text,
	     left >= 0 && run_state(run) <= RUN_PAUSED ? ", left: " : "",
	     left >= 0 && run_state(run) <= RUN_PAUSED ? spoken_duration(left).text : "", spoken_number(point->tokens_per_second).text);
}

/* Charts */

/* The numbers of a curve, in the order of the steps. */
struct series {
	double *values;
	uint64_t *steps;
	int count;
};

static void series_free(struct series *series)
{
	free(series->values);
	free(series->steps);
}

/* Without memory: none. */
static struct series series_of(const struct curve *curve)
{
	const size_t count = curve_exists(curve) ? curve_count(curve) : 0;
	struct series series = {calloc(count + 1, sizeof *series.values), calloc(count + 1, sizeof *series.steps), 0};

	for (size_t i = 0; series.values && series.steps && i < count && i < INT32_MAX; i++) {
		double x;
		const double value = curve_at(curve, i, &x);

		if (!isfinite(value))
			continue;
		series.values[series.count] = value;
		series.steps[series.count++] = curve_step(curve, i);
	}
	return series;
}

static struct spoken value_of(int metric, double value)
{
	struct spoken out;

	if (measures[metric].unit != AXIS_BYTES || value < 0)
		return spoken_number(value);
	snprintf(out.text, sizeof out.text, "%s", words_bytes((uint64_t)fmin(value, 1e18)).text);
	return out;
}

/* "falling; first 0.69 at step 1, last 0.31 at step 120; least 0.3 at step 110, greatest 0.71 at step 2". False: no numbers. */
static bool write_series(const struct curve *curve, char out[SENTENCE_MAX])
{
	struct series series = series_of(curve);
	const struct spoken trend = spoken_trend(series.values, series.count);
	const int last = series.count - 1, metric = curve->metric;
	int least = 0, greatest = 0;

	for (int i = 0; i <= last; i++) {
		least = series.values[i] < series.values[least] ? i : least;
		greatest = series.values[i] > series.values[greatest] ? i : greatest;
	}
	if (last == 0)
		snprintf(out, SENTENCE_MAX, "%s at step %s", value_of(metric, series.values[0]).text, words_count(series.steps[0]).text);
	else if (last > 0 && series.values[least] >= series.values[greatest])
		snprintf(out, SENTENCE_MAX, "%s from step %s to step %s", value_of(metric, series.values[0]).text,
		         words_count(series.steps[0]).text, words_count(series.steps[last]).text);
	else if (last > 0)
		snprintf(out, SENTENCE_MAX, "%s%sfirst %s at step %s, last %s at step %s; least %s at step %s, greatest %s at step %s",
		         trend.text, trend.text[0] ? "; " : "", value_of(metric, series.values[0]).text,
		         words_count(series.steps[0]).text, value_of(metric, series.values[last]).text,
		         words_count(series.steps[last]).text,
		         value_of(metric, series.values[least]).text, words_count(series.steps[least]).text,
		         value_of(metric, series.values[greatest]).text, words_count(series.steps[greatest]).text);
	series_free(&series);
	return last >= 0;
}

static struct curve curve_of(const struct run *run, int metric, bool evaluated)
{
	return (struct curve){run, metric, MEASURE_AGAINST_STEP, evaluated, 0};
}

/* "Tokens/s" is read with its stroke. */
static const char *title_of(int metric)
{
	return metric == MEASURE_SPEED ? "Tokens a second" : measures[metric].title;
}

static void tell_chart(const struct run *run, uint64_t index, int metric, struct teller *teller)
{
	const struct curve steps = curve_of(run, metric, false), evaluations = curve_of(run, metric, true);
	char training[SENTENCE_MAX], held_out[SENTENCE_MAX];
	const bool trains = write_series(&steps, training), measures_it = write_series(&evaluations, held_out);

	if (!trains && !measures_it)
		tell_line(teller, index, measures[metric].name, "%s: nothing yet", title_of(metric));
	else
		tell_line(teller, index, measures[metric].name, "%s%s%s%s%s", title_of(metric), trains ? ": " : "",
		          trains ? training : "", measures_it ? trains ? ". On held-out rows: " : ", on held-out rows: " : "",
		          measures_it ? held_out : "");
}

static void tell_probes(const struct run *run, uint64_t index, struct teller *teller)
{
	for (int i = 0; i < RUN_PROBES_MAX; i++) {
		struct curve curve = curve_of(run, MEASURE_PROBES, false);
		char sentence[SENTENCE_MAX];
		size_t count;

		curve.probe = i;
		if (!run_probes(run, i, &count) || !write_series(&curve, sentence))
			continue;
		tell_line(teller, index, measures[MEASURE_PROBES].name, "Probe %d, %s, %s: %s", i + 1, run_probe_text(run, i),
		          run_probe_label(run, i), sentence);
	}
}

/* The value at a step or the one before it. False: there is none. */
static bool value_at(const struct curve *curve, uint64_t step, char *out, size_t capacity)
{
	const size_t index = curve_exists(curve) ? curve_find(curve, step) : MEASURE_NONE;
	double x;

	if (index == MEASURE_NONE)
		return false;
	snprintf(out, capacity, "%s", value_of(curve->metric, curve_at(curve, index, &x)).text);
	return true;
}

/* "Marks: checkpoint at step 400, 8 in all; stopped early at step 340": the last of each kind. */
static void tell_marks(struct run_charts *charts, const struct run *run, struct teller *teller)
{
	char sentence[SENTENCE_MAX] = "";
	size_t used = 0;

	run_marks_update(&charts->marks, run);
	for (int kind = 0; kind < RUN_MARK_KINDS; kind++) {
		uint64_t last = 0, count = 0;

		for (size_t i = 0; i < charts->marks.count; i++) {
			if ((int)charts->marks.marks[i].kind == kind) {
				last = charts->marks.marks[i].step;
				count++;
			}
		}
		if (count > 0 && used < sizeof sentence)
			used += (size_t)snprintf(sentence + used, sizeof sentence - used, "%s%s at step %s", used > 0 ? "; " : "",
			                         run_mark_name((enum run_mark_kind)kind), words_count(last).text);
		if (count > 1 && used < sizeof sentence)
			used += (size_t)snprintf(sentence + used, sizeof sentence - used, ", the last of %s", words_count(count).text);
	}
	if (used > 0)
		tell(teller, "Marks: %s.", sentence);
}

/* Ten lines at most, evenly along the steps; the last one is the last step. */
static void tell_table(const struct run *run, int metric, struct teller *teller)
{
	const struct curve curves[] = {curve_of(run, metric, false), curve_of(run, metric, true)};
	const struct curve *along = curve_exists(&curves[0]) ? &curves[0] : &curves[1];
	const size_t count = metric == MEASURE_PROBES || !curve_exists(along) ? 0 : curve_count(along);
	const size_t rows = count < TABLE_ROWS ? count : TABLE_ROWS;

	for (size_t row = 0; row < rows && rows > 1; row++) {
		const uint64_t step = curve_step(along, row * (count - 1) / (rows - 1));
		char first[64], second[64];
		const bool trains = value_at(&curves[0], step, first, sizeof first);
		const bool held_out = value_at(&curves[1], step, second, sizeof second);

		tell(teller, "Step %s: %s%s%s%s.", words_count(step).text, trains ? first : "", trains && held_out ? "; " : "",
		     held_out ? "held out " : "", held_out ? second : "");
	}
}

static void tell_charts(const struct run_charts *charts, const struct run *run, struct teller *teller)
{
	int list[MEASURE_COUNT];
	const int count = run_charts_list(charts, run, list);

	tell_list(teller, NULL, (uint64_t)count, (uint64_t)charts->focus, ACTION_CHART);
	for (int i = 0; i < count; i++) {
		if (teller->part == TELL_CHOSEN && list[i] != charts->focus)
			continue;
		if (list[i] == MEASURE_PROBES)
			tell_probes(run, (uint64_t)i, teller);
		else
			tell_chart(run, (uint64_t)i, list[i], teller);
	}
	if (teller->part == TELL_CHOSEN)
		tell_table(run, charts->focus, teller);
}

/* Pages */

static void tell_report(const struct run *run, struct teller *teller)
{
	const char *text;
	bool warning;

	for (size_t i = 0; (text = run_report_line(run, i, &warning)); i++)
		tell(teller, "%s%s.", warning ? "Warning: " : "", messages_words(text).text);
}

static void tell_result(const char *name, const struct run *run, struct teller *teller)
{
	const struct run_evaluation *result;
	bool best;
	size_t count;

	run_points(run, &count);
	result = run_result(run, &best);
	if (result && run_evaluation_masks(result))
		tell(teller, "%s, %s: held-out loss %s, perplexity %s, %s of the masked tokens right.", name, states[run_state(run)],
		     spoken_number(result->loss).text, spoken_number(result->perplexity).text, spoken_percent(result->accuracy).text);
	else if (result)
		tell(teller, "%s, %s: held-out loss %s, accuracy %s, F1 %s.", name, states[run_state(run)],
		     spoken_number(result->loss).text, spoken_percent(result->accuracy).text, spoken_number(result->f1).text);
	else
		tell(teller, "%s, %s: nothing was measured.", name, states[run_state(run)]);
}

static void tell_results(const struct app *app, const struct run_charts *charts, struct teller *teller)
{
	tell_result(name_of(&app->session), app->session.run, teller);
	for (int i = 0; i < OVERLAYS_MAX; i++)
		if (charts->overlays.runs[i].run)
			tell_result(overlays_name(&charts->overlays.runs[i]), charts->overlays.runs[i].run, teller);
}

static void tell_page(const struct app *app, struct run_charts *charts, struct teller *teller)
{
	const struct run *run = app->session.run;
	char readout[512];

	if (charts->page == CHARTS_PAGE_REPORT) {
		tell_report(run, teller);
		return;
	}
	if (charts->page == CHARTS_PAGE_TABLE) {
		tell_results(app, charts, teller);
		return;
	}
	tell_charts(charts, run, teller);
	if (teller->part == TELL_ALL)
		tell_marks(charts, run, teller);
	if (charts->crossed) {
		crosshair_format(charts, run, 0, readout, sizeof readout);
		tell(teller, "Crosshair: %s.", readout);
	}
}

void train_tell_run(struct app *app, struct run_charts *charts, struct teller *teller)
{
	static const char *const titles[] = {"", ", the report before the first step", ", final numbers"};
	const struct session *session = &app->session;

	teller->live = session_is_training(session) || (session->run && run_state(session->run) <= RUN_PAUSED);
	if (session_opening_run(session)) {
		tell_title(teller, "Train: reading %s", session_opening_run(session));
		return;
	}
	tell_title(teller, "Train: %s%s", name_of(session), titles[charts->page]);
	if (teller->part == TELL_ALL) {
		tell_state(session, teller);
		if (session->run)
			tell_progress(session->run, teller);
	}
	if (session->run)
		tell_page(app, charts, teller);
	if (session->run && teller->part == TELL_ALL && run_message(session->run)[0] && run_state(session->run) != RUN_FAILED)
		tell(teller, "Last event: %s.", messages_words(run_message(session->run)).text);
}
