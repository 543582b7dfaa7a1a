/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which checkpoints a run has, by their names. */
#include "engine/run.h"

#include "engine/base/file.h"
#include "engine/train/run/checkpoint.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN "checkpoint-"

/* False: no name of a checkpoint. */
static bool step_of(const char *name, uint64_t *step)
{
	char *end;

	if (strncmp(name, BEGIN, sizeof BEGIN - 1) != 0 || name[sizeof BEGIN - 1] < '0' || name[sizeof BEGIN - 1] > '9')
		return false;
	*step = strtoull(name + sizeof BEGIN - 1, &end, 10);
	return *end == '\0';
}

static int by_step(const void *a, const void *b)
{
	const uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

	return (first > second) - (first < second);
}

size_t run_checkpoints(const char *directory, uint64_t *steps, size_t capacity)
{
	DIR *folder = opendir(directory);
	const struct dirent *entry;
	size_t count = 0;
	uint64_t step;

	while (folder && count < capacity && (entry = readdir(folder)))
		if (step_of(entry->d_name, &step) && checkpoint_is_there(directory, step))
			steps[count++] = step;
	if (folder)
		closedir(folder);
	qsort(steps, count, sizeof *steps, by_step);
	return count;
}

bool run_checkpoint_path(const char *directory, uint64_t step, char *out, size_t capacity)
{
	char name[CHECKPOINT_NAME];

	checkpoint_name(name, step);
	return path_join(out, capacity, directory, name, NULL);
}

bool run_is_checkpoint(const char *path, char *directory, size_t capacity, uint64_t *step)
{
	size_t size = strlen(path), begin;
	char last[CHECKPOINT_NAME], record[4096];

	while (size > 1 && path[size - 1] == '/')
		size--;
	for (begin = size; begin > 0 && path[begin - 1] != '/'; begin--)
		;
	if (size - begin >= sizeof last || begin + 2 > capacity)
		return false;
	snprintf(last, sizeof last, "%.*s", (int)(size - begin), path + begin);
	snprintf(directory, capacity, "%.*s", begin > 0 ? (int)(begin > 1 ? begin - 1 : 1) : 1, begin > 0 ? path : ".");
	return step_of(last, step) && path_join(record, sizeof record, directory, "run.json", NULL) && file_exists(record) &&
	       checkpoint_is_there(directory, *step);
}
