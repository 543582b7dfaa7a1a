/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the CPU backend share. Private to this folder and its tests. */
#ifndef REVUE_BACKEND_CPU_H
#define REVUE_BACKEND_CPU_H

#include "engine/backend/backend.h"
#include "engine/backend/cpu/kernels.h"
#include "engine/base/pool.h"
#include "engine/base/random.h"

#include <assert.h>

/* What a call may ask for, as taken by `reserve`. */
struct cpu_sizes {
	int32_t features, longest, head_size;
};

/* One open backend. The scratch memory belongs to it and is only used inside of a call. */
struct cpu {
	struct backend base;
	struct pool *pool;
	const struct kernels *kernels; /* of the processor, or the generic ones */
	struct openblas *openblas;     /* openblas.c: the library, on its path */
	struct cpu_sizes sizes;
	float *columns, *rows; /* product.c: packed operands */
	float *worker;         /* attention.c, reference.c: worker_size floats for each thread */
	size_t worker_size;
	float *partials;       /* rows.c: sums of normalisation gradients */
	float *squares;        /* rows.c: doubles, sums of a squared norm */
	float *masks;          /* rows.c: mask_size words for each thread */
	size_t mask_size;
};

static inline struct cpu *cpu_of(struct backend *backend)
{
	return (struct cpu *)backend;
}

static inline int32_t packing_rows(const struct packing *packing)
{
	return packing->starts[packing->sequences];
}

/* Dropout (backend.h): of 16 bits, those below the threshold are dropped. */
static inline uint32_t dropout_threshold(const struct dropout *dropout)
{
	float threshold = dropout->p * 0x1p16f + 0.5f;

	return threshold >= 0x1p16f ? 0xFFFF : threshold > 0 ? (uint32_t)threshold : 0;
}

static inline float dropout_scale(const struct dropout *dropout)
{
	return 0x1p16f / (0x1p16f - (float)dropout_threshold(dropout));
}

/* The first element of row `row` of the probabilities of (sequence, head): see struct attention. */
static inline uint64_t attention_element(const struct attention *a, int32_t sequence, int32_t head, int32_t row)
{
	return ((uint64_t)((int64_t)sequence * a->heads + head) << 20 | (uint64_t)row) << 20;
}

/* memory.c. `regrow` makes room for count * unit floats; what was there is lost when it moves. */
void *cpu_alloc(struct backend *backend, size_t bytes);
void cpu_release(struct backend *backend, void *memory);
bool cpu_regrow(float **memory, size_t count, size_t unit);
void cpu_copy(struct backend *backend, void *to, const void *from, size_t bytes);
void cpu_zero(struct backend *backend, void *memory, size_t bytes);
void cpu_sync(struct backend *backend);

/* cpu.c */
void cpu_close(struct backend *backend);
bool cpu_reserve(struct backend *b, int32_t rows, int32_t features, int32_t longest, int32_t head_size);
struct backend *cpu_open_with(const struct backend_operations *operations, const struct kernels *kernels, int threads,
                              struct error *error);

/* The scratch memory of each file. */
bool cpu_reserve_products(struct cpu *cpu, size_t features);
bool cpu_reserve_attention(struct cpu *cpu, size_t longest, size_t head_size);
bool cpu_reserve_rows(struct cpu *cpu, size_t features);
bool cpu_reserve_reference(struct cpu *cpu, size_t longest);

extern const struct backend_operations cpu_reference_operations;

/* product.c */
bool cpu_pack(struct backend *b, struct matrix *w);
void cpu_unpack(struct backend *b, struct matrix *w);
void cpu_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w,
                        const float *bias, int32_t rows, enum activation activation);
void cpu_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w, int32_t rows,
                               bool add);
void cpu_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x,
                                int32_t rows, int32_t out, int32_t in);

/* openblas.c */
bool openblas_open(struct cpu *cpu, struct error *error); /* sets cpu->openblas */
void openblas_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w,
                             const float *bias, int32_t rows, enum activation activation);
void openblas_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w,
                                    int32_t rows, bool add);
void openblas_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x,
                                     int32_t rows, int32_t out, int32_t in);

/* attention.c */
void cpu_attention_forward(struct backend *b, float *out, float *lse, const float *q, const float *k, const float *v,
                           const struct attention *a);
void cpu_attention_backward(struct backend *b, float *dq, float *dk, float *dv, const float *dout, const float *out,
                            const float *lse, const float *q, const float *k, const float *v,
                            const struct attention *a);

/* rows.c */
void cpu_activation_forward(struct backend *b, float *out, const float *pre, size_t count, enum activation activation);
void cpu_activation_backward(struct backend *b, float *dy, const float *pre, size_t count, enum activation activation);
void cpu_add(struct backend *b, float *out, const float *x, size_t count);
void cpu_dropout(struct backend *b, float *x, size_t count, struct dropout dropout);
double cpu_squared_norm(struct backend *b, const float *x, size_t count);
void cpu_adamw(struct backend *b, float *p, float *m, float *v, const float *gradient, size_t count,
               const struct adamw *a);
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

/* reference.c: a few rows, on every path */
void cpu_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits, const int32_t *labels,
                       int32_t rows, int32_t columns, float scale);

#endif
