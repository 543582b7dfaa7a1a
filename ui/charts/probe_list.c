/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/probe_list.h"

#include "ui/terminal/widgets.h"

#define CHART_ROWS_MIN 6

static void draw_probe(struct terminal *terminal, struct rect rect, int row, const struct run *run, int index)
{
	size_t count;
	const struct run_probe *points = run_probes(run, index, &count);
	const enum style style = index == 0 ? STYLE_FIRST : index == 1 ? STYLE_SECOND : (enum style)(STYLE_RUN + index - 2);
	int column = draw_format(terminal, rect, row, 0, style, " %d", index + 1);

	column += draw_format(terminal, rect, row, column, STYLE_NORMAL, "  %.3f %.20s  ", points[count - 1].score,
	                      run_probe_label(run, index));
	draw_text(terminal, rect, row, column, run_probe_text(run, index), STYLE_NORMAL);
}

struct rect probe_list_draw(struct terminal *terminal, struct rect rect, const struct run *run)
{
	struct rect chart = rect;
	int list[RUN_PROBES_MAX], rows = 0;
	size_t count;

	for (int i = 0; i < RUN_PROBES_MAX; i++)
		if (run_probes(run, i, &count))
			list[rows++] = i;
	if (rect.rows - rows < CHART_ROWS_MIN)
		return rect;
	chart.rows -= rows;
	for (int row = 0; row < rows; row++)
		draw_probe(terminal, rect, chart.rows + row, run, list[row]);
	return chart;
}
