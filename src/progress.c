/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/progress.h"

#include "engine/clock.h"
#include "engine/words.h"
#include "src/output.h"
#include "src/signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRAW_SECONDS 0.1 /* between two drawings on a terminal */
#define LINE_SECONDS 10  /* between two lines elsewhere */

static bool can_draw(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) == 1 && term && *term && strcmp(term, "dumb") != 0;
}

static void draw(struct progress_line *line, const char *text)
{
	char cut[1024];
	struct scrub_options options = {.newline = SCRUB_NEWLINE_SPACE, .ascii = locale_is_ascii()};

	scrub_line(cut, sizeof cut, output_columns(STDERR_FILENO) - 1, span_of(text), options);
	standard_error_put("\r\033[K%s", cut);
	line->shown = true;
}

void progress_show(struct progress_line *line, const char *text, bool due)
{
	double now = clock_seconds();

	if (!due && now - line->drawn < (line->terminal ? DRAW_SECONDS : LINE_SECONDS))
		return;
	line->drawn = now;
	if (line->terminal)
		draw(line, text);
	else
		message_note("%s", text);
}

void progress_clear(struct progress_line *line)
{
	if (!line->shown)
		return;
	standard_error_put("\r\033[K");
	line->shown = false;
}

static void describe(char *out, size_t capacity, const char *what, uint64_t done, uint64_t total, double seconds)
{
	int used = snprintf(out, capacity, "%s: %s", what, words_count(done).text);

	if (total && used > 0 && (size_t)used < capacity)
		used += snprintf(out + used, capacity - (size_t)used, " of %s", words_count(total).text);
	if (total > done && done && seconds > 2 && used > 0 && (size_t)used < capacity)
		snprintf(out + used, capacity - (size_t)used, ", %s left",
		         words_duration(seconds * (double)(total - done) / (double)done).text);
}

static bool report(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct progress_line *line = context;
	char text[256];

	if (strncmp(line->what, what, sizeof line->what - 1) != 0) {
		snprintf(line->what, sizeof line->what, "%s", what);
		line->began = clock_seconds();
	}
	describe(text, sizeof text, what, done, total, clock_seconds() - line->began);
	progress_show(line, text, false);
	return !signals_stopped();
}

void progress_begin(struct progress_line *line)
{
	double now = clock_seconds();

	*line = (struct progress_line){.terminal = can_draw(), .began = now, .drawn = now};
	line->progress = (struct progress){report, line};
}
