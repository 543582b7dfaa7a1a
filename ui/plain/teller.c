/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/plain/teller.h"

#include "engine/scrub.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void teller_free(struct teller *teller)
{
	for (size_t i = 0; i < teller->count; i++)
		free(teller->lines[i].text);
	free(teller->lines);
	*teller = (struct teller){.opens = ACTION_NONE};
}

/* A copy without what a terminal would obey; NULL: out of memory. */
static char *scrubbed_copy(const struct teller *teller, const char *text, size_t size)
{
	struct scrubbed scrubbed = {0};
	char *copy = NULL;

	if (scrub_text(&scrubbed, (struct span){text, size}, (struct scrub_options){SCRUB_NEWLINE_SPACE, teller->ascii}))
		copy = strdup(scrubbed.text);
	scrubbed_free(&scrubbed);
	return copy;
}

static void add_line(struct teller *teller, uint64_t number, const char *argument, const char *format, va_list arguments)
{
	char *text = NULL;
	const int size = vasprintf(&text, format, arguments);
	char *copy = size < 0 ? NULL : scrubbed_copy(teller, text, (size_t)size);

	if (size >= 0)
		free(text);
	if (copy && teller->count == teller->capacity) {
		const size_t capacity = teller->capacity ? 2 * teller->capacity : 32;
		struct told_line *lines = realloc(teller->lines, capacity * sizeof *lines);

		if (!lines) {
			free(copy);
			return;
		}
		teller->lines = lines;
		teller->capacity = capacity;
	}
	if (copy)
		teller->lines[teller->count++] = (struct told_line){copy, number, argument};
}

void tell_title(struct teller *teller, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	scrub_line(teller->title, sizeof teller->title, 0, span_of(text), (struct scrub_options){SCRUB_NEWLINE_SPACE, teller->ascii});
}

void tell(struct teller *teller, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add_line(teller, 0, NULL, format, arguments);
	va_end(arguments);
}

void tell_list(struct teller *teller, uint64_t *cursor, uint64_t entries, uint64_t chosen, enum action opens)
{
	teller->cursor = cursor;
	teller->entries = entries;
	teller->chosen = chosen;
	teller->opens = opens;
}

void tell_line(struct teller *teller, uint64_t index, const char *argument, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add_line(teller, index + 1, argument, format, arguments);
	va_end(arguments);
}

struct told_range tell_range(const struct teller *teller, uint64_t chosen, uint64_t top, int rows, uint64_t entries)
{
	struct told_range range = {top, top + (uint64_t)(rows > 0 ? rows : 0)};

	if (teller->part == TELL_CHOSEN)
		range = (struct told_range){chosen, chosen + 1};
	range.end = range.end < entries ? range.end : entries;
	range.first = range.first < range.end ? range.first : range.end;
	return range;
}
