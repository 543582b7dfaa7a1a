/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/lock.h"

#include "engine/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct holder {
	int32_t pid;
	char host[256];
};

static void read_holder(int fd, struct holder *holder)
{
	char text[300] = "";
	ssize_t got = pread(fd, text, sizeof text - 1, 0);
	char *end;
	long pid;

	*holder = (struct holder){0};
	if (got <= 0)
		return;
	pid = strtol(text, &end, 10);
	if (pid <= 0 || pid > INT32_MAX || *end != ' ')
		return;
	holder->pid = (int32_t)pid;
	snprintf(holder->host, sizeof holder->host, "%.*s", (int)strcspn(end + 1, "\n"), end + 1);
}

/* Whoever looks at the lock holds a shared one for a moment, which must not keep a trainer out. */
static bool lock_patiently(int fd)
{
	const struct timespec pause = {.tv_nsec = 10000000};

	for (int attempt = 0; attempt < 15; attempt++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		nanosleep(&pause, NULL);
	}
	errno = EWOULDBLOCK;
	return false;
}

static bool refuse(int fd, const char *directory, const char *path, struct error *error)
{
	struct holder holder;

	if (errno != EWOULDBLOCK)
		return error_errno(error, "lock", path);
	read_holder(fd, &holder);
	if (holder.pid == 0)
		return error_set(error, ERROR_USAGE, "%s is in use by another process", directory);
	return error_set(error, ERROR_USAGE, "%s is in use by pid %d on %s", directory, (int)holder.pid, holder.host);
}

static bool write_holder(int fd, const char *path, struct error *error)
{
	char host[256] = "", text[300];
	int size;

	if (gethostname(host, sizeof host - 1) != 0)
		snprintf(host, sizeof host, "this machine");
	size = snprintf(text, sizeof text, "%ld %s\n", (long)getpid(), host);
	if (ftruncate(fd, 0) != 0)
		return error_errno(error, "write", path);
	return file_write_all(fd, text, (size_t)size, path, error);
}

bool run_lock_take(struct run_lock *lock, const char *directory, struct error *error)
{
	char path[4096];

	lock->fd = -1;
	if (!path_join(path, sizeof path, directory, "lock", error))
		return false;
	lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (lock->fd < 0)
		return error_errno(error, "open", path);
	if (lock_patiently(lock->fd) ? write_holder(lock->fd, path, error) : refuse(lock->fd, directory, path, error))
		return true;
	run_lock_release(lock);
	return false;
}

void run_lock_release(struct run_lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	lock->fd = -1;
}

static bool is_missing(const char *directory, const char *name)
{
	char path[4096];
	struct stat status;

	return path_join(path, sizeof path, directory, name, NULL) && stat(path, &status) != 0 &&
	       (errno == ENOENT || errno == ENOTDIR);
}

bool run_lock_check(const struct run_lock *lock, const char *directory, struct error *error)
{
	struct stat ours, theirs;
	char path[4096];

	if (!path_join(path, sizeof path, directory, "lock", error) || fstat(lock->fd, &ours) != 0)
		return true;
	if (stat(path, &theirs) == 0) {
		RETURN_IF(theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino, error, ERROR_IO,
		          "the run directory %s is gone: another one has taken its name", directory);
		return true;
	}
	RETURN_IF((errno == ENOENT || errno == ENOTDIR) && is_missing(directory, "run.json"), error, ERROR_IO,
	          "the run directory %s is gone: nothing can be saved any more", directory);
	return true;
}

bool run_lock_held(const char *directory, int32_t *pid)
{
	struct holder holder = {0};
	char path[4096];
	bool held;
	int fd;

	if (!path_join(path, sizeof path, directory, "lock", NULL))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	if (held)
		read_holder(fd, &holder);
	close(fd);
	if (pid)
		*pid = holder.pid;
	return held;
}
