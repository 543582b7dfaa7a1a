/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/before_after.h"

#include "engine/base/file.h"
#include "engine/base/size.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER "row,before,after\n"
#define LINE_MAX_BYTES ((size_t)40) /* the longest row number, two words, commas and the end of the line */

bool before_after_init(struct before_after *story, uint32_t count, struct error *error)
{
	*story = (struct before_after){
		.count = count,
		.now = size_calloc(count, sizeof *story->now),
		.before = size_calloc(count, sizeof *story->before),
		.after = size_calloc(count, sizeof *story->after),
	};
	return (story->now && story->before && story->after) || error_memory(error, "comparing held-out reviews");
}

void before_after_free(struct before_after *story)
{
	free(story->now);
	free(story->before);
	free(story->after);
	*story = (struct before_after){0};
}

void before_after_begin(struct before_after *story)
{
	if (story->count > 0)
		memcpy(story->before, story->now, story->count * sizeof *story->before);
	story->begun = story->count > 0;
	story->ended = false;
}

void before_after_end(struct before_after *story)
{
	if (!story->begun)
		return;
	memcpy(story->after, story->now, story->count * sizeof *story->after);
	story->ended = true;
}

bool before_after_count(const struct before_after *story, uint32_t *mended, uint32_t *broken)
{
	*mended = *broken = 0;
	for (uint32_t i = 0; i < story->count; i++) {
		*mended += !story->before[i] && story->after[i];
		*broken += story->before[i] && !story->after[i];
	}
	return story->begun && story->ended;
}

/* The file */

static const char *word(bool right)
{
	return right ? "right" : "wrong";
}

static size_t format_line(const struct before_after *story, uint32_t i, uint64_t row, char *out)
{
	return (size_t)snprintf(out, LINE_MAX_BYTES + 1, "%" PRIu64 ",%s,%s\n", row, word(story->before[i]),
	                        story->ended ? word(story->after[i]) : "");
}

bool before_after_write(const struct before_after *story, const char *directory, const uint64_t *rows, struct error *error)
{
	char path[4096], *text;
	size_t size = strlen(HEADER), room;
	bool done;

	if (!path_join(path, sizeof path, directory, BEFORE_AFTER_FILE, error))
		return false;
	room = (size_t)story->count * LINE_MAX_BYTES + size + 1;
	text = malloc(room);
	if (!text)
		return error_memory(error, "writing " BEFORE_AFTER_FILE);
	memcpy(text, HEADER, size);
	for (uint32_t i = 0; i < story->count; i++)
		size += format_line(story, i, rows[i], text + size);
	done = file_replace(path, text, size, error);
	free(text);
	return done;
}

/* "right" or "wrong" up to `end`; -1: neither. */
static int read_word(const char *text, const char *end)
{
	for (int right = 0; right < 2; right++)
		if (end - text == 5 && memcmp(text, word(right), 5) == 0)
			return right;
	return -1;
}

/* The line after *at, which is moved past it. False: it is not one of this row. */
static bool take_line(struct before_after *story, uint32_t i, uint64_t row, const char **at)
{
	const char *line = *at, *end = strchr(line, '\n'), *first, *second;
	char *number_end;
	int before, after;

	if (!end || *line < '0' || *line > '9' || strtoull(line, &number_end, 10) != row || *number_end != ',')
		return false;
	first = number_end + 1;
	second = memchr(first, ',', (size_t)(end - first));
	if (!second)
		return false;
	before = read_word(first, second);
	after = read_word(second + 1, end);
	if (before < 0 || (after < 0 && second + 1 != end))
		return false;
	story->before[i] = before;
	story->after[i] = after > 0;
	story->ended = story->ended && after >= 0;
	*at = end + 1;
	return true;
}

static bool take_text(struct before_after *story, const char *text, const uint64_t *rows)
{
	const char *at = text + strlen(HEADER);

	if (strncmp(text, HEADER, strlen(HEADER)) != 0)
		return false;
	story->ended = true;
	for (uint32_t i = 0; i < story->count; i++)
		if (!take_line(story, i, rows[i], &at))
			return false;
	return *at == '\0';
}

bool before_after_read(struct before_after *story, const char *directory, const uint64_t *rows, struct error *error)
{
	const size_t most = (size_t)story->count * LINE_MAX_BYTES + sizeof HEADER;
	char path[4096], *text;
	struct error why = {0};
	size_t size;

	if (!path_join(path, sizeof path, directory, BEFORE_AFTER_FILE, &why))
		return true;
	text = file_read(path, most, &size, &why);
	if (!text && why.kind == ERROR_FAILED) {
		*error = why;
		return false;
	}
	story->begun = text && memchr(text, '\0', size) == NULL && take_text(story, text, rows);
	story->ended = story->begun && story->ended;
	free(text);
	return true;
}
