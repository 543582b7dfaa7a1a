/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The operations of engine/backend/backend.h on the device, by the file that holds them; entry.cu makes the table. */
#ifndef REVUE_BACKEND_CUDA_OPERATIONS_H
#define REVUE_BACKEND_CUDA_OPERATIONS_H

#include "engine/backend/cuda/device.h"

/* memory.cu */
void *cuda_alloc(struct backend *b, size_t bytes);
void cuda_release(struct backend *b, void *memory);
void cuda_upload(struct backend *b, void *device, const void *host, size_t bytes);
void cuda_download(struct backend *b, void *host, const void *device, size_t bytes);
void cuda_zero(struct backend *b, void *device, size_t bytes);
void cuda_sync(struct backend *b);
uint64_t cuda_memory_available(struct backend *b);
bool cuda_status(struct backend *b, struct error *error);

/* Of nothing that is packed. */
uint64_t cuda_packed_bytes(struct backend *b, const struct matrix *w);
bool cuda_pack(struct backend *b, struct matrix *w);
void cuda_unpack(struct backend *b, struct matrix *w);

/* four_bits.cu: the weights as floats, where they lie or in scratch memory; NULL after a failure. */
const float *cuda_floats_of(struct cuda *c, const struct matrix *w);
size_t cuda_four_bits_scratch(const struct backend_needs *needs);

/* linear.cu */
void cuda_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w, const float *bias,
                         int32_t rows, enum activation activation);
void cuda_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w, int32_t rows, bool add);
void cuda_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x, int32_t rows,
                                 int32_t out, int32_t in);
void cuda_lora_forward(struct backend *b, float *out, int32_t stride, float *t, const float *matrix, float scale, int32_t rows,
                       int32_t columns, int32_t rank);
void cuda_lora_backward(struct backend *b, float *dt, float *dmatrix, const float *dy, int32_t stride, const float *t,
                        const float *matrix, float scale, int32_t rows, int32_t columns, int32_t rank);

/* out[columns] += the sums of the columns of x */
void cuda_sum_columns(struct cuda *c, float *out, const float *x, int32_t rows, int32_t columns);

/* elements.cu */
void cuda_activation_forward(struct backend *b, float *out, const float *pre, size_t count, enum activation activation);
void cuda_activation_backward(struct backend *b, float *dy, const float *pre, size_t count, enum activation activation);
void cuda_add(struct backend *b, float *out, const float *x, size_t count);

#endif
