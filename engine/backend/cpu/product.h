/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The products of linear layers on our own kernels, and the scratch memory that they need for matrices of up to
 * `features` rows and columns. */
#ifndef REVUE_BACKEND_PRODUCT_H
#define REVUE_BACKEND_PRODUCT_H

#include "engine/backend/cpu/cpu.h"

bool cpu_reserve_products(struct cpu *cpu, size_t features); /* false: no memory */

uint64_t cpu_packed_bytes(struct backend *b, const struct matrix *w);
bool cpu_pack(struct backend *b, struct matrix *w);
void cpu_unpack(struct backend *b, struct matrix *w);
void cpu_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w,
                        const float *bias, int32_t rows, enum activation activation);
void cpu_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w, int32_t rows,
                               bool add);
void cpu_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x,
                                int32_t rows, int32_t out, int32_t in);
void cpu_lora_forward(struct backend *b, float *out, int32_t stride, float *t, const float *matrix, float scale,
                      int32_t rows, int32_t columns, int32_t rank);
void cpu_lora_backward(struct backend *b, float *dt, float *dmatrix, const float *dy, int32_t stride, const float *t,
                       const float *matrix, float scale, int32_t rows, int32_t columns, int32_t rank);

/* sums[columns] += the rows of x[rows, columns]. */
void cpu_sum_rows(struct cpu *cpu, float *sums, const float *x, size_t rows, size_t columns);

#endif
