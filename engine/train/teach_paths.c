/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/teach_paths.h"

#include "engine/model.h"
#include "engine/teach/teacher_wish.h"
#include "engine/train/rows/source.h"

#include <stdio.h>
#include <string.h>

static bool find_model(struct teacher_wish *wish, struct error *error)
{
	struct model_place place;

	return (model_find(wish->path, &place, error) && source_path(wish->path, sizeof wish->path, place.folder, error)) ||
	       error_prefix(error, "--teacher");
}

bool teach_find_models(char *lines, size_t capacity, struct error *error)
{
	static _Thread_local struct teacher_wish wishes[TEACHERS_MAX]; /* 33 kB */
	const int count = teacher_wishes(lines, wishes, error);

	lines[0] = '\0';
	for (int i = 0; i < count; i++) {
		if (!find_model(&wishes[i], error))
			return false;
		RETURN_IF(!teacher_wish_add(lines, capacity, &wishes[i]), error, ERROR_USAGE,
		          "--teacher: the paths are longer than %zu bytes together", capacity - 1);
	}
	return count > 0;
}

bool teach_find_files(const char *option, char *lines, size_t capacity, struct error *error)
{
	char path[4096], out[4096] = "";
	size_t used = 0;

	for (const char *at = lines; *at;) {
		const size_t size = strcspn(at, "\n");
		char name[4096];

		snprintf(name, sizeof name, "%.*s", (int)(size < sizeof name ? size : sizeof name - 1), at);
		if (!source_path(path, sizeof path, name, error))
			return error_prefix(error, "%s", option);
		RETURN_IF(used + strlen(path) + 2 > sizeof out || used + strlen(path) + 2 > capacity, error, ERROR_USAGE,
		          "%s: the paths are longer than %zu bytes together", option, capacity - 1);
		used += (size_t)snprintf(out + used, sizeof out - used, "%s%s", used ? "\n" : "", path);
		at += size + (at[size] == '\n');
	}
	memcpy(lines, out, used + 1);
	return true;
}
