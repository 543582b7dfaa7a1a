/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/wake.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct wake {
	int fd;
};

struct wake *wake_new(struct error *error)
{
	struct wake *wake = malloc(sizeof *wake);

	if (!wake) {
		error_memory(error, "making a wake-up descriptor");
		return NULL;
	}
	wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake->fd < 0) {
		error_errno(error, "make", "eventfd");
		free(wake);
		return NULL;
	}
	return wake;
}

void wake_free(struct wake *wake)
{
	if (!wake)
		return;
	close(wake->fd);
	free(wake);
}

int wake_fd(const struct wake *wake)
{
	return wake->fd;
}

void wake_signal(struct wake *wake)
{
	const uint64_t one = 1;

	/* Cannot fail usefully: EAGAIN means that the counter is full, so the reader wakes anyway. */
	if (wake && write(wake->fd, &one, sizeof one) < 0)
		return;
}

void wake_clear(struct wake *wake)
{
	uint64_t count;

	if (read(wake->fd, &count, sizeof count) < 0)
		return;
}
