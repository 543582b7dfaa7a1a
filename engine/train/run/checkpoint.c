/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/checkpoint.h"

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "engine/base/size.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "checkpoint-"
#define UNFINISHED ".checkpoint-" /* what a crash may leave; never read */

/* The steps that checkpoints in the run are named after, highest first. */
struct steps {
	uint64_t *steps;
	size_t count, capacity;
};

void checkpoint_name(char name[CHECKPOINT_NAME], uint64_t step)
{
	snprintf(name, CHECKPOINT_NAME, PREFIX "%06" PRIu64, step);
}

/* The step in a name that checkpoint_name made; false for any other name. */
static bool step_of(const char *name, uint64_t *step)
{
	char same[CHECKPOINT_NAME], *end;

	if (strncmp(name, PREFIX, sizeof PREFIX - 1) != 0)
		return false;
	errno = 0;
	*step = strtoull(name + sizeof PREFIX - 1, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	checkpoint_name(same, *step);
	return strcmp(same, name) == 0;
}

static int compare_steps(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? 1 : -(x > y);
}

static void steps_add(struct steps *steps, uint64_t step)
{
	size_t capacity = steps->capacity ? 2 * steps->capacity : 16;
	uint64_t *table = steps->steps;

	if (steps->count == steps->capacity) {
		table = size_realloc(steps->steps, capacity, sizeof *table);
		if (!table)
			return;
		steps->steps = table;
		steps->capacity = capacity;
	}
	table[steps->count++] = step;
}

static struct steps list_steps(const char *run)
{
	struct steps steps = {0};
	DIR *directory = opendir(run);
	const struct dirent *entry;
	uint64_t step;

	while (directory && (entry = readdir(directory)))
		if (step_of(entry->d_name, &step))
			steps_add(&steps, step);
	if (directory)
		closedir(directory);
	if (steps.count > 0)
		qsort(steps.steps, steps.count, sizeof *steps.steps, compare_steps);
	return steps;
}

/* Removes the files in a folder and then the folder; state.json first, so that a half removed checkpoint does
 * not count. Folders inside are left alone, and so is then the folder. */
static bool remove_folder(const char *folder, struct error *error)
{
	char path[4096];
	const struct dirent *entry;
	DIR *directory;

	if (path_join(path, sizeof path, folder, CHECKPOINT_STATE, NULL))
		unlink(path);
	directory = opendir(folder);
	while (directory && (entry = readdir(directory)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    path_join(path, sizeof path, folder, entry->d_name, NULL))
			unlink(path);
	if (directory)
		closedir(directory);
	return rmdir(folder) == 0 || errno == ENOENT || error_errno(error, "remove", folder);
}

void checkpoint_clean(const char *run)
{
	char path[4096];
	const struct dirent *entry;
	DIR *directory = opendir(run);

	while (directory && (entry = readdir(directory)))
		if (strncmp(entry->d_name, UNFINISHED, sizeof UNFINISHED - 1) == 0 &&
		    path_join(path, sizeof path, run, entry->d_name, NULL))
			remove_folder(path, NULL);
	if (directory)
		closedir(directory);
}

/* Keeps `keep` of those up to `step`: that one, which has just been verified, the `best`, whatever its age, and the newest
 * besides. With 1 both of the first two stay, as transformers' rotate_checkpoints does it. A checkpoint that is plainly not
 * whole does not count as kept. Newer ones are damaged ones that a resume passed over. */
static void rotate(const char *run, uint64_t step, uint64_t best, int64_t keep)
{
	struct steps steps = list_steps(run);
	struct checkpoint_state state;
	char name[CHECKPOINT_NAME], path[4096];
	int64_t kept = best > 0 && best < step && checkpoint_is_there(run, best) ? 2 : 1;

	for (size_t i = 0; i < steps.count; i++) {
		checkpoint_name(name, steps.steps[i]);
		if (steps.steps[i] >= step || steps.steps[i] == best || !path_join(path, sizeof path, run, name, NULL))
			continue;
		if (kept < keep && checkpoint_read_state(path, &state, true, NULL))
			kept++;
		else
			remove_folder(path, NULL);
	}
	free(steps.steps);
}

/* Of all processes only the holder of the lock makes one: its pid is name enough. */
static bool make_unfinished(char *path, size_t capacity, const char *run, struct error *error)
{
	char name[CHECKPOINT_NAME];

	snprintf(name, sizeof name, UNFINISHED "%ld", (long)getpid());
	if (!path_join(path, capacity, run, name, error) || !remove_folder(path, error))
		return false;
	return mkdir(path, 0777) == 0 || error_errno(error, "make directory", path);
}

/* Where the values are. */
struct values {
	const struct optimizer *optimizer;
	const struct checkpoint_tensors *copy; /* NULL: in the optimizer and its model */
};

static bool write_trainer_state(const char *folder, const char *text, char hash[65], struct error *error)
{
	struct sha256_ctx context;
	char path[4096];

	hash[0] = '\0';
	if (!text)
		return true;
	if (!path_join(path, sizeof path, folder, CHECKPOINT_TRAINER_STATE, error) ||
	    !file_replace(path, text, strlen(text), error))
		return false;
	sha256_init(&context);
	sha256_update(&context, strlen(text), (const uint8_t *)text);
	sha256_hex(&context, hash);
	return true;
}

static bool fill(const char *folder, const struct checkpoint_state *state, const struct values *values,
                 struct error *error)
{
	struct checkpoint_hashes hashes;
	bool done = values->copy ? checkpoint_tensors_write(values->copy, folder, &hashes, error)
	                         : checkpoint_write_tensors(folder, values->optimizer, &hashes, error);

	return done && write_trainer_state(folder, state->trainer_state, hashes.trainer_state, error) &&
	       checkpoint_write_state(folder, state, &hashes, error) && folder_sync(folder, error);
}

/* A folder of this name can only be one that did not verify: a good one would not be written again. */
static bool put_in_place(const char *folder, const char *path, const char *run, struct error *error)
{
	if (file_exists(path) && !remove_folder(path, error))
		return false;
	if (rename(folder, path) != 0)
		return error_errno(error, "rename a checkpoint to", path);
	return folder_sync(run, error);
}

static bool write_values(const char *run, const struct checkpoint_state *state, const struct values *values,
                         int64_t keep, struct error *error)
{
	char name[CHECKPOINT_NAME], folder[4096], path[4096];
	struct checkpoint_state written;

	checkpoint_name(name, state->step);
	if (!path_join(path, sizeof path, run, name, error) || !make_unfinished(folder, sizeof folder, run, error))
		return false;
	if (!fill(folder, state, values, error) || !put_in_place(folder, path, run, error)) {
		remove_folder(folder, NULL);
		return false;
	}
	if (!checkpoint_verify(run, name, &written, error))
		return false;
	rotate(run, state->step, state->mark.saved, keep);
	return true;
}

bool checkpoint_write(const char *run, const struct checkpoint_state *state, const struct optimizer *optimizer,
                      int64_t keep, struct error *error)
{
	return write_values(run, state, &(struct values){.optimizer = optimizer}, keep, error);
}

bool checkpoint_write_copy(const char *run, const struct checkpoint_state *state, const struct checkpoint_tensors *copy,
                           int64_t keep, struct error *error)
{
	return write_values(run, state, &(struct values){.copy = copy}, keep, error);
}

bool checkpoint_verify(const char *run, const char *name, struct checkpoint_state *state, struct error *error)
{
	char path[4096];
	uint64_t step;

	if (!path_join(path, sizeof path, run, name, error) || !checkpoint_read_state(path, state, false, error))
		return false;
	RETURN_IF(!step_of(name, &step) || step != state->step, error, ERROR_DATA, "%s: holds step %" PRIu64, name,
	          state->step);
	return true;
}

bool checkpoint_newest(const char *run, char name[CHECKPOINT_NAME], struct checkpoint_state *state,
                       const struct checkpoint_skipped *skipped)
{
	struct steps steps = list_steps(run);
	bool found = false;

	for (size_t i = 0; !found && i < steps.count; i++) {
		struct error why = {0};
		checkpoint_name(name, steps.steps[i]);
		found = checkpoint_verify(run, name, state, &why);
		if (!found && skipped)
			skipped->tell(skipped->context, name, &why);
	}
	free(steps.steps);
	return found;
}

bool checkpoint_is_there(const char *run, uint64_t step)
{
	char name[CHECKPOINT_NAME], path[4096];
	struct checkpoint_state state;

	checkpoint_name(name, step);
	return path_join(path, sizeof path, run, name, NULL) && checkpoint_read_state(path, &state, true, NULL);
}

bool checkpoint_glance(const char *run, struct checkpoint_state *state)
{
	struct steps steps = list_steps(run);
	char name[CHECKPOINT_NAME], path[4096];
	bool found = false;

	for (size_t i = 0; !found && i < steps.count; i++) {
		checkpoint_name(name, steps.steps[i]);
		found = path_join(path, sizeof path, run, name, NULL) && checkpoint_read_state(path, state, true, NULL);
	}
	free(steps.steps);
	return found;
}

bool checkpoint_load(const char *run, const char *name, const struct checkpoint_state *state,
                     struct optimizer *optimizer, struct error *error)
{
	char path[4096];

	if (!path_join(path, sizeof path, run, name, error) || !checkpoint_read_tensors(path, optimizer, error))
		return false;
	optimizer->steps = state->step - state->scaling.skipped;
	return true;
}
