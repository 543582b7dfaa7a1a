/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Borrowed bytes. A span never owns: it dies with the buffer it points into, which the function that
 * returns one names. It may hold any bytes, NUL included, and has no terminator. */
#ifndef REVUE_ENGINE_SPAN_H
#define REVUE_ENGINE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *data;
	size_t size;
};

static inline struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static inline bool span_equal(struct span a, struct span b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool span_ends_with(struct span text, const char *end)
{
	size_t size = strlen(end);

	return text.size >= size && memcmp(text.data + text.size - size, end, size) == 0;
}

static inline bool text_ends_with(const char *text, const char *end)
{
	return span_ends_with(span_of(text), end);
}

/* The beginning of UTF-8, at most `size` bytes and no half a character. */
static inline struct span span_prefix(struct span text, size_t size)
{
	if (text.size <= size)
		return text;
	while (size > 0 && ((unsigned char)text.data[size] & 0xC0) == 0x80)
		size--;
	return (struct span){text.data, size};
}

#endif
