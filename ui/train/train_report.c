/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/train_report.h"

#include "ui/messages.h"

#include <string.h>

#define TEXT_COLUMN 3 /* after the mark of a warning */

/* Draws a line from `row` on, wrapped; returns the rows that it takes. */
static int draw_line(struct terminal *terminal, struct rect rect, int row, const char *text, bool warning)
{
	const struct rect part = {rect.y + row, rect.x + TEXT_COLUMN, rect.rows - row, rect.columns - TEXT_COLUMN - 1};
	const struct text_span all = {0, SIZE_MAX, warning ? STYLE_ERROR : STYLE_NORMAL};
	struct text_lines lines = {0};
	struct scrubbed scrubbed = {0};
	int rows = 0;

	if (part.columns > 0 && scrub_text(&scrubbed, span_of(text), terminal_scrub(terminal, SCRUB_NEWLINE_SPACE)) &&
	    text_wrap(&lines, &scrubbed, part.columns) && text_style(&lines, &scrubbed, &all, 1)) {
		draw_wrapped(terminal, part, &scrubbed, &lines, 0);
		rows = (int)lines.count;
	}
	if (warning)
		draw_text(terminal, rect, row, 1, "!", STYLE_ERROR);
	text_lines_free(&lines);
	scrubbed_free(&scrubbed);
	return rows;
}

/* Warnings, or the other lines; returns the row after them. */
static int draw_lines(struct terminal *terminal, struct rect rect, int row, const struct run *run, bool warnings)
{
	const char *text;
	bool warning;

	for (size_t i = 0; row < rect.rows && (text = run_report_line(run, i, &warning)) != NULL; i++)
		if (warning == warnings)
			row += draw_line(terminal, rect, row, messages_words(text).text, warning);
	return row;
}

bool train_report_draw(struct terminal *terminal, struct rect rect, const struct run *run)
{
	bool warning;

	if (!run_report_line(run, 0, &warning))
		return false;
	draw_rule(terminal, rect, 0, "Before the first step");
	draw_lines(terminal, rect, draw_lines(terminal, rect, 1, run, true), run, false);
	return true;
}
