/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/directory.h"

#include "engine/base/file.h"
#include "engine/base/names.h"
#include "engine/run.h"
#include "engine/train/run/checkpoint.h"
#include "engine/train/run/journal.h"
#include "engine/train/run/record.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
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

/* Where a new run may be put */

/* The temporary of a run.json that a kill kept from its place. */
static bool is_unborn_record(const char *name)
{
	return strncmp(name, RECORD_FILE FILE_TEMPORARY, sizeof RECORD_FILE FILE_TEMPORARY - 1) == 0 && is_temporary(name);
}

/* What a start leaves that failed before run.json was written, and what desktops and version control put everywhere. */
static bool is_negligible(const char *name)
{
	return name[0] == '.' || strcmp(name, "lock") == 0 || strcmp(name, "control") == 0 || is_unborn_record(name);
}

static bool check_empty(const char *directory, struct error *error)
{
	DIR *folder = opendir(directory);
	const struct dirent *entry;
	bool empty = true;

	if (!folder)
		return error_errno(error, "open", directory);
	while (empty && (entry = readdir(folder)))
		if (!is_negligible(entry->d_name))
			empty = error_set(error, ERROR_USAGE, "%s holds other things (%.*s): name a new folder for the run",
			                  directory, NAME_ARGUMENTS(entry->d_name));
	closedir(folder);
	return empty;
}

/* A folder `model` may be the very one that this training starts from. */
static bool check_result(const char *directory, struct error *error)
{
	char path[RECORD_PATH_MAX];

	if (!path_join(path, sizeof path, directory, "model", error))
		return false;
	RETURN_IF(file_exists(path), error, ERROR_USAGE,
	          "%s is there already and the training would replace it: name another directory than %s", path, directory);
	return true;
}

/* A run has made a step or has ended well. */
static bool holds_work(const char *directory, const struct run_summary *summary)
{
	char name[CHECKPOINT_NAME];
	struct checkpoint_state state;

	return summary->step > 0 || summary->state == RUN_FINISHED ||
	       checkpoint_newest(directory, name, &state, NULL);
}

bool directory_check(const char *directory, struct error *error)
{
	struct run_summary summary;
	struct stat status;

	if (stat(directory, &status) != 0)
		return errno == ENOENT || error_errno(error, "open", directory);
	RETURN_IF(!S_ISDIR(status.st_mode), error, ERROR_IO, "%s: not a folder", directory);
	if (!run_summary_read(directory, &summary, NULL))
		return check_empty(directory, error);
	RETURN_IF(holds_work(directory, &summary), error, ERROR_USAGE,
	          "%s holds a run already: go on with --resume %s, or name another directory", directory, directory);
	return check_result(directory, error);
}

bool directory_forget(const char *directory, struct error *error)
{
	char path[RECORD_PATH_MAX];

	if (!path_join(path, sizeof path, directory, JOURNAL_FILE, error))
		return false;
	return unlink(path) == 0 || errno == ENOENT || error_errno(error, "remove", path);
}

/* What a killed trainer left */

static void remove_temporaries(const char *folder)
{
	char path[RECORD_PATH_MAX];
	const struct dirent *entry;
	DIR *directory = opendir(folder);

	while (directory && (entry = readdir(directory)))
		if (is_temporary(entry->d_name) && path_join(path, sizeof path, folder, entry->d_name, NULL))
			unlink(path);
	if (directory)
		closedir(directory);
}

void directory_clean(const char *directory)
{
	static const char *const folders[] = {".", BASE_FOLDER, "model"};
	char path[RECORD_PATH_MAX];

	checkpoint_clean(directory);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (path_join(path, sizeof path, directory, folders[i], NULL))
			remove_temporaries(path);
}
