/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A growing run of bytes that carries its own maximum: growth beyond it fails like a lack of memory. Start with
 * {.maximum = N}; free data with buffer_free. */
#ifndef REVUE_BASE_BUFFER_H
#define REVUE_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
	char *data; /* owned; has room for a NUL after size */
	size_t size, capacity, maximum;
};

/* One that never grows beyond `room`, which stays the caller's: nothing is to be freed. */
static inline struct buffer buffer_of(char *room, size_t size)
{
	return (struct buffer){.data = room, .capacity = size, .maximum = size - 1};
}

bool buffer_reserve(struct buffer *buffer, size_t more);
bool buffer_add(struct buffer *buffer, const void *data, size_t size);
bool buffer_add_byte(struct buffer *buffer, char byte);
bool buffer_add_text(struct buffer *buffer, const char *text);
bool buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_free(struct buffer *buffer);

#endif
