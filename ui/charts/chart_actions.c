/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/chart_actions.h"

#include "engine/clock.h"
#include "ui/charts/crosshair.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Which chart */

static int focus_index(const struct run_charts *charts, const int *list, int count)
{
	for (int i = 0; i < count; i++)
		if (list[i] == charts->focus)
			return i;
	return -1;
}

static void go_to_chart(const struct app *app, struct run_charts *charts, int direction)
{
	int list[MEASURE_COUNT];
	const int count = run_charts_list(charts, app->session.run, list);
	const int index = focus_index(charts, list, count);

	if (count > 0)
		charts->focus = list[index < 0 ? 0 : (index + direction + count) % count];
}

static void choose_chart(struct app *app, struct run_charts *charts, const char *name)
{
	const int found = measure_find(name), metric = found < 0 ? found : run_charts_drawn_as(app->session.run, found);

	if (!*name) {
		go_to_chart(app, charts, 1);
	} else if (metric < 0 || !run_charts_offers(app->session.run, metric)) {
		app_say(app, "this run has no chart called \"%s\"", name);
	} else {
		charts->hidden[metric] = false;
		charts->focus = metric;
	}
}

static void hide_chart(struct app *app, struct run_charts *charts)
{
	const int hidden = charts->focus;

	go_to_chart(app, charts, 1);
	charts->hidden[hidden] = true;
	charts->large = false;
	app_say(app, "%s is hidden; X shows it again", measures[hidden].title);
}

static void show_hidden(struct run_charts *charts)
{
	memset(charts->hidden, 0, sizeof charts->hidden);
}

/* How they are drawn */

static void forget_x(struct run_charts *charts)
{
	for (int i = 0; i < MEASURE_COUNT; i++) {
		chart_reset(&charts->charts[i]);
		charts->charts[i].x = (struct axis){.low = 0};
	}
	charts->window = (struct window){0};
}

static void set_axis(struct app *app, struct run_charts *charts, const char *name)
{
	int axis = measure_axis_find(name);

	if (!*name)
		axis = charts->axis < MEASURE_COUNT || charts->axis + 1 == MEASURE_AXES ? MEASURE_AGAINST_STEP : charts->axis + 1;
	if (axis < 0 || (axis < MEASURE_COUNT && !run_charts_offers(app->session.run, axis))) {
		app_say(app, "the axis can be step, epoch, time or a metric, and not \"%s\"", name);
		return;
	}
	charts->axis = axis;
	forget_x(charts);
	app_say(app, "against %s", measure_axis_name(axis));
}

/* With no number the next of a few. */
static void set_smoothing(struct app *app, struct run_charts *charts, const char *text)
{
	static const double steps[] = {0, 0.6, 0.9, 0.99};
	const size_t count = sizeof steps / sizeof *steps;
	char *end;
	double weight = strtod(text, &end);

	if (!*text) {
		weight = steps[0];
		for (size_t i = count; i-- > 0;)
			if (steps[i] > charts->smoothing)
				weight = steps[i];
	} else if (end == text || *end || !(weight >= 0 && weight <= SMOOTH_MAX)) {
		app_say(app, "smoothing is a number from 0 to %g, and not \"%s\"", SMOOTH_MAX, text);
		return;
	}
	charts->smoothing = weight;
	app_say(app, weight > 0 ? "smoothed by %g; the values of the steps lie behind" : "not smoothed", weight);
}

static void turn_log(struct app *app, struct run_charts *charts)
{
	struct axis *axis = &charts->charts[charts->focus].y;

	*axis = (struct axis){.log = !axis->log, .unit = axis->unit};
	app_say(app, axis->log ? "%s on a logarithmic axis, which leaves out what is not above 0" : "%s on a linear axis",
	        measures[charts->focus].title);
}

/* What part of them */

static double cross_x(const struct app *app, const struct run_charts *charts)
{
	return curve_x_of_step(app->session.run, charts->axis, charts->cross);
}

