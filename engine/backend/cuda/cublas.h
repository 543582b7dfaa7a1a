/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Matrix products by cuBLASLt, which is opened when the module is used and linked with nothing. What it was told of a shape is
 * kept, so that a step that computes what the last one did asks and allocates nothing. */
#ifndef REVUE_BACKEND_CUDA_CUBLAS_H
#define REVUE_BACKEND_CUDA_CUBLAS_H

#include "engine/backend/cuda/device.h"

/* c[rows, columns] = alpha * (a b) + (add ? c : 0) + bias of each column, all row-major; a and b are f32, or with `halves` of the
 * backend's 16 bits, the rest is f32:
 *
 *   a   [rows, inner]; transposed_a: it lies as [inner, rows]
 *   b   [inner, columns]; transposed_b: it lies as [columns, inner]
 *
 * with `stride` elements from a row of an array as it lies to the next. bias [columns] or NULL. */
struct product {
	int32_t rows, columns, inner;
	float alpha;
	const void *a, *b;
	const float *bias;
	float *c;
	bool transposed_a, transposed_b, add, halves;
	int32_t a_stride, b_stride, c_stride;
};
static_assert(sizeof(struct product) == 64, "no holes: tapes are compared");

/* Opens the library. False with one line. */
bool cublas_open(struct cuda *c, struct error *error);
void cublas_close(struct cuda *c);

/* Memory that products work in, taken once. */
bool cublas_reserve(struct cuda *c, struct error *error);

/* Adds up in f32, and multiplies so: in TF32 only where that is the backend's precision. The same call gives the same bits on the same device; a row may depend on how many there are. A
 * product without rows or columns is nothing, one without an inner side 0. */
void cublas_multiply(struct cuda *c, const struct product *product);

#endif
