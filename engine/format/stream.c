/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/stream.h"

#include "engine/base/file.h"

#include <string.h>

void stream_start(struct stream *stream, int fd, const char *path, uint64_t position, uint64_t end)
{
	stream->fd = fd;
	stream->path = path;
	stream->position = stream->buffered = position;
	stream->end = end;
	stream->filled = 0;
}

static bool refill(struct stream *stream, struct error *error)
{
	uint64_t left = stream_left(stream);
	size_t size = left < sizeof stream->buffer ? (size_t)left : sizeof stream->buffer;

	if (!file_read_at(stream->fd, stream->buffer, size, stream->position, stream->path, error))
		return false;
	stream->buffered = stream->position;
	stream->filled = size;
	return true;
}

bool stream_read(struct stream *stream, void *out, size_t size, struct error *error)
{
	unsigned char *to = out;

	RETURN_IF(size > stream_left(stream), error, ERROR_DATA, "ends in the middle: download it again");
	while (size > 0) {
		size_t used = (size_t)(stream->position - stream->buffered), part = stream->filled - used;
		if (part == 0) {
			if (!refill(stream, error))
				return false;
			continue;
		}
		if (part > size)
			part = size;
		memcpy(to, stream->buffer + used, part);
		to += part;
		size -= part;
		stream->position += part;
	}
	return true;
}
