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

/* steps.cu */
void cuda_step_begin(struct backend *b, uint64_t counter);
uint64_t cuda_step_end(struct backend *b);
void cuda_fetch(struct backend *b, void *host, const void *device, size_t bytes);
bool cuda_settle(struct backend *b, uint64_t step);
int32_t cuda_row_step(struct backend *b, int32_t rows);

/* halves.cu */
uint64_t cuda_packed_bytes(struct backend *b, const struct matrix *w);
bool cuda_pack(struct backend *b, struct matrix *w);
void cuda_unpack(struct backend *b, struct matrix *w);
size_t cuda_product_scratch(const struct cuda *c, const struct backend_needs *needs);

/* four_bits.cu: weights in four bits as floats, or as a copy in 16 bits where that is the backend's precision. */
void cuda_dequantise(struct cuda *c, void *out, const struct matrix *w);

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

/* reserve.cu. Scratch and staging memory for calls of up to these sizes; what was there stays where it fails. */
uint64_t cuda_reserve_bytes(struct backend *b, const struct backend_needs *needs);
bool cuda_reserve_memory(struct cuda *c, const struct backend_needs *needs, struct error *error);

/* Bytes that operations want of scratch or of staging memory for calls of these sizes, each in its file; SIZE_MAX where no
 * machine has them. */
static inline size_t cuda_bytes(size_t count, size_t size)
{
	return count > SIZE_MAX / size ? SIZE_MAX : count * size;
}

size_t cuda_norm_scratch(const struct backend_needs *needs);
size_t cuda_embedding_staging(const struct backend_needs *needs);
size_t cuda_loss_staging(const struct backend_needs *needs);
size_t cuda_attention_scratch(const struct backend_needs *needs);
size_t cuda_attention_staging(const struct backend_needs *needs);
size_t cuda_optimizer_scratch(const struct backend_needs *needs);
size_t cuda_adafactor_scratch(const struct backend_needs *needs);
size_t cuda_four_bits_scratch(const struct backend_needs *needs);

/* elements.cu */
void cuda_activation_forward(struct backend *b, float *out, const float *pre, size_t count, enum activation activation);
void cuda_activation_backward(struct backend *b, float *dy, const float *pre, size_t count, enum activation activation);
void cuda_add(struct backend *b, float *out, const float *x, size_t count);
void cuda_dropout(struct backend *b, float *x, size_t count, struct dropout dropout);
void cuda_noise(struct backend *b, float *x, size_t count, struct noise noise);

/* norm.cu */
void cuda_norm_forward(struct backend *b, float *out, float *sum, float *mean, float *rstd, const float *x,
                       const float *residual, const float *gamma, const float *beta, int32_t rows, int32_t columns,
                       float epsilon, struct dropout dropout);
void cuda_norm_backward(struct backend *b, float *dx, float *dresidual, float *dgamma, float *dbeta, const float *dout,
                        const float *sum, const float *mean, const float *rstd, const float *gamma, int32_t rows,
                        int32_t columns, struct dropout dropout);
/* out[column] += the sum of x over the rows, in an order that depends on their number alone. Takes the scratch memory. */
void cuda_sum_columns(struct cuda *c, float *out, const float *x, int32_t rows, int32_t columns);

/* rows.cu */
void cuda_gather_rows(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count, int32_t columns);
void cuda_scatter_rows_add(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count,
                           int32_t columns);
void cuda_embedding_forward(struct backend *b, float *out, const float *word, const float *position, const float *type,
                            const int32_t *ids, const int32_t *positions, int32_t rows, int32_t columns);

/* embedding.cu */
void cuda_embedding_backward(struct backend *b, float *dword, float *dposition, float *dtype, const float *dout,
                             const int32_t *ids, const int32_t *positions, int32_t rows, int32_t columns);

/* pooling.cu */
void cuda_pooling_forward(struct backend *b, float *out, const float *x, const struct packing *groups, int32_t columns,
                          enum pooling pooling);
void cuda_pooling_backward(struct backend *b, float *dx, const float *dout, const float *x, const struct packing *groups,
                           int32_t columns, enum pooling pooling);

/* losses.cu */
void cuda_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits, const int32_t *labels,
                        int32_t rows, int32_t columns, const struct loss *how);
void cuda_binary_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits, const float *targets,
                               int32_t rows, int32_t columns, const struct loss *how);
void cuda_soften(struct backend *b, float *loss, float *dlogits, const float *logits, const float *targets, const float *shares,
                 int32_t rows, int32_t columns, const struct soft_loss *how);

/* relations.cu */
void cuda_relate(struct backend *b, float *loss, float *da, float *db, float *work, const float *a, const float *other,
                 const float *teacher_a, const float *teacher_b, const struct relation *how);
void cuda_imitate(struct backend *b, float *loss, float *dx, const float *x, const float *teacher, const struct packing *tokens,
                  int32_t columns, const struct imitation_loss *how);

/* attention.cu */
void cuda_attention_forward(struct backend *b, float *out, float *lse, const float *q, const float *k, const float *v,
                            const struct attention *a);
void cuda_attention_backward(struct backend *b, float *dq, float *dk, float *dv, const float *dout, const float *out,
                             const float *lse, const float *q, const float *k, const float *v, const struct attention *a);

/* optimize.cu */
void cuda_clip(struct backend *b, struct clipping *clipping, const struct segment *segments, size_t count, double limit,
               double loss_scale);
void cuda_adamw(struct backend *b, const struct segment *segments, size_t count, const struct adamw *a);
void cuda_sgd(struct backend *b, const struct segment *segments, size_t count, const struct sgd *how);
void cuda_lion(struct backend *b, const struct segment *segments, size_t count, const struct lion *l);

/* adafactor.cu */
void cuda_adafactor(struct backend *b, const struct segment *segments, size_t count, const struct adafactor *a);

#endif
