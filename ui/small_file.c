/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/small_file.h"

#include "engine/words.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool small_file_check(const struct stat *status, const char *path, size_t limit, struct error *error)
{
	if (S_ISCHR(status->st_mode))
		return false;
	RETURN_IF(!S_ISREG(status->st_mode), error, ERROR_USAGE, "%s: is not read: it is a %s, not a file", path,
	          S_ISDIR(status->st_mode) ? "folder" : "pipe or the like");
	RETURN_IF((uint64_t)status->st_size > limit, error, ERROR_USAGE, "%s: is not read: it has %s, %s at most were expected",
	          path, words_bytes((uint64_t)status->st_size).text, words_bytes(limit).text);
	return true;
}

FILE *small_file_open(const char *path, size_t limit, struct error *error)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* so that a pipe is not waited for */
	struct stat status;
	FILE *file = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && small_file_check(&status, path, limit, error))
		file = fdopen(fd, "r");
	if (!file)
		close(fd);
	return file;
}
