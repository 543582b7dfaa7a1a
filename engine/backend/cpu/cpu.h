/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One open CPU backend, whatever its path. Private to this folder and its tests. */
#ifndef REVUE_BACKEND_CPU_H
#define REVUE_BACKEND_CPU_H

#include "engine/backend/backend.h"
#include "engine/backend/cpu/kernels.h"
#include "engine/base/pool.h"

/* The weights that products compute with, on every path. */
#define CPU_TYPES (MATRIX_BIT(MATRIX_F32) | MATRIX_BIT(MATRIX_NF4) | MATRIX_BIT(MATRIX_FP4))

#define CPU_ROUNDED 4 /* arrays of activations that an operation reads: q, k, v, dout */

/* What torch and accelerate compute in on a processor: there f16 and TF32 are f32. */
#define CPU_PRECISIONS (PRECISION_BIT(PRECISION_F32) | PRECISION_BIT(PRECISION_BF16))

/* What a call may ask for, as taken by `reserve`. */
struct cpu_sizes {
	int32_t rows, features, longest, head_size;
	uint64_t numbers; /* of the largest array that a product reads */
};

/* The scratch memory belongs to it and is only used inside of a call. */
struct cpu {
	struct backend base;           /* with the pool */
	const struct kernels *kernels; /* of the processor, or the generic ones */
	struct openblas *openblas;     /* openblas.c: the library, on its path */
	struct cpu_sizes sizes;
	float *columns, *rows; /* product.c: packed operands */
	float *panels;         /* product.c: weights in four bits as floats, a panel for each thread */
	float *worker;         /* attention.c, reference.c: worker_size floats for each thread */
	size_t worker_size;
	float *partials;       /* rows.c: sums of normalisation gradients */
	float *masks;          /* rows.c: mask_size words for each thread */
	size_t mask_size;
	float *squares;        /* optimize.c: doubles, sums of a squared norm */

	/* precision.c, of a precision of 16 bits: the path's own table and the one in use, which rounds before it asks that; and
	 * what was rounded, of activations and of a matrix of weights. */
	const struct backend_operations *exact;
	struct backend_operations rounding;
	float *rounded[CPU_ROUNDED], *rounded_weights;
};

static inline struct cpu *cpu_of(struct backend *backend)
{
	return (struct cpu *)backend;
}

/* Threads of a backend's pool: `wanted`, or of 0 as many as are of use. */
int cpu_threads(int wanted);

/* A backend with its pool and without scratch memory; NULL with one line. threads 0: as many as there are processors, at
 * most 64. */
struct backend *cpu_open_with(const struct backend_operations *operations, const struct kernels *kernels, int threads,
                              struct error *error);
void cpu_close(struct backend *backend);

/* The sizes that were reserved, or those of the needs where they are larger. */
struct cpu_sizes cpu_larger_sizes(const struct cpu *cpu, const struct backend_needs *needs);

bool cpu_status(struct backend *backend, struct error *error); /* the processor does not fail */

/* Of the paths that pack nothing. */
uint64_t cpu_packed_nothing(struct backend *b, const struct matrix *w);
bool cpu_pack_nothing(struct backend *b, struct matrix *w);
void cpu_unpack_nothing(struct backend *b, struct matrix *w);

#endif
