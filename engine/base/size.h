/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checked arithmetic on sizes. Everything that comes from a file goes through these before it sizes an
 * allocation or an offset. Each returns false, and leaves *out alone, when the result does not fit. */
#ifndef REVUE_BASE_SIZE_H
#define REVUE_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static inline bool size_add(size_t a, size_t b, size_t *out)
{
	size_t r;
	return !__builtin_add_overflow(a, b, &r) && ((void)(*out = r), true);
}

static inline bool size_multiply(size_t a, size_t b, size_t *out)
{
	size_t r;
	return !__builtin_mul_overflow(a, b, &r) && ((void)(*out = r), true);
}

static inline bool u64_add(uint64_t a, uint64_t b, uint64_t *out)
{
	uint64_t r;
	return !__builtin_add_overflow(a, b, &r) && ((void)(*out = r), true);
}

static inline bool u64_multiply(uint64_t a, uint64_t b, uint64_t *out)
{
	uint64_t r;
	return !__builtin_mul_overflow(a, b, &r) && ((void)(*out = r), true);
}

/* count elements of `size` bytes; NULL when the product overflows or memory is short. Zeroed. */
static inline void *size_calloc(size_t count, size_t size)
{
	return calloc(count ? count : 1, size ? size : 1);
}

/* realloc for count elements; NULL leaves `memory` as it was. */
static inline void *size_realloc(void *memory, size_t count, size_t size)
{
	size_t bytes;
	return size_multiply(count, size, &bytes) ? realloc(memory, bytes ? bytes : 1) : NULL;
}

#endif
