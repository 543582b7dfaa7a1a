/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool proc_read_text(const char *path, char *out, size_t capacity)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t got = 1;

	if (fd < 0)
		return false;
	while (got > 0 && size + 1 < capacity) {
		got = read(fd, out + size, capacity - 1 - size);
		if (got < 0 && errno == EINTR)
			got = 1;
		else
			size += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	out[size] = '\0';
	return got >= 0;
}

void proc_program_folder(char *out, size_t capacity)
{
	ssize_t size = readlink("/proc/self/exe", out, capacity - 1);
	char *slash;

	out[size > 0 ? size : 0] = '\0';
	slash = strrchr(out, '/');
	if (slash)
		*slash = '\0';
}
