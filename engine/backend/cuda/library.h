/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NVIDIA's libraries that the module opens when it is used, so that it loads without them. */
#ifndef REVUE_BACKEND_CUDA_LIBRARY_H
#define REVUE_BACKEND_CUDA_LIBRARY_H

#include <cstddef>

/* The first of the names (the last is NULL) that is there: in the module's own folder, then where the system looks. It stays
 * open. NULL: none. */
void *library_open(const char *const *names);

/* A function's place in a struct of pointers to functions, and its name. */
struct library_function {
	size_t offset;
	const char *name;
};

/* Fills the struct. NULL, or the name of a function that the library lacks. */
template <size_t COUNT>
const char *library_fill(void *library, const struct library_function (&functions)[COUNT], void *pointers);
const char *library_fill_all(void *library, const struct library_function *functions, size_t count, void *pointers);

template <size_t COUNT>
const char *library_fill(void *library, const struct library_function (&functions)[COUNT], void *pointers)
{
	return library_fill_all(library, functions, COUNT, pointers);
}

#endif
