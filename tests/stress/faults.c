/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A library to be preloaded (LD_PRELOAD) that lets one call of the C library fail, for tests/stress/stress.sh.
 *
 *   FAULT_CALL    memory, write, read, open, fsync, rename, mkdir, unlink, stat or thread
 *   FAULT_NUMBER  which call of that kind fails, from 1
 *   FAULT_ERRNO   a number; for write also "short": a part is written
 *   FAULT_REPORT  a file that is made when the call was reached
 *
 * Reads and writes of what is no regular file (terminals, pipes) are left alone: there the tests use real ones. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* What the allocator is called besides; malloc cannot be looked up before there is memory. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static char wanted[16];
static long wanted_number;
static int wanted_errno;
static bool wanted_short;
static const char *report;
static atomic_long calls;

__attribute__((constructor)) static void start(void)
{
	const char *call = getenv("FAULT_CALL"), *number = getenv("FAULT_NUMBER"), *with = getenv("FAULT_ERRNO");

	report = getenv("FAULT_REPORT");
	wanted_number = number ? strtol(number, NULL, 10) : 0;
	wanted_short = with && strcmp(with, "short") == 0;
	wanted_errno = with && !wanted_short ? (int)strtol(with, NULL, 10) : EIO;
	if (call)
		snprintf(wanted, sizeof wanted, "%s", call);
}

/* Whether this call is the one. */
static bool fails(const char *call)
{
	long file;

	if (wanted[0] == '\0' || strcmp(call, wanted) != 0 || atomic_fetch_add(&calls, 1) + 1 != wanted_number)
		return false;
	if (report) {
		file = syscall(SYS_openat, AT_FDCWD, report, O_CREAT | O_WRONLY, 0666);
		if (file >= 0)
			syscall(SYS_close, file);
	}
	errno = wanted_errno;
	return true;
}

static bool regular(int fd)
{
	struct stat status;

	return syscall(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) == 0 && S_ISREG(status.st_mode);
}

/* The function of that name in the next library. */
#define NEXT(name) \
	static __typeof__(name) *next; \
	if (!next) \
		*(void **)&next = dlsym(RTLD_NEXT, #name)

void *malloc(size_t size)
{
	if (!fails("memory"))
		return __libc_malloc(size);
	errno = ENOMEM;
	return NULL;
}

void *calloc(size_t count, size_t size)
{
	if (!fails("memory"))
		return __libc_calloc(count, size);
	errno = ENOMEM;
	return NULL;
}

void *realloc(void *memory, size_t size)
{
	if (!fails("memory"))
		return __libc_realloc(memory, size);
	errno = ENOMEM;
	return NULL;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	if (!fails("memory"))
		return __libc_memalign(alignment, size);
	errno = ENOMEM;
	return NULL;
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	if (fails("memory"))
		return ENOMEM;
	*memory = __libc_memalign(alignment, size);
	return *memory ? 0 : ENOMEM;
}

ssize_t write(int fd, const void *data, size_t size)
{
	NEXT(write);
	if (!regular(fd) || !fails("write"))
		return next(fd, data, size);
	return wanted_short && size > 1 ? next(fd, data, size / 2) : -1;
}

ssize_t read(int fd, void *data, size_t size)
{
	NEXT(read);
	return regular(fd) && fails("read") ? -1 : next(fd, data, size);
}

ssize_t pread64(int fd, void *data, size_t size, off64_t offset)
{
	NEXT(pread64);
	return regular(fd) && fails("read") ? -1 : next(fd, data, size, offset);
}

ssize_t pread(int fd, void *data, size_t size, off_t offset)
{
	NEXT(pread);
	return regular(fd) && fails("read") ? -1 : next(fd, data, size, offset);
}

static mode_t mode_of(int flags, va_list arguments)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name) \
	int name(const char *path, int flags, ...) \
	{ \
		va_list arguments; \
		mode_t mode; \
		NEXT(name); \
		va_start(arguments, flags); \
		mode = mode_of(flags, arguments); \
		va_end(arguments); \
		return fails("open") ? -1 : next(path, flags, mode); \
	}
OPEN(open)
OPEN(open64)

int fsync(int fd)
{
	NEXT(fsync);
	return fails("fsync") ? -1 : next(fd);
}

int rename(const char *from, const char *to)
{
	NEXT(rename);
	return fails("rename") ? -1 : next(from, to);
}

int mkdir(const char *path, mode_t mode)
{
	NEXT(mkdir);
	return fails("mkdir") ? -1 : next(path, mode);
}

int unlink(const char *path)
{
	NEXT(unlink);
	return fails("unlink") ? -1 : next(path);
}

int stat(const char *restrict path, struct stat *restrict status)
{
	NEXT(stat);
	return fails("stat") ? -1 : next(path, status);
}

int fstat(int fd, struct stat *status)
{
	NEXT(fstat);
	return fails("stat") ? -1 : next(fd, status);
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes, void *(*run)(void *),
                   void *restrict context)
{
	NEXT(pthread_create);
	return fails("thread") ? EAGAIN : next(thread, attributes, run, context);
}

/* Seconds from now until `until`, by the clock that it is of. */
static double seconds_until(const struct timespec *until, clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)(until->tv_sec - now.tv_sec) + 1e-9 * (double)(until->tv_nsec - now.tv_nsec);
}

/* A training tries again every 30 seconds to write what a full disk did not take; here it does so at once. */
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
	static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME};
	struct timespec sooner = *until;
	NEXT(pthread_cond_timedwait);

	for (int i = 0; wanted[0] && i < 2; i++) {
		double left = seconds_until(until, clocks[i]);

		if (left > 2 && left < 3600)
			sooner.tv_sec -= (time_t)left;
	}
	return next(condition, mutex, &sooner);
}