static void zoom_to(struct app *app, struct run_charts *charts, const char *text)
{
	char *end, *last;
	const double low = strtod(text, &end), high = strtod(end, &last);

	if (end == text || last == end || *last || !(low < high) || !isfinite(low) || !isfinite(high))
		app_say(app, "zoom FROM TO shows this part of the axis, as in zoom 100 500");
	else
		charts->window = (struct window){.mode = WINDOW_FIXED, .low = low, .high = high};
}

static bool change_window(struct app *app, struct run_charts *charts, enum action action, const char *argument)
{
	const struct window_data data = run_charts_extent(charts, app->session.run);
	struct window *window = &charts->window;

	switch (action) {
	case ACTION_ZOOM_IN:
		window_zoom_in(window, &data, charts->crossed, cross_x(app, charts));
		return true;
	case ACTION_ZOOM_OUT:
		window_zoom_out(window, &data, charts->crossed, cross_x(app, charts));
		return true;
	case ACTION_ZOOM:
		zoom_to(app, charts, argument);
		return true;
	case ACTION_PAN:
		window_pan(window, &data, strcasecmp(argument, "left") == 0 ? -1 : 1);
		return true;
	case ACTION_PAN_LEFT:
	case ACTION_PAN_RIGHT:
		window_pan(window, &data, action == ACTION_PAN_LEFT ? -1 : 1);
		return true;
	case ACTION_FIT:
		*window = (struct window){.mode = WINDOW_FIT};
		return true;
	case ACTION_FOLLOW:
		window_follow(window, &data);
		return true;
	default:
		return false;
	}
}

static void set_cross(struct app *app, struct run_charts *charts, const char *text)
{
	char *end;
	unsigned long long step;

	errno = 0;
	step = strtoull(text, &end, 10);
	if (!*text && charts->crossed)
		charts->crossed = false;
	else if (!*text)
		crosshair_move(charts, app->session.run, -1);
	else if (*end || errno || *text == '-' || !crosshair_go(charts, app->session.run, step))
		app_say(app, "there is no step \"%s\" in this chart", text);
}

/* Other runs */

static void lay_over(struct app *app, struct run_charts *charts, const char *path)
{
	struct error error = {0};
	bool added;
	const int place = overlays_toggle(&charts->overlays, app->session.jobs, path, &added, &error);

	if (place < 0)
		app_complain(app, &error);
	else if (added)
		app_say(app, "reading %s, to be laid over as %c...", path, overlays_letter(place));
	else
		app_say(app, "%s is taken away from the charts", path);
}

static void ask_overlay(struct app *app, struct run_charts *charts, const char *path)
{
	static enum action action = ACTION_OVERLAY;

	if (*path)
		lay_over(app, charts, path);
	else
		app_prompt(app, &(struct line_options){.prompt = "run to lay over: ", .history = LINE_HISTORY_FILE, .files = true},
		           app_answer_action, &action);
}

/* Pins a run, which is laid over where it is not yet; again, or with no name: none. */
static void pin(struct app *app, struct run_charts *charts, const char *path)
{
	struct overlays *overlays = &charts->overlays;
	int place = overlays_find(overlays, path);

	if (!*path || (place >= 0 && place == overlays->baseline)) {
		overlays->baseline = -1;
		app_say(app, "no run is the baseline");
		return;
	}
	if (place < 0) {
		lay_over(app, charts, path);
		place = overlays_find(overlays, path);
	}
	overlays->baseline = place;
}

