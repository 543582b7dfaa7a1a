/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The allocator, of which one call can be made to fail. A program that includes this is linked with $(failing_allocations)
 * of Makefile.am, which puts __wrap_* in its place; what Jansson allocates comes here after
 * json_set_alloc_funcs(__wrap_malloc, free). Set `failed` to false, `allowed` to a number, and that to -1 after the work. */
#ifndef REVUE_TESTS_UNIT_FAILING_ALLOCATIONS_H
#define REVUE_TESTS_UNIT_FAILING_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);

static long allowed = -1; /* allocations until one fails; -1: none does */
static bool failed;       /* one did */

static bool fails_now(void)
{
	if (allowed < 0 || allowed-- > 0)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return fails_now() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text)
{
	return fails_now() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
	return fails_now() ? NULL : __real_strndup(text, size);
}

#endif
