/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/widgets.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#define LINE_BYTES 4096

/* Text */

int draw_glyphs(struct terminal *terminal, struct rect rect, int row, int column, const struct scrubbed *text,
                size_t first, size_t count, enum style style)
{
	const int start = column;

	for (size_t i = first; i < first + count && i < text->count && column < rect.columns; i++) {
		const struct glyph *glyph = &text->glyphs[i];
		const enum style own = glyph->substitute && style == STYLE_NORMAL ? STYLE_DIM : style;

		terminal_put(terminal, rect, rect.y + row, rect.x + column, text->text + glyph->offset, glyph->size,
		             glyph->width, own);
		column += glyph->width;
	}
	return column - start;
}

/* No more bytes of a text are scrubbed for a line of so many columns. */
static size_t bytes_for(int columns)
{
	return (size_t)columns * 16 + 256;
}

/* How many glyphs fit into `columns`; *width is what they take. */
static size_t glyphs_that_fit(const struct scrubbed *text, int columns, int *width)
{
	size_t count;

	*width = 0;
	for (count = 0; count < text->count && *width + text->glyphs[count].width <= columns; count++)
		*width += text->glyphs[count].width;
	return count;
}

int draw_span(struct terminal *terminal, struct rect rect, int row, int column, int columns, struct span text,
              enum style style)
{
	struct scrubbed scrubbed = {0};
	const int room = rect.columns - column;
	size_t count;
	int used = 0, mark = 0;

	if (row < 0 || row >= rect.rows || room <= 0)
		return 0;
	if (columns <= 0 || columns > room)
		columns = room;
	if (text.size > bytes_for(columns))
		text.size = bytes_for(columns);
	rect.columns = column + columns;
	if (scrub_text(&scrubbed, text, terminal_scrub(terminal, SCRUB_NEWLINE_SPACE))) {
		count = glyphs_that_fit(&scrubbed, columns, &used);
		if (columns > 1 && count < scrubbed.count) {
			count = glyphs_that_fit(&scrubbed, columns - 1, &used);
			terminal_put_code(terminal, rect, rect.y + row, rect.x + column + used,
			                  terminal_ascii(terminal) ? '~' : 0x2026, style);
			mark = 1;
		}
		draw_glyphs(terminal, rect, row, column, &scrubbed, 0, count, style);
	}
	scrubbed_free(&scrubbed);
	return used + mark;
}

int draw_text(struct terminal *terminal, struct rect rect, int row, int column, const char *text, enum style style)
{
	return draw_span(terminal, rect, row, column, 0, span_of(text), style);
}

