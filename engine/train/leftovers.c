/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/leftovers.h"

#include "engine/base/file.h"
#include "engine/train/checkpoint.h"

#include <ctype.h>
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#define DRAWN 6 /* letters and digits at the end of a temporary: "run.json.revue-a1b2c3" */

/* A name that only a file_writer gives. */
static bool is_temporary(const char *name)
{
	size_t size = strlen(name), mark = sizeof FILE_TEMPORARY - 1;

	if (size <= DRAWN + mark || memcmp(name + size - DRAWN - mark, FILE_TEMPORARY, mark) != 0)
		return false;
	for (size_t i = size - DRAWN; i < size; i++)
		if (!isalnum((unsigned char)name[i]))
			return false;
	return true;
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
