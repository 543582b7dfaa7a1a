/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tests of the numeric operations share: the paths of the CPU backend, one after the other, arrays of
 * random numbers, and comparisons that say how far off a result is. */
#ifndef REVUE_TESTS_OPS_H
#define REVUE_TESTS_OPS_H

#include "tests/unit/check.h"

#include "engine/backend/backend.h"

#define OPS_PATHS 6
extern const char *const ops_paths[OPS_PATHS]; /* REVUE_CPU's words, "wide" (kernels_wide.c), "cuda" (ops_cuda.h) */

/* A backend on a path; skips the test where the processor lacks it. The caller closes it. An operation that a backend
 * lacks skips the test that calls it, with a line that names it. */
struct backend *ops_open(const char *path, int threads);

/* One that computes in this precision, for calls of up to 512 rows and 640 columns. */
struct backend *ops_open_in(enum precision precision, const char *path, int threads);

/* Memory that lives until ops_forget: the host's, which a device may touch too where that is the path of the test. */
float *ops_zeros(size_t count);
float *ops_random(size_t count, float deviation, uint32_t stream); /* normal, the same for the same arguments */
float *ops_copy(const float *values, size_t count);
void ops_forget(void);

/* What `clip` would leave behind that scales gradients so, and what it makes of these segments. */
const struct clipping *ops_clipping(float scale);
struct clipping ops_clip(struct backend *b, const struct segment *segments, size_t count, double limit);

/* Fails when got is not finite, or off by more than `tolerance` as a relative norm, or anywhere by more than ten
 * times that of the largest value. */
void ops_close(const char *what, const float *got, const float *want, size_t count, double tolerance);
void ops_same(const char *what, const float *got, const float *want, size_t count); /* to the bit */

/* Tests named "PATH: NAME" for every path, or for REVUE_TEST_PATH alone; check(path) is the body. "cuda" is among them where
 * REVUE_CUDA_MODULE or REVUE_TEST_PATH names it. */
struct ops_test {
	const char *name;
	void (*check)(const char *path);
};
int ops_run(const char *group, const struct ops_test *tests, size_t count);

#endif
