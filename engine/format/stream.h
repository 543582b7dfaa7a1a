/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a part of a file from front to back, a few bytes at a time, never beyond its end. */
#ifndef REVUE_FORMAT_STREAM_H
#define REVUE_FORMAT_STREAM_H

#include "engine/error.h"

#include <stddef.h>
#include <stdint.h>

struct stream {
	int fd;           /* borrowed */
	const char *path; /* borrowed, for messages */
	uint64_t position, end;
	uint64_t buffered; /* position of buffer[0] */
	size_t filled;
	unsigned char buffer[1 << 16];
};

void stream_start(struct stream *stream, int fd, const char *path, uint64_t position, uint64_t end);

/* False, with "ends in the middle", when fewer than `size` bytes are left. */
bool stream_read(struct stream *stream, void *out, size_t size, struct error *error);

static inline uint64_t stream_left(const struct stream *stream)
{
	return stream->end - stream->position;
}

#endif
