/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/outlet.h"

#include "engine/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct outlet {
	int file, terminal; /* file -1: curses does not write here */
	bool gone;
	char *waiting; /* [first, end) was not taken yet */
	size_t first, end, capacity;
	size_t taken; /* since it was opened */
};

/* Opened a second time, so that only this descriptor does not wait: the others are shared with the shell. */
static int outlet_terminal(int fd)
{
	char name[256];
	struct stat ours, opened;
	int terminal;

	if (ttyname_r(fd, name, sizeof name) != 0)
		return -1;
	terminal = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (terminal >= 0 && fstat(fd, &ours) == 0 && fstat(terminal, &opened) == 0 && ours.st_rdev == opened.st_rdev)
		return terminal;
	if (terminal >= 0)
		close(terminal);
	return -1;
}

struct outlet *outlet_open(int fd)
{
	struct outlet *outlet = calloc(1, sizeof *outlet);

	if (!outlet)
		return NULL;
	outlet->terminal = outlet_terminal(fd);
	outlet->file = outlet->terminal < 0 ? -1 : memfd_create("revue-screen", MFD_CLOEXEC);
	if (outlet->file >= 0)
		return outlet;
	outlet_close(outlet);
	return NULL;
}

/* A pipe is opened a second time as a terminal is: where nobody reads, it is asked again and not waited for. A file takes
 * everything, at the place that others share. */
static int outlet_stream(int fd)
{
	const int terminal = outlet_terminal(fd);
	struct stat status;
	char name[64];

	if (terminal >= 0)
		return terminal;
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode)) {
		const int again = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

		if (again >= 0)
			return again;
	}
	return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

struct outlet *outlet_open_stream(int fd)
{
	struct outlet *outlet = calloc(1, sizeof *outlet);

	if (!outlet)
		return NULL;
	outlet->file = -1;
	outlet->terminal = outlet_stream(fd);
	if (outlet->terminal >= 0)
		return outlet;
	outlet_close(outlet);
	return NULL;
}

void outlet_close(struct outlet *outlet)
{
	if (!outlet)
		return;
	if (outlet->file >= 0)
		close(outlet->file);
	if (outlet->terminal >= 0)
		close(outlet->terminal);
	free(outlet->waiting);
	free(outlet);
}

int outlet_file(const struct outlet *outlet)
{
	return outlet->file;
}

int outlet_fd(const struct outlet *outlet)
{
	return outlet->terminal;
}

/* Room for `size` bytes more; NULL: memory is short, and what cannot be kept is lost as on a bad line. */
static char *outlet_room(struct outlet *outlet, size_t size)
{
	if (outlet->first == outlet->end)
		outlet->first = outlet->end = 0;
	if (size > outlet->capacity - outlet->end) {
		char *memory = realloc(outlet->waiting, outlet->end + size);

		if (!memory)
			return NULL;
		outlet->waiting = memory;
		outlet->capacity = outlet->end + size;
	}
	return outlet->waiting + outlet->end;
}

/* Takes over what curses has written. */
static void outlet_take(struct outlet *outlet)
{
	const off_t size = lseek(outlet->file, 0, SEEK_CUR);
	char *room = size > 0 ? outlet_room(outlet, (size_t)size) : NULL;
	const ssize_t got = room ? pread(outlet->file, room, (size_t)size, 0) : -1;

	if (got > 0) {
		outlet->end += (size_t)got;
		outlet->taken += (size_t)got;
	}
	if (size > 0 && ftruncate(outlet->file, 0) == 0)
		lseek(outlet->file, 0, SEEK_SET);
}

void outlet_add(struct outlet *outlet, const char *bytes, size_t size)
{
	char *room;

	outlet_take(outlet);
	room = outlet_room(outlet, size);
	if (!room)
		return;
	memcpy(room, bytes, size);
	outlet->end += size;
	outlet->taken += size;
}

void outlet_send(struct outlet *outlet)
{
	outlet_take(outlet);
	while (outlet->first < outlet->end) {
		const ssize_t sent = write(outlet->terminal, outlet->waiting + outlet->first, outlet->end - outlet->first);

		if (sent > 0)
			outlet->first += (size_t)sent;
		else if (sent == 0 || errno == EAGAIN)
			return;
		else if (errno != EINTR) {
			outlet->first = outlet->end; /* the terminal went: whoever reads its keys will see it */
			outlet->gone = true;
		}
	}
}

size_t outlet_taken(const struct outlet *outlet)
{
	return outlet->taken;
}

bool outlet_is_gone(const struct outlet *outlet)
{
	return outlet->gone;
}

int outlet_busy_fd(const struct outlet *outlet)
{
	return outlet->first < outlet->end ? outlet->terminal : -1;
}

bool outlet_flush(struct outlet *outlet, double patience)
{
	double until = clock_seconds() + patience;

	for (;;) {
		struct pollfd fd = {outlet->terminal, POLLOUT, 0};
		const size_t before = outlet->first;
		double left;

		outlet_send(outlet);
		if (outlet->first == outlet->end)
			return true;
		if (outlet->first != before)
			until = clock_seconds() + patience;
		left = until - clock_seconds();
		if (left <= 0)
			return false;
		poll(&fd, 1, (int)(left * 1000) + 1);
	}
}
