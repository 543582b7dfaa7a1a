/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/leftovers.h"

#include "engine/base/file.h"
#include "engine/train/checkpoint.h"

#include <ctype.h>
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#define RANDOM_LETTERS 6 /* of a file_writer's temporary: "run.json.a1B2c3" */

static bool ends_with(const char *text, size_t size, const char *end)
{
	size_t length = strlen(end);

	return size > length && memcmp(text + size - length, end, length) == 0;
}

/* A name that only a file_writer gives, for one of the kinds of files that a run writes. */
static bool is_temporary(const char *name)
{
	static const char *const kinds[] = {".json", ".jsonl", ".md", ".safetensors", ".txt"};
	size_t size = strlen(name);

	if (size <= RANDOM_LETTERS + 1 || name[size - RANDOM_LETTERS - 1] != '.')
		return false;
	for (size_t i = size - RANDOM_LETTERS; i < size; i++)
		if (!isalnum((unsigned char)name[i]))
			return false;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (ends_with(name, size - RANDOM_LETTERS - 1, kinds[i]))
			return true;
	return false;
}

static void remove_temporaries(const char *folder)
{
	char path[4096];
	const struct dirent *entry;
	DIR *directory = opendir(folder);

	while (directory && (entry = readdir(directory)))
		if (is_temporary(entry->d_name) && path_join(path, sizeof path, folder, entry->d_name, NULL))
			unlink(path);
	if (directory)
		closedir(directory);
}

void leftovers_remove(const char *run)
{
	char model[4096];

	checkpoint_clean(run);
	remove_temporaries(run);
	if (path_join(model, sizeof model, run, "model", NULL))
		remove_temporaries(model);
}
