/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/file_watch.h"

#include "engine/clock.h"

#include <sys/inotify.h>
#include <unistd.h>

void file_watch_open(struct file_watch *watch, const char *path)
{
	const uint32_t events = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;

	file_watch_close(watch);
	*watch = (struct file_watch){true, inotify_init1(IN_NONBLOCK | IN_CLOEXEC), clock_seconds()};
	if (watch->fd >= 0 && inotify_add_watch(watch->fd, path, events) < 0) {
		close(watch->fd);
		watch->fd = -1;
	}
}

void file_watch_close(struct file_watch *watch)
{
	if (watch->active && watch->fd >= 0)
		close(watch->fd);
	*watch = (struct file_watch){.fd = -1};
}

bool file_watch_take(struct file_watch *watch)
{
	char events[4096];
	bool any = false;

	if (!watch->active)
		return false;
	if (watch->fd < 0) {
		any = clock_seconds() - watch->last >= FILE_WATCH_MS / 1000.0;
		watch->last = any ? clock_seconds() : watch->last;
		return any;
	}
	while (read(watch->fd, events, sizeof events) > 0)
		any = true;
	return any;
}
