/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/teach/teacher_wish.h"

#include "engine/base/file.h"
#include "engine/base/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WEIGHT_MAX 1e6

/* Digits up to `end`; where there are none `value` stays. */
static bool read_count(const char *at, const char *end, uint32_t *value)
{
	uint64_t count = 0;

	if (at == end)
		return true;
	for (; at < end && *at >= '0' && *at <= '9'; at++)
		count = count < UINT32_MAX ? count * 10 + (uint64_t)(*at - '0') : UINT32_MAX;
	*value = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
	return at == end;
}

/* A range of lengths; false: it is none. */
static bool read_words(const char *text, struct teacher_wish *wish)
{
	const char *dash = strchr(text, '-');
	uint32_t least = 0, most = UINT32_MAX;

	if (!dash || !text[1] || !read_count(text, dash, &least) || !read_count(dash + 1, strchr(dash, '\0'), &most))
		return false;
	wish->lengths.least = least;
	wish->lengths.most = most;
	return true;
}

/* What stands after the last colon, where the path is not a name as it is. */
static char *last_part(struct teacher_wish *wish)
{
	return file_exists(wish->path) ? NULL : strrchr(wish->path, ':');
}

static bool read_one(const char *line, size_t size, struct teacher_wish *wish, struct error *error)
{
	char *colon;
	double weight;

	RETURN_IF(size >= sizeof wish->path, error, ERROR_USAGE, "--teacher: %.60s...: name too long", line);
	memcpy(wish->path, line, size);
	wish->path[size] = '\0';
	wish->weight = 1;
	wish->weighted = false;
	wish->lengths.least = 0;
	wish->lengths.most = UINT32_MAX;
	colon = last_part(wish);
	if (colon && read_words(colon + 1, wish)) {
		RETURN_IF(wish->lengths.least > wish->lengths.most, error, ERROR_USAGE,
		          "--teacher: no text has %.40s words: the smaller number comes first", colon + 1);
		*colon = '\0';
		colon = last_part(wish);
	}
	if (colon && number_parse(colon + 1, &weight)) {
		RETURN_IF(!(weight > 0) || weight > WEIGHT_MAX, error, ERROR_USAGE,
		          "--teacher: %.40s is out of range: the weight of a teacher is above 0", colon + 1);
		*colon = '\0';
		wish->weight = weight;
		wish->weighted = true;
	}
	RETURN_IF(!wish->path[0], error, ERROR_USAGE, "--teacher: \"%.60s\" names no model: MODEL[:WEIGHT][:WORDS]", line);
	return true;
}

int teacher_wishes(const char *lines, struct teacher_wish *wishes, struct error *error)
{
	int count = 0;

	while (*lines) {
		const size_t size = strcspn(lines, "\n");

		if (count == TEACHERS_MAX) {
			error_set(error, ERROR_USAGE, "--teacher: %d at most", TEACHERS_MAX);
			return 0;
		}
		if (!read_one(lines, size, &wishes[count++], error))
			return 0;
		lines += size + (lines[size] == '\n');
	}
	return count;
}

static void write_words(const struct teacher_wish *wish, char out[32])
{
	char least[12] = "", most[12] = "";

	if (wish->lengths.least > 0)
		snprintf(least, sizeof least, "%" PRIu32, wish->lengths.least);
	if (wish->lengths.most < UINT32_MAX)
		snprintf(most, sizeof most, "%" PRIu32, wish->lengths.most);
	if (*least || *most)
		snprintf(out, 32, ":%s-%s", least, most);
}

bool teacher_wish_add(char *lines, size_t capacity, const struct teacher_wish *wish)
{
	const size_t used = strlen(lines);
	char weight[NUMBER_TEXT + 1] = "", words[32] = "";
	int size;

	write_words(wish, words);

	if (wish->weighted) {
		weight[0] = ':';
		number_format(weight + 1, wish->weight);
	}
	size = snprintf(lines + used, capacity - used, "%s%s%s%s", used ? "\n" : "", wish->path, weight, words);
	return size > 0 && (size_t)size < capacity - used;
}