static void save_data(struct app *app, struct run_charts *charts, const char *file)
{
	struct chart_data *what = calloc(1, sizeof *what);
	struct error error = {0};

	if (!what || charts->saving) {
		app_say(app, charts->saving ? "a file is being written still" : "there is no memory for it");
	} else if (!*file || (size_t)snprintf(what->file, sizeof what->file, "%s", file) >= sizeof what->file) {
		app_say(app, "save-data FILE.csv writes the points of the chosen chart");
	} else {
		what->metric = charts->focus;
		what->smoothing = measures[charts->focus].smooths ? charts->smoothing : 0;
		snprintf(what->runs[0], sizeof what->runs[0], "%s", app->session.run_path);
		for (int i = 0; i < OVERLAYS_MAX; i++)
			snprintf(what->runs[i + 1], sizeof what->runs[0], "%s", charts->overlays.runs[i].path);
		charts->saving = chart_data_start(app->session.jobs, what, &error);
		if (!charts->saving)
			app_complain(app, &error);
	}
	free(what);
}

/* What was being read is there. */
static void tell_overlays(struct app *app, const struct overlays *overlays, const bool before[OVERLAYS_MAX])
{
	for (int i = 0; i < OVERLAYS_MAX; i++)
		if (overlays->runs[i].run && !before[i])
			app_say(app, "%s is laid over as %c", overlays->runs[i].path, overlays_letter(i));
}

void chart_actions_wake(struct app *app, struct run_charts *charts)
{
	bool before[OVERLAYS_MAX];
	struct error error = {0};

	for (int i = 0; i < OVERLAYS_MAX; i++)
		before[i] = charts->overlays.runs[i].run;
	if (overlays_update(&charts->overlays, &error) ||
	    (app->session.run && run_charts_is_late(charts, app->session.run, clock_seconds())))
		app->dirty = true;
	tell_overlays(app, &charts->overlays, before);
	if (error.kind)
		app_complain(app, &error);
	if (!job_finished(charts->saving))
		return;
	if (job_error(charts->saving))
		app_complain(app, job_error(charts->saving));
	else
		app_say(app, "%s has the %llu points of the chart", ((const struct chart_data *)job_context(charts->saving))->file,
		        (unsigned long long)((const struct chart_data *)job_context(charts->saving))->rows);
	job_let_go(&charts->saving);
}

/* The actions */

static bool change_look(struct app *app, struct run_charts *charts, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_AXIS:
		set_axis(app, charts, argument);
		return true;
	case ACTION_SMOOTH:
		set_smoothing(app, charts, argument);
		return true;
	case ACTION_LOG_AXIS:
		turn_log(app, charts);
		return true;
	default:
		return false;
	}
}

static bool choose(struct app *app, struct run_charts *charts, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_CHART:
		choose_chart(app, charts, argument);
		return true;
	case ACTION_CHART_BACK:
		go_to_chart(app, charts, -1);
		return true;
	case ACTION_LARGE:
		charts->large = !charts->large;
		return true;
	case ACTION_HIDE:
		hide_chart(app, charts);
		return true;
	case ACTION_UNHIDE:
		show_hidden(charts);
		return true;
	case ACTION_CROSS_LEFT:
		crosshair_move(charts, app->session.run, -1);
		return true;
	case ACTION_CROSS_RIGHT:
		if (!crosshair_move(charts, app->session.run, 1))
			charts->crossed = false;
		return true;
	case ACTION_CROSSHAIR:
		set_cross(app, charts, argument);
		return true;
	default:
		return false;
	}
}

static bool compare(struct app *app, struct run_charts *charts, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_OVERLAY:
		ask_overlay(app, charts, argument);
		return true;
	case ACTION_BASELINE:
		pin(app, charts, argument);
		return true;
	case ACTION_TABLE:
		charts->page = charts->page == CHARTS_PAGE_TABLE ? CHARTS_PAGE : CHARTS_PAGE_TABLE;
		return true;
	case ACTION_SAVE_DATA:
		save_data(app, charts, argument);
		return true;
	default:
		return false;
	}
}

bool chart_action(struct app *app, struct run_charts *charts, enum action action, const char *argument)
{
	return choose(app, charts, action, argument) || change_look(app, charts, action, argument) ||
	       change_window(app, charts, action, argument) || compare(app, charts, action, argument);
}
