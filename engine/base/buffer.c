/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/buffer.h"

#include "engine/base/size.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t needed, capacity;
	char *data;

	if (!size_add(buffer->size, more, &needed) || needed > buffer->maximum || needed > SIZE_MAX / 4)
		return false;
	if (needed < buffer->capacity)
		return true;
	capacity = buffer->capacity < 64 ? 64 : buffer->capacity;
	while (capacity <= needed)
		capacity = capacity > buffer->maximum / 2 ? buffer->maximum + 1 : capacity * 2;
	data = realloc(buffer->data, capacity);
	if (!data)
		return false;
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

bool buffer_add(struct buffer *buffer, const void *data, size_t size)
{
	if (!buffer_reserve(buffer, size))
		return false;
	if (size > 0)
		memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
	return true;
}

bool buffer_add_byte(struct buffer *buffer, char byte)
{
	return buffer_add(buffer, &byte, 1);
}

bool buffer_add_text(struct buffer *buffer, const char *text)
{
	return buffer_add(buffer, text, strlen(text));
}

bool buffer_format(struct buffer *buffer, const char *format, ...)
{
	va_list arguments, again;
	int length;
	bool done = false;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	if (length >= 0 && buffer_reserve(buffer, (size_t)length)) {
		vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, again);
		buffer->size += (size_t)length;
		done = true;
	}
	va_end(again);
	va_end(arguments);
	return done;
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	buffer->data = NULL;
	buffer->size = buffer->capacity = 0;
}
