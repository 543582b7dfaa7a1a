/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The products of linear layers by OpenBLAS: rows of engine/backend/backend.h. */
#ifndef REVUE_BACKEND_OPENBLAS_H
#define REVUE_BACKEND_OPENBLAS_H

#include "engine/backend/cpu/cpu.h"

/* Loads the library and sets cpu->openblas. */
bool openblas_open(struct cpu *cpu, struct error *error);

/* OpenBLAS in words: version, core and flavour, or why it cannot be opened. It is opened to be asked. */
void backend_cpu_blas(char *out, size_t capacity);

void openblas_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w,
                             const float *bias, int32_t rows, enum activation activation);
void openblas_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w,
                                    int32_t rows, bool add);
void openblas_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x,
                                     int32_t rows, int32_t out, int32_t in);

#endif
