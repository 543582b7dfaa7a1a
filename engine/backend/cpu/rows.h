/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Operations on rows and on flat arrays with our own kernels: rows of engine/backend/backend.h, and the scratch memory that they need
 * for rows of up to `features` columns. */
#ifndef REVUE_BACKEND_ROWS_H
#define REVUE_BACKEND_ROWS_H

#include "engine/backend/cpu/cpu.h"

bool cpu_reserve_rows(struct cpu *cpu, size_t features); /* false: no memory */

void cpu_activation_forward(struct backend *b, float *out, const float *pre, size_t count, enum activation activation);
void cpu_activation_backward(struct backend *b, float *dy, const float *pre, size_t count, enum activation activation);
void cpu_add(struct backend *b, float *out, const float *x, size_t count);
void cpu_dropout(struct backend *b, float *x, size_t count, struct dropout dropout);
void cpu_noise(struct backend *b, float *x, size_t count, struct noise noise);
void cpu_norm_forward(struct backend *b, float *out, float *sum, float *mean, float *rstd, const float *x,
                      const float *residual, const float *gamma, const float *beta, int32_t rows, int32_t columns,
                      float epsilon, struct dropout dropout);
void cpu_norm_backward(struct backend *b, float *dx, float *dresidual, float *dgamma, float *dbeta, const float *dout,
                       const float *sum, const float *mean, const float *rstd, const float *gamma, int32_t rows,
                       int32_t columns, struct dropout dropout);
void cpu_embedding_forward(struct backend *b, float *out, const float *word, const float *position, const float *type,
                           const int32_t *ids, const int32_t *positions, int32_t rows, int32_t columns);
void cpu_embedding_backward(struct backend *b, float *dword, float *dposition, float *dtype, const float *dout,
                            const int32_t *ids, const int32_t *positions, int32_t rows, int32_t columns);
void cpu_gather_rows(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count,
                     int32_t columns);
void cpu_scatter_rows_add(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count,
                          int32_t columns);

#endif
