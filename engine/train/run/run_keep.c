/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is done with a run as a whole. */
#include "engine/base/file.h"
#include "engine/runs.h"
#include "engine/train/run/journal.h"
#include "engine/train/run/lock.h"
#include "engine/train/run/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 16 /* a run has folders of two levels */

/* Notes */

void run_note_read(const char *directory, char out[RUN_NOTE_MAX])
{
	char path[RECORD_PATH_MAX], *text;
	size_t size;

	out[0] = '\0';
	if (!path_join(path, sizeof path, directory, RUN_NOTE_FILE, NULL) || !file_exists(path))
		return;
	text = file_read(path, RUN_NOTE_MAX * 16, &size, NULL);
	if (!text)
		return;
	snprintf(out, RUN_NOTE_MAX, "%.*s", (int)span_prefix((struct span){text, strcspn(text, "\n")}, RUN_NOTE_MAX - 1).size, text);
	free(text);
}

bool run_note_write(const char *directory, const char *text, struct error *error)
{
	char path[RECORD_PATH_MAX], line[RUN_NOTE_MAX + 1];
	struct stat status;
	int size;

	RETURN_IF(strlen(text) >= RUN_NOTE_MAX, error, ERROR_USAGE, "a note has at most %d bytes", RUN_NOTE_MAX - 1);
	if (!run_record_find(directory, &status, error) || !path_join(path, sizeof path, directory, RUN_NOTE_FILE, error))
		return false;
	if (!*text)
		return unlink(path) == 0 || errno == ENOENT || error_errno(error, "remove", path);
	size = snprintf(line, sizeof line, "%s\n", text);
	for (int i = 0; i < size - 1; i++)
		line[i] = line[i] == '\n' || line[i] == '\r' ? ' ' : line[i];
	return file_replace(path, line, (size_t)size, error);
}

/* Another name */

static bool check_name(const char *name, struct error *error)
{
	RETURN_IF(!*name || strchr(name, '/') || name[0] == '.' || strlen(name) > 255, error, ERROR_USAGE,
	          "\"%.40s\" is no name for a run: no / and no . at its front", name);
	return true;
}

/* Whoever trains there has the lock; nobody can begin to while it is held here. */
static bool take(struct run_lock *lock, const char *directory, struct error *error)
{
	struct stat status;

	return run_record_find(directory, &status, error) && run_lock_take(lock, directory, error);
}

bool run_rename(const char *directory, const char *name, char *path, size_t capacity, struct error *error)
{
	const char *slash = strrchr(directory, '/');
	struct run_lock lock;
	bool done;
	int size;

	if (!check_name(name, error))
		return false;
	size = snprintf(path, capacity, "%.*s%s", slash ? (int)(slash + 1 - directory) : 0, directory, name);
	RETURN_IF(size < 0 || (size_t)size >= capacity, error, ERROR_USAGE, "%.100s...: name too long", directory);
	if (!take(&lock, directory, error))
		return false;
	done = renameat2(AT_FDCWD, directory, AT_FDCWD, path, RENAME_NOREPLACE) == 0;
	if (!done && errno == EEXIST)
		error_set(error, ERROR_USAGE, "%s is there already", path);
	else if (!done)
		error_errno(error, "rename", directory);
	run_lock_release(&lock);
	return done;
}

/* Removing */

static bool remove_below(int folder, const char *name, const char *keep, int depth, struct error *error);

static bool remove_entry(int folder, const char *name, int depth, struct error *error)
{
	struct stat status;

	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT || error_errno(error, "remove", name);
	if (!S_ISDIR(status.st_mode))
		return unlinkat(folder, name, 0) == 0 || error_errno(error, "remove", name);
	return remove_below(folder, name, NULL, depth + 1, error) &&
	       (unlinkat(folder, name, AT_REMOVEDIR) == 0 || error_errno(error, "remove", name));
}

/* All in a folder but `keep`. */
static bool remove_below(int parent, const char *name, const char *keep, int depth, struct error *error)
{
	const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	bool done = true;

	if (!folder) {
		if (fd >= 0)
			close(fd);
		return error_errno(error, "open directory", name);
	}
	if (depth > DEPTH_MAX)
		done = error_set(error, ERROR_FAILED, "%s: lies too deep to be a part of a run", name);
	while (done && (entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && (!keep || strcmp(entry->d_name, keep) != 0))
			done = remove_entry(dirfd(folder), entry->d_name, depth, error);
	closedir(folder);
	return done;
}

bool run_delete(const char *directory, struct error *error)
{
	char path[RECORD_PATH_MAX];
	struct run_lock lock;
	bool done;

	if (!path_join(path, sizeof path, directory, RECORD_FILE, error) || !take(&lock, directory, error))
		return false;
	done = remove_below(AT_FDCWD, directory, RECORD_FILE, 0, error) || error_prefix(error, "%s", directory);
	if (done && (unlink(path) != 0 || rmdir(directory) != 0))
		done = error_errno(error, "remove", directory);
	run_lock_release(&lock);
	return done;
}