int draw_format(struct terminal *terminal, struct rect rect, int row, int column, enum style style,
                const char *format, ...)
{
	char line[LINE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	return draw_text(terminal, rect, row, column, line, style);
}

int draw_cut(struct terminal *terminal, struct rect rect, int row, int column, const char *text, const char *hint,
             enum style style)
{
	const char *mark = terminal_ascii(terminal) ? "..." : "\u2026";
	const int room = rect.columns - column, end = (terminal_ascii(terminal) ? 3 : 1) + (int)strlen(hint);
	struct span span = span_of(text);
	struct scrubbed scrubbed = {0};
	size_t count;
	int width = 0, used = 0;

	if (row < 0 || row >= rect.rows || room <= 0)
		return 0;
	if (span.size > bytes_for(room))
		span.size = bytes_for(room);
	if (scrub_text(&scrubbed, span, terminal_scrub(terminal, SCRUB_NEWLINE_SPACE))) {
		count = glyphs_that_fit(&scrubbed, room, &width);
		if (count < scrubbed.count) {
			count = glyphs_that_fit(&scrubbed, room - end, &width);
			used = draw_format(terminal, rect, row, column + width, STYLE_DIM, "%s%s", mark, hint);
		}
		used += draw_glyphs(terminal, rect, row, column, &scrubbed, 0, count, style);
	}
	scrubbed_free(&scrubbed);
	return used;
}

/* A third of the room for the beginning, the rest for the end. */
void draw_shorten(const struct terminal *terminal, const char *name, int columns, char out[WIDGET_NAME_MAX])
{
	const char *mark = terminal_ascii(terminal) ? "~" : "\u2026";
	struct scrubbed text = {0};
	size_t head, tail;
	int width, used = 0;

	out[0] = '\0';
	if (!scrub_text(&text, span_of(name), terminal_scrub(terminal, SCRUB_NEWLINE_SPACE)))
		return;
	head = glyphs_that_fit(&text, columns, &width);
	tail = text.count;
	if (head < text.count && columns > 1) {
		head = glyphs_that_fit(&text, (columns - 1) / 3, &width);
		while (tail > head && used + text.glyphs[tail - 1].width <= columns - 1 - width)
			used += text.glyphs[--tail].width;
	} else {
		mark = "";
	}
	snprintf(out, WIDGET_NAME_MAX, "%.*s%s%s", (int)(head < text.count ? text.glyphs[head].offset : text.size), text.text, mark,
	         tail < text.count ? text.text + text.glyphs[tail].offset : "");
	scrubbed_free(&text);
}

void draw_wrapped(struct terminal *terminal, struct rect rect, const struct scrubbed *text,
                  const struct text_lines *lines, size_t top)
{
	for (int row = 0; row < rect.rows && top + (size_t)row < lines->count; row++) {
		const struct text_line *line = &lines->lines[top + (size_t)row];
		int column = 0;

		for (size_t i = line->span; i < line->span + line->span_count; i++) {
			const struct text_span *span = &lines->spans[i];

			column += draw_glyphs(terminal, rect, row, column, text, span->offset, span->length,
			                      (enum style)span->style);
		}
	}
}

void draw_range(struct terminal *terminal, struct rect rect, int row, int column, uint64_t top, uint64_t count, int rows)
{
	const uint64_t shown = rows > 0 ? (uint64_t)rows : 0, end = top + shown < count ? top + shown : count;
	char text[64];
	int width;

	if (shown >= count)
		return;
	width = snprintf(text, sizeof text, "%" PRIu64 "-%" PRIu64 " of %" PRIu64, top + 1, end, count);
	if (rect.columns - width > column)
		draw_text(terminal, rect, row, rect.columns - width, text, STYLE_DIM);
}

/* Bars and rules */

static int eighths(double share, int cells)
{
	return (int)(fmin(fmax(share, 0), 1) * cells * 8 + 0.5);
}

void draw_bar(struct terminal *terminal, struct rect rect, int row, int column, int columns, double share,
              enum style style)
{
	int filled = isfinite(share) ? eighths(share, columns) : 0;

	if (terminal_ascii(terminal))
		filled = (filled + 4) / 8 * 8;
	for (int i = 0; i < columns && filled > 0; i++, filled -= 8) {
		const uint32_t block = filled >= 8 ? 0x2588 : 0x2588 + (uint32_t)(8 - filled);

		terminal_put_code(terminal, rect, rect.y + row, rect.x + column + i,
		                  terminal_ascii(terminal) ? '#' : block, style);
	}
}

void draw_column(struct terminal *terminal, struct rect rect, int column, double share, enum style style)
{
	int filled = isfinite(share) ? eighths(share, rect.rows) : 0;

	if (share > 0 && filled == 0)
		filled = 1;
	for (int row = rect.rows - 1; row >= 0 && filled > 0; row--, filled -= 8) {
		const uint32_t block = filled >= 8 ? 0x2588 : 0x2580 + (uint32_t)filled;
		const uint32_t ascii = filled >= 6 ? '#' : filled >= 3 ? ':' : '.';

		terminal_put_code(terminal, rect, rect.y + row, rect.x + column,
		                  terminal_ascii(terminal) ? ascii : block, style);
	}
}

void draw_rule(struct terminal *terminal, struct rect rect, int row, const char *title)
{
	const uint32_t line = terminal_ascii(terminal) ? '-' : 0x2500;
	int column = 0;

	if (row < 0 || row >= rect.rows)
		return;
	for (; column < rect.columns; column++)
		terminal_put_code(terminal, rect, rect.y + row, rect.x + column, line, STYLE_DIM);
	if (*title) {
		column = 2 + draw_format(terminal, rect, row, 2, STYLE_TITLE, " %s", title);
		terminal_put_code(terminal, rect, rect.y + row, rect.x + column, ' ', STYLE_DIM);
	}
}

void draw_fill(struct terminal *terminal, struct rect rect, int row, int column, enum style style)
{
	if (style == STYLE_SELECTED && row < rect.rows)
		terminal_rest(terminal, rect, rect.y + row, rect.x + column);
	for (; row < rect.rows && column < rect.columns; column++)
		terminal_put_code(terminal, rect, rect.y + row, rect.x + column, ' ', style);
}

/* Lists */

static uint64_t minus(uint64_t from, uint64_t amount)
{
	return from > amount ? from - amount : 0;
}

bool list_move(struct list *list, enum action action, uint64_t count, int page)
{
	const uint64_t step = page > 1 ? (uint64_t)page - 1 : 1;

	switch (action) {
	case ACTION_MOVE_DOWN:
		list->chosen++;
		break;
	case ACTION_MOVE_UP:
		list->chosen = minus(list->chosen, 1);
		break;
	case ACTION_PAGE_DOWN:
		list->chosen += step;
		break;
	case ACTION_PAGE_UP:
		list->chosen = minus(list->chosen, step);
		break;
	case ACTION_MOVE_FIRST:
		list->chosen = 0;
		break;
	case ACTION_MOVE_LAST:
		list->chosen = minus(count, 1);
		break;
	default:
		return false;
	}
	list_settle(list, count, page);
	return true;
}

void list_settle(struct list *list, uint64_t count, int rows)
{
	const uint64_t height = rows > 0 ? (uint64_t)rows : 1;

	if (list->chosen >= count)
		list->chosen = minus(count, 1);
	if (list->top > list->chosen)
		list->top = list->chosen;
	if (list->chosen >= list->top + height)
		list->top = list->chosen - height + 1;
	if (list->top > minus(count, height))
		list->top = minus(count, height);
}
