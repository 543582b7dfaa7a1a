/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The path "cuda" of the tests of the operations: the module that REVUE_CUDA_MODULE names, on a device or emulated. Its
 * arrays come from memory that host and device may both touch, so that the tests are the same for every path. */
#ifndef REVUE_TESTS_OPS_CUDA_H
#define REVUE_TESTS_OPS_CUDA_H

#include "engine/backend/backend.h"

/* Skips the test, with a line, where there is no module or it finds no device. */
struct backend *ops_cuda_open(int threads);

/* Zeroed; freed by ops_cuda_free. NULL: no memory. */
float *ops_cuda_zeros(size_t count);
void ops_cuda_free(void *memory);

/* Until the device has done all that was asked of it; fails the test where it failed. */
void ops_cuda_wait(void);

/* The operations that the module's table lacks, one after the other with a blank between; "" when it is whole. */
const char *ops_cuda_missing(void);

#endif
