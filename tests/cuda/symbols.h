/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The name of a function by its address, out of the table of symbols of the file that it came from: kernels are static, so
 * the loader does not know them. */
#ifndef REVUE_TESTS_CUDA_SYMBOLS_H
#define REVUE_TESTS_CUDA_SYMBOLS_H

#include <cstddef>

/* "?" where there is none. */
void symbol_name(const void *function, char *out, size_t capacity);

/* Whether `at` lies in the file that this function came from: its code, constants and variables. */
bool symbol_image_holds(const void *at);

#endif
