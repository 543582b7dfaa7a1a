/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/runs.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/train/run/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct search {
	void (*found)(void *context, struct run_row *row);
	void *context;
	const struct progress *progress;
	struct error *error;
	uint64_t count;
	size_t root; /* bytes of the path that was given, with the slash after it */
};

void run_row_free(struct run_row *row)
{
	if (!row)
		return;
	for (int i = 0; row->settings && i < train_option_count; i++)
		free(row->settings[i]);
	free(row->settings);
	free(row->path);
	free(row->name);
	free(row->data);
	free(row->model);
	free(row);
}

/* Reading one */

static bool take_settings(struct run_row *row, const struct train_options *options)
{
	char text[OPTION_TEXT_MAX];

	row->settings = size_calloc((size_t)train_option_count, sizeof *row->settings);
	for (int i = 0; row->settings && i < train_option_count; i++) {
		if (train_option_is_default(options, &train_option_rows[i]))
			continue;
		train_option_format(options, &train_option_rows[i], text, sizeof text);
		if (!(row->settings[i] = strdup(text)))
			return false;
	}
	return row->settings != NULL;
}

static double baseline_of(const struct run_record *record)
{
	const json_t *value = json_object_get(json_object_get(record->report, "baseline"), "accuracy");

	return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static bool take_record(struct run_row *row, struct error *error)
{
	struct run_record *record = calloc(1, sizeof *record);
	bool done = record ? run_record_read(row->path, record, error) : error_memory(error, "reading a run");

	if (done) {
		row->data = strdup(record->data.path);
		row->model = strdup(record->model.path);
		row->baseline = baseline_of(record);
		done = (take_settings(row, &record->options) && row->data && row->model) || error_memory(error, "reading a run");
	}
	run_record_free(record);
	free(record);
	return done;
}

/* What cannot be read is in the table, too, with the reason. */
static struct run_row *read_row(const struct search *search, const char *path)
{
	struct run_row *row = calloc(1, sizeof *row);
	struct error why = {0};

	if (!row || !(row->path = strdup(path)) || !(row->name = strdup(strlen(path) > search->root ? path + search->root : "."))) {
		run_row_free(row);
		return NULL;
	}
	row->baseline = (double)NAN;
	row->readable = run_summary_read(path, &row->summary, &why) && take_record(row, &why);
	snprintf(row->problem, sizeof row->problem, "%.255s", why.text);
	run_note_read(path, row->note);
	return row;
}

static bool give_row(struct search *search, const char *path)
{
	struct run_row *row = read_row(search, path);

	if (!row)
		return error_memory(search->error, "looking for runs");
	search->found(search->context, row);
	search->count++;
	return true;
}

/* Searching */

static bool report(struct search *search)
{
	return progress_report(search->progress, "looking for runs", search->count, 0) ||
	       error_set(search->error, ERROR_INTERRUPTED, "stopped");
}

static bool is_run(int folder)
{
	struct stat status;

	return fstatat(folder, RECORD_FILE, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

static bool is_folder(int folder, const struct dirent *entry)
{
	struct stat status;

	if (entry->d_name[0] == '.')
		return false;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

static bool search_folder(struct search *search, const char *path, int depth);

static bool search_entries(struct search *search, DIR *folder, const char *path, int depth)
{
	const struct dirent *entry;
	bool done = true;

	while (done && (entry = readdir(folder))) {
		char name[RECORD_PATH_MAX];

		if (is_folder(dirfd(folder), entry) && path_join(name, sizeof name, path, entry->d_name, NULL))
			done = search_folder(search, name, depth + 1);
	}
	return done;
}

static bool search_folder(struct search *search, const char *path, int depth)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (depth > 0 ? O_NOFOLLOW : 0));
	DIR *folder;
	bool done;

	if (fd < 0)
		return depth > 0 || error_errno(search->error, "open directory", path);
	if (!report(search)) {
		close(fd);
		return false;
	}
	if (is_run(fd)) {
		close(fd);
		return give_row(search, path);
	}
	folder = depth < RUNS_DEPTH_MAX ? fdopendir(fd) : NULL;
	if (!folder) {
		close(fd);
		return true;
	}
	done = search_entries(search, folder, path, depth);
	closedir(folder);
	return done;
}

bool runs_find(const char *folder, void (*found)(void *context, struct run_row *row), void *context,
               const struct progress *progress, struct error *error)
{
	struct search search = {found, context, progress, error, 0, 0};
	char path[RECORD_PATH_MAX];
	size_t size = strlen(folder);

	RETURN_IF(size == 0 || size >= sizeof path, error, ERROR_USAGE, "\"%.40s\": is no name of a folder", folder);
	memcpy(path, folder, size + 1);
	while (size > 1 && path[size - 1] == '/')
		path[--size] = '\0';
	search.root = size + (path[size - 1] != '/');
	return search_folder(&search, path, 0);
}
