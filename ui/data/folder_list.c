/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data/folder_list.h"

#include "engine/dataset.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRESS_ENTRIES 256

struct folder_task {
	struct folder_list *list;
	char path[];
};

void folder_list_free(struct folder_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++)
		free(list->entries[i].name);
	free(list->entries);
	free(list);
}

static void folder_task_free(void *context)
{
	struct folder_task *task = context;

	folder_list_free(task->list);
	free(task);
}

static bool looks_like_reviews(const char *name)
{
	const size_t size = strlen(name);
	const char *suffix;

	for (int i = 0; (suffix = dataset_suffix(i)); i++)
		if (size > strlen(suffix) && strcasecmp(name + size - strlen(suffix), suffix) == 0)
			return true;
	return false;
}

static bool make_room(struct folder_list *list, struct error *error)
{
	const size_t more = list->capacity ? list->capacity * 2 : 64;
	struct folder_entry *bigger;

	if (list->count < list->capacity)
		return true;
	bigger = realloc(list->entries, more * sizeof *bigger);
	if (!bigger)
		return error_memory(error, "listing a folder");
	list->entries = bigger;
	list->capacity = more;
	return true;
}

/* What is neither a file nor a folder, or cannot be looked at, is no entry. */
static bool take_entry(struct folder_list *list, int folder, const char *name, struct error *error)
{
	struct stat status;
	char *copy;

	if (*name == '.' || fstatat(folder, name, &status, 0) != 0 || (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)))
		return true;
	if (list->count == FOLDER_ENTRIES_MAX) {
		list->unlisted++;
		return true;
	}
	if (!make_room(list, error) || !(copy = strdup(name)))
		return error_memory(error, "listing a folder");
	list->entries[list->count++] = (struct folder_entry){
		.name = copy, .folder = S_ISDIR(status.st_mode), .data = S_ISREG(status.st_mode) && looks_like_reviews(name),
		.size = (uint64_t)status.st_size, .changed = status.st_mtime,
	};
	return true;
}

static int rank(const struct folder_entry *entry)
{
	return entry->folder ? 0 : entry->data ? 1 : 2;
}

static int compare(const void *a, const void *b)
{
	const struct folder_entry *left = a, *right = b;

	return rank(left) != rank(right) ? rank(left) - rank(right) : strverscmp(left->name, right->name);
}

static bool read_entries(struct folder_list *list, DIR *folder, const struct progress *progress, struct error *error)
{
	const struct dirent *entry;
	size_t read = 0;

	while ((entry = readdir(folder))) {
		if (read++ % PROGRESS_ENTRIES == 0 && !progress_report(progress, "listing", read, 0))
			return error_set(error, ERROR_INTERRUPTED, "stopped");
		if (!take_entry(list, dirfd(folder), entry->d_name, error))
			return false;
	}
	if (list->count > 0)
		qsort(list->entries, list->count, sizeof *list->entries, compare);
	return true;
}

static bool folder_work(void *context, const struct progress *progress, struct error *error)
{
	struct folder_task *task = context;
	DIR *folder = realpath(task->path, task->list->path) ? opendir(task->list->path) : NULL;
	bool done;

	if (!folder)
		return error_errno(error, "open", task->path);
	done = read_entries(task->list, folder, progress, error);
	closedir(folder);
	return done;
}

struct job *folder_list_start(struct jobs *jobs, const char *path, struct error *error)
{
	static const struct job_kind listing = {"listing a folder", folder_work, folder_task_free};
	struct folder_task *task = calloc(1, sizeof *task + strlen(path) + 1);

	if (!task || !(task->list = calloc(1, sizeof *task->list))) {
		free(task);
		error_memory(error, listing.name);
		return NULL;
	}
	memcpy(task->path, path, strlen(path) + 1);
	return job_start(jobs, &listing, task, error);
}

struct folder_list *folder_list_take(struct job *job)
{
	struct folder_task *task = job_context(job);
	struct folder_list *list = task->list;

	task->list = NULL;
	return list;
}
