/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a new run may be put: nowhere that something of somebody's would be written over, cut or removed. */
#include "engine/trainer.h"

#include "engine/base/file.h"
#include "engine/base/names.h"
#include "engine/run.h"
#include "engine/train/checkpoint.h"
#include "engine/train/record.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

/* A run has made a step or has ended well. */
static bool holds_work(const char *directory, const struct run *run)
{
	char name[CHECKPOINT_NAME];
	struct checkpoint_state state;
	size_t points;

	run_points(run, &points);
	return points > 0 || run_state(run) == RUN_FINISHED || checkpoint_newest(directory, name, &state, NULL);
}

/* What a start leaves that failed before run.json was written, and what desktops and version control put everywhere. */
static bool is_negligible(const char *name)
{
	return name[0] == '.' || strcmp(name, "lock") == 0 || strcmp(name, "control") == 0;
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

bool trainer_check_run(const char *directory, struct error *error)
{
	struct stat status;
	struct run *run;
	bool work;

	if (stat(directory, &status) != 0)
		return errno == ENOENT || error_errno(error, "open", directory);
	RETURN_IF(!S_ISDIR(status.st_mode), error, ERROR_IO, "%s: not a folder", directory);
	run = run_open(directory, NULL);
	if (!run)
		return check_empty(directory, error);
	work = holds_work(directory, run);
	run_close(run);
	RETURN_IF(work, error, ERROR_USAGE,
	          "%s holds a run already: go on with --resume %s, or name another directory", directory, directory);
	return check_result(directory, error);
}
