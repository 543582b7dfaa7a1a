/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/teach/teacher_wish.h"

#include "engine/base/file.h"
#include "engine/base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define WEIGHT_MAX 1e6

static bool read_one(const char *line, size_t size, struct teacher_wish *wish, struct error *error)
{
	char *colon;
	double weight;

	RETURN_IF(size >= sizeof wish->path, error, ERROR_USAGE, "--teacher: %.60s...: name too long", line);
	memcpy(wish->path, line, size);
	wish->path[size] = '\0';
	wish->weight = 1;
	wish->weighted = false;
	colon = strrchr(wish->path, ':');
	if (colon && !file_exists(wish->path) && number_parse(colon + 1, &weight)) {
		RETURN_IF(!(weight > 0) || weight > WEIGHT_MAX, error, ERROR_USAGE,
		          "--teacher: %.40s is out of range: the weight of a teacher is above 0", colon + 1);
		*colon = '\0';
		wish->weight = weight;
		wish->weighted = true;
	}
	RETURN_IF(!wish->path[0], error, ERROR_USAGE, "--teacher: \"%.60s\" names no model: MODEL or MODEL:WEIGHT", line);
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

bool teacher_wish_add(char *lines, size_t capacity, const struct teacher_wish *wish)
{
	const size_t used = strlen(lines);
	char weight[NUMBER_TEXT + 1] = "";
	int size;

	if (wish->weighted) {
		weight[0] = ':';
		number_format(weight + 1, wish->weight);
	}
	size = snprintf(lines + used, capacity - used, "%s%s%s", used ? "\n" : "", wish->path, weight);
	return size > 0 && (size_t)size < capacity - used;
}
