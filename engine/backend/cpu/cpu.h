/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the CPU backend share. Private to this folder and its tests. */
#ifndef REVUE_BACKEND_CPU_H
#define REVUE_BACKEND_CPU_H

#include "engine/backend/backend.h"
#include "engine/base/pool.h"
#include "engine/base/random.h"

#include <assert.h>

/* Sizes that calls may have, as taken by `reserve`. */
struct cpu_sizes {
	int32_t rows, features, longest, head_size;
};

struct cpu {
	struct backend base;
	struct pool *pool;
	struct cpu_sizes sizes;
	double *row; /* reference: [2][longest] */
};

extern const struct backend_operations cpu_reference_operations;
extern const struct backend_operations cpu_openblas_operations;

static inline struct cpu *cpu_of(struct backend *backend)
{
	return (struct cpu *)backend;
}

static inline int32_t packing_rows(const struct packing *packing)
{
	return packing->starts[packing->sequences];
}

/* Dropout (backend.h): bits below the threshold are dropped. */
static inline uint32_t dropout_threshold(const struct dropout *dropout)
{
	double threshold = (double)dropout->p * 0x1p32;

	return threshold >= 0x1p32 ? UINT32_MAX : (uint32_t)threshold + ((double)(uint32_t)threshold < threshold);
}

static inline float dropout_scale(const struct dropout *dropout)
{
	return dropout->p < 1 ? 1 / (1 - dropout->p) : 0;
}

static inline bool dropout_keeps(const struct dropout *dropout, uint64_t element)
{
	uint32_t counter[4] = {(uint32_t)(element >> 2), (uint32_t)(element >> 34), dropout->site,
	                       (uint32_t)dropout->step};
	uint32_t bits[4];

	philox(dropout->seed, counter, bits);
	return bits[element & 3] >= dropout_threshold(dropout);
}

/* The first element of row `row` of the probabilities of (sequence, head): see struct attention. */
static inline uint64_t attention_element(const struct attention *a, int32_t sequence, int32_t head, int32_t row)
{
	return ((uint64_t)((int64_t)sequence * a->heads + head) << 20 | (uint64_t)row) << 20;
}

/* reference.c */
void cpu_close(struct backend *backend);
void cpu_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits, const int32_t *labels,
                       int32_t rows, int32_t columns, float scale);

/* openblas.c */
void openblas_prepare(void);
void openblas_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w,
                             const float *bias, int32_t rows, enum activation activation);
void openblas_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w,
                                    int32_t rows, bool add);
void openblas_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x,
                                     int32_t rows, int32_t out, int32_t in);

/* memory.c: what every CPU path uses. */
void *cpu_alloc(struct backend *backend, size_t bytes);
void cpu_release(struct backend *backend, void *memory);
void cpu_copy(struct backend *backend, void *to, const void *from, size_t bytes);
void cpu_zero(struct backend *backend, void *memory, size_t bytes);
void cpu_sync(struct backend *backend);

#endif
