/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/window.h"

#include "ui/charts/axis.h"

#include <math.h>

/* Time, steps and epochs begin at 0. */
static struct window_range whole(const struct window_data *data)
{
	const double low = fmin(data->first, 0), end = data->live ? axis_end(data->last, data->limit) : data->last;

	return (struct window_range){low, end > low ? end : low + 1};
}

/* The end moves by a tick, so that most new points only add to what is drawn. */
static struct window_range tail(double span, const struct window_data *data)
{
	const double tick = axis_nice_step(span / 6), end = data->live ? ceil(data->last / tick - 1e-9) * tick : data->last;
	const double low = fmax(end - span, fmin(data->first, 0));

	return (struct window_range){low, low + span};
}

struct window_range window_range(const struct window *window, const struct window_data *data)
{
	switch (window->mode) {
	case WINDOW_FOLLOW:
		return tail(window->span, data);
	case WINDOW_FIXED:
		return (struct window_range){window->low, window->high};
	case WINDOW_FIT:
		break;
	}
	return whole(data);
}

static void follow(struct window *window, const struct window_data *data, double span)
{
	const struct window_range all = whole(data);

	*window = (struct window){.mode = span >= all.high - all.low ? WINDOW_FIT : WINDOW_FOLLOW, .span = span};
}

/* `span` wide with `at` where it stands now, inside of what there is. */
static void fix(struct window *window, const struct window_data *data, double span, double at)
{
	const struct window_range all = whole(data), now = window_range(window, data);
	double low = at - (at - now.low) / (now.high - now.low) * span;

	if (span >= all.high - all.low) {
		*window = (struct window){.mode = WINDOW_FIT};
		return;
	}
	low = fmax(all.low, fmin(low, all.high - span));
	*window = (struct window){.mode = WINDOW_FIXED, .low = low, .high = low + span};
}

static void zoom(struct window *window, const struct window_data *data, bool placed, double at, double factor)
{
	const struct window_range now = window_range(window, data);
	const double span = fmax((now.high - now.low) * factor, data->least);
	const bool inside = placed && at >= now.low && at <= now.high;

	if (!inside && data->live && window->mode != WINDOW_FIXED)
		follow(window, data, span);
	else
		fix(window, data, span, inside ? at : (now.low + now.high) / 2);
}

void window_zoom_in(struct window *window, const struct window_data *data, bool placed, double at)
{
	zoom(window, data, placed, at, 0.5);
}

void window_zoom_out(struct window *window, const struct window_data *data, bool placed, double at)
{
	zoom(window, data, placed, at, 2);
}

static void move_to(struct window *window, const struct window_data *data, double low)
{
	const struct window_range all = whole(data), now = window_range(window, data);
	const double span = now.high - now.low;

	if (window->mode == WINDOW_FIT)
		return;
	low = fmax(all.low, fmin(low, all.high - span));
	*window = (struct window){.mode = WINDOW_FIXED, .low = low, .high = low + span};
}

void window_pan(struct window *window, const struct window_data *data, int direction)
{
	const struct window_range now = window_range(window, data);

	move_to(window, data, now.low + direction * (now.high - now.low) / 4);
}

void window_follow(struct window *window, const struct window_data *data)
{
	const struct window_range now = window_range(window, data);
	const double span = now.high - now.low;

	*window = (struct window){.mode = WINDOW_FOLLOW,
	                          .span = fmax(window->mode == WINDOW_FIT ? span / 4 : span, data->least)};
}

void window_show(struct window *window, const struct window_data *data, double at)
{
	const struct window_range now = window_range(window, data);

	if (at < now.low || at > now.high)
		move_to(window, data, at - (now.high - now.low) / 2);
}
