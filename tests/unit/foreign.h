/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Backends for tests. A program that links foreign.c with --wrap=backend_open gets, where REVUE_TEST_BACKEND=foreign is
 * set, the foreign backend for every model that it opens: the reference operations over memory that the host cannot
 * touch, as that of a device. A stray dereference ends the program, and so does a pointer of the host where one
 * of the device belongs or the other way round. With REVUE_TEST_BACKEND=cuda its models are on the CUDA backend, of the
 * module that REVUE_CUDA_MODULE names. */
#ifndef REVUE_TESTS_FOREIGN_H
#define REVUE_TESTS_FOREIGN_H

#include "engine/backend/backend.h"

struct backend *foreign_open(int threads, struct error *error);

/* Whether the models of this program are on the foreign backend. */
bool foreign_wanted(void);

/* Makes the device of every backend that is opened from now on fail when `status` or `settle` is asked for the n-th time in all;
 * 0: it never fails. Any backend of a program that was linked so. */
void foreign_fail_at(int n);

/* Makes every backend that is opened from now on say that it has so many bytes left; 0: what it has. */
void foreign_limit_memory(uint64_t bytes);

#endif
