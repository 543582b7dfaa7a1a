/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/small_file.h"

#include "engine/words.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
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

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		const ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes += written;
		size -= (size_t)written;
	}
	return fsync(fd) == 0;
}

/* What a process of the same number left there when it was killed goes. */
static int open_temporary(const char *path, const char *temporary)
{
	struct stat status;
	int fd;

	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd >= 0 && stat(path, &status) == 0)
		fchmod(fd, status.st_mode & 0777);
	return fd;
}

bool small_file_replace(const char *path, const char *bytes, size_t size, struct error *error)
{
	char *real = realpath(path, NULL), temporary[PATH_MAX];
	const char *target = real ? real : path;
	struct stat status;
	bool done = false;
	int fd = -1;

	if (real && stat(real, &status) == 0 && !S_ISREG(status.st_mode))
		errno = S_ISDIR(status.st_mode) ? EISDIR : EEXIST;
	else if (snprintf(temporary, sizeof temporary, "%s.revue-%ld", target, (long)getpid()) >= (int)sizeof temporary)
		errno = ENAMETOOLONG;
	else
		fd = open_temporary(target, temporary);
	if (fd >= 0) {
		done = write_all(fd, bytes, size);
		done = close(fd) == 0 && done && rename(temporary, target) == 0;
	}
	if (!done) {
		error_errno(error, "write", path);
		if (fd >= 0)
			unlink(temporary);
	}
	free(real);
	return done;
}
