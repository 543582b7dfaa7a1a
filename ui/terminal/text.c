/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/text.h"

#include <stdlib.h>

static bool text_is_space(const struct scrubbed *text, size_t glyph)
{
	return text->text[text->glyphs[glyph].offset] == ' ';
}

static bool text_is_newline(const struct scrubbed *text, size_t glyph)
{
	return text->text[text->glyphs[glyph].offset] == '\n';
}

static int text_width(const struct scrubbed *text, size_t glyph, int columns)
{
	const int width = text->glyphs[glyph].width;

	return width < columns ? width : columns;
}

static bool text_add_line(struct text_lines *out, struct text_line line)
{
	if (out->count == out->capacity) {
		const size_t capacity = out->capacity ? 2 * out->capacity : 16;
		struct text_line *lines = realloc(out->lines, capacity * sizeof *lines);

		if (!lines)
			return false;
		out->lines = lines;
		out->capacity = capacity;
	}
	out->lines[out->count++] = line;
	return true;
}

/* Measures the line that starts at `first`; returns where the next one starts. */
static size_t text_measure(const struct scrubbed *text, size_t first, int columns, struct text_line *line)
{
	size_t end = first, last_break = first;
	int width = 0, width_at_break = 0;

	for (; end < text->count && !text_is_newline(text, end); end++) {
		const int glyph = text_width(text, end, columns);

		if (text_is_space(text, end) && end > first && !text_is_space(text, end - 1)) {
			last_break = end;
			width_at_break = width;
		}
		if (width + glyph > columns)
			break;
		width += glyph;
	}
	*line = (struct text_line){.first = first, .count = end - first, .width = width};
	if (end >= text->count || text_is_newline(text, end))
		return end;
	if (last_break > first)
		*line = (struct text_line){.first = first, .count = last_break - first, .width = width_at_break};
	else if (!text_is_space(text, end))
		return end;
	for (end = line->first + line->count; end < text->count && text_is_space(text, end); end++)
		;
	return end;
}

bool text_wrap(struct text_lines *out, const struct scrubbed *text, int columns)
{
	size_t first = 0;

	out->count = 0;
	if (columns < 1)
		columns = 1;
	for (;;) {
		struct text_line line;
		const size_t next = text_measure(text, first, columns, &line);

		if (!text_add_line(out, line))
			return false;
		if (next >= text->count)
			return text_style(out, text, NULL, 0);
		first = text_is_newline(text, next) ? next + 1 : next;
	}
}

/* Styles */

static bool text_add_span(struct text_lines *lines, struct text_span span)
{
	if (lines->spans_count == lines->spans_capacity) {
		const size_t capacity = lines->spans_capacity ? 2 * lines->spans_capacity : 16;
		struct text_span *spans = reallocarray(lines->spans, capacity, sizeof *spans);

		if (!spans)
			return false;
		lines->spans = spans;
		lines->spans_capacity = capacity;
	}
	lines->spans[lines->spans_count++] = span;
	return true;
}

/* Puts a line's glyphs into spans, one for each run of one style. `styles` has one of each glyph of the text. */
static bool text_style_line(struct text_lines *lines, struct text_line *line, const int *styles)
{
	const size_t end = line->first + line->count;
	size_t next;

	line->span = lines->spans_count;
	line->span_count = 0;
	for (size_t i = line->first; i < end; i = next) {
		for (next = i + 1; next < end && styles[next] == styles[i]; next++)
			;
		if (!text_add_span(lines, (struct text_span){i, next - i, styles[i]}))
			return false;
		line->span_count++;
	}
	return true;
}

static void text_paint(int *styles, size_t count, struct text_span span)
{
	const size_t first = span.offset < count ? span.offset : count;
	const size_t length = span.length < count - first ? span.length : count - first;

	for (size_t i = 0; i < length; i++)
		styles[first + i] = span.style;
}

bool text_style(struct text_lines *lines, const struct scrubbed *text, const struct text_span *spans, size_t count)
{
	int *styles = calloc(text->count + 1, sizeof *styles);
	bool good = styles;

	lines->spans_count = 0;
	for (size_t i = 0; i < lines->count; i++)
		lines->lines[i].span_count = 0;
	for (size_t i = 0; good && i < count; i++)
		text_paint(styles, text->count, spans[i]);
	for (size_t i = 0; good && i < lines->count; i++)
		good = text_style_line(lines, &lines->lines[i], styles);
	free(styles);
	return good;
}

void text_lines_free(struct text_lines *lines)
{
	free(lines->spans);
	free(lines->lines);
	*lines = (struct text_lines){0};
}

/* The last line that starts at or before `index`. */
static size_t text_line_of(const struct text_lines *lines, size_t index)
{
	size_t low = 0, high = lines->count;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (lines->lines[middle].first <= index)
			low = middle;
		else
			high = middle;
	}
	return low;
}

void text_locate(const struct text_lines *lines, const struct scrubbed *text, size_t index, int columns,
                 size_t *row, int *column)
{
	int width = 0;

	*row = lines->count ? text_line_of(lines, index) : 0;
	for (size_t i = lines->count ? lines->lines[*row].first : 0; i < index && i < text->count; i++)
		width += text_width(text, i, columns);
	*column = width < columns ? width : columns - 1;
}

size_t text_glyph_at(const struct scrubbed *text, size_t source)
{
	size_t low = 0, high = text->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (text->glyphs[middle].source < source)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
