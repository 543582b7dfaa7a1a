/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/chart_mouse.h"

#include "ui/charts/chart_draw.h"
#include "ui/charts/crosshair.h"

/* What stands below a column of the screen. */
static double value_at(const struct run_charts *charts, int metric, struct rect rect, int x)
{
	const struct axis *axis = &charts->charts[metric].x;
	const struct rect plot = draw_chart_plot(rect);
	const double place = plot.columns > 0 ? ((double)(x - plot.x) + 0.5) / plot.columns : 0.5;

	return axis->low + (place < 0 ? 0 : place > 1 ? 1 : place) * (axis->high - axis->low);
}

static void drag(struct run_charts *charts, const struct run *run, int metric, struct rect rect, int x)
{
	const struct window_data data = run_charts_extent(charts, run);
	const struct window_range range = window_range(&charts->window, &data);
	const double by = value_at(charts, metric, rect, charts->held_x) - value_at(charts, metric, rect, x);

	if (charts->axis >= MEASURE_COUNT)
		charts->window = (struct window){.mode = WINDOW_FIXED, .low = range.low + by, .high = range.high + by};
}

void chart_mouse(struct run_charts *charts, const struct run *run, int metric, struct rect rect, enum mouse_deed deed, int x)
{
	const struct window_data data = run_charts_extent(charts, run);
	const double value = value_at(charts, metric, rect, x);

	if (deed == MOUSE_CLICK) {
		charts->focus = metric;
		charts->held = true;
		charts->held_x = x;
		crosshair_go_near(charts, run, value);
	} else if (deed == MOUSE_UP) {
		window_zoom_in(&charts->window, &data, true, value);
	} else if (deed == MOUSE_DOWN) {
		window_zoom_out(&charts->window, &data, true, value);
	} else {
		if (charts->held && x != charts->held_x)
			drag(charts, run, metric, rect, x);
		charts->held = false;
	}
}
