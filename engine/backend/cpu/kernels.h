/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What one instruction set does for the CPU backend: rows and tiles, on one thread. kernels_generic.c, kernels_avx2.c
 * and kernels_avx512.c fill the same table from the same sources (lanes*.h), with vectors of 4, 8 and 16 floats. */
#ifndef REVUE_BACKEND_KERNELS_H
#define REVUE_BACKEND_KERNELS_H

#include "engine/backend/backend.h"

#include <stddef.h>
#include <stdint.h>

#define TILE_ROWS 6 /* rows of the result that one tile keeps in registers */

/* c[m, n] = start + a b, for one block of k.
 *
 * a    element (i, j) at a[i / TILE_ROWS * a_strip + i % TILE_ROWS * a_row + j * a_k]: any matrix in place (then
 *      a_strip is TILE_ROWS * a_row), or what pack_rows wrote
 * b    what pack_columns wrote for these n columns
 * start is c when `add`, else bias[n], else 0.
 *
 * Each element of c is one chain of multiply-adds over k from 0, then added to start: it depends on its row of a
 * and its column of b, never on m, n or its place. */
struct product {
	const float *a, *b, *bias;
	float *c;
	size_t a_strip, a_row, a_k, c_row;
	size_t m, n, k;
	bool add;
};

/* What is the same for all elements of a segment. */
struct adamw_factors {
	float decay, one_minus_beta1, beta2, one_minus_beta2, step, root, epsilon, gradient_scale;
};
struct sgd_factors {
	float decay, momentum, fresh, step, gradient_scale; /* fresh: what the gradient counts in the momentum */
	bool nesterov;
};
struct lion_factors {
	float decay, beta1, one_minus_beta1, beta2, one_minus_beta2, step, gradient_scale;
};

/* A matrix in four bits, as engine/backend/backend.h says; what its codes mean. */
struct four_bits {
	const uint8_t *data;
	const float *codes; /* [16] */
	size_t columns;
	size_t part_rows, part_bytes, scales_at; /* of each of its parts */
};

#define CODE_STEPS 8 /* rows of b in a unit of codes */

/* b[k, n] of a product in four bits, for one block of k: for each panel of `width` columns its scales, then its codes.
 * Column i of a panel's start lies at bytes + i * column_bytes.
 *
 * scales  float [scale_rows][width]: row j of b has those of row (offset + j) / 2^group_bits; offset is a multiple of 4,
 *         2^group_bits at least CODE_STEPS
 * codes   [k / CODE_STEPS, rounded up][width / lanes] units as pack_unit writes them, lanes * CODE_STEPS / 2 bytes each */
struct code_panels {
	const uint8_t *bytes;
	const float *codes; /* [16] */
	size_t column_bytes, scale_rows, group_bits, offset;
	float *panel;       /* scratch memory for a panel in floats, k rounded up to CODE_STEPS */
};

struct kernels {
	const char *name;
	size_t lanes; /* floats in a vector; packed columns are rounded up to it */
	size_t panel; /* columns of a full panel, a multiple of lanes */

	/* Columns of b[k, n] (element (j, i) at b[j * b_k + i * b_n], one of the strides 1) as panels, k-major, the last
	 * one narrower and filled up with zeros: column i of a panel's start lies at out + i * k. */
	void (*pack_columns)(float *out, const float *b, size_t b_k, size_t b_n, size_t k, size_t n);
	/* The elements of `rows` rows from row `row` on, `columns` of each from column `column` on: out[r * out_row + c]. */
	void (*dequantise)(float *out, size_t out_row, const struct four_bits *w, size_t row, size_t rows, size_t column,
	                   size_t columns);
	/* Rows of a[m, k] (element (i, j) at a[i + j * a_k]) as strips of TILE_ROWS, k-major. */
	void (*pack_rows)(float *out, const float *a, size_t a_k, size_t m, size_t k);
	void (*product)(const struct product *p);
	/* The codes of CODE_STEPS rows of a vector of columns, as bitsandbytes stores them: four bytes a column. */
	void (*pack_unit)(uint8_t *out, const uint8_t *bytes);
	/* The same product with b in four bits, to the bit: w instead of p->b. k is a multiple of 4. */
	void (*product_codes)(const struct product *p, const struct code_panels *w);

	void (*activation_forward)(float *out, const float *pre, size_t count, enum activation activation);
	void (*activation_backward)(float *dy, const float *pre, size_t count, enum activation activation);
	void (*add)(float *out, const float *x, size_t count);
	float (*dot)(const float *x, const float *y, size_t count);
	double (*squared_norm)(const float *x, size_t count);
	void (*adamw)(float *p, float *m, float *v, const float *gradient, size_t count,
	              const struct adamw_factors *factors);
	void (*sgd)(float *p, float *m /* NULL: no momentum */, const float *gradient, size_t count,
	            const struct sgd_factors *factors);
	void (*lion)(float *p, float *m, const float *gradient, size_t count, const struct lion_factors *factors);

	/* Of a row of a matrix, for adafactor: sums[i] += x[i]^2;  the sum of the squares of u = x * (row * column[i]);
	 * p = p * decay - step * u. */
	void (*add_squares)(double *sums, const float *x, size_t count);
	double (*factored_norm)(const float *x, const float *column, float row, size_t count);
	void (*factored_step)(float *p, const float *x, const float *column, float row, size_t count, float decay, float step);

	/* x[i] += the noise of element first + i; first is a multiple of 4. */
	void (*noise)(float *x, uint64_t first, size_t count, const struct noise *noise);

	/* All ones where element first + i is kept, else 0. */
	void (*dropout_mask)(uint32_t *mask, uint64_t first, size_t count, const struct dropout *dropout);
	/* x[i] = mask[i] ? x[i] * scale : 0 */
	void (*dropout_apply)(float *x, const uint32_t *mask, size_t count, float scale);

	/* row = softmax(row * scale); returns log(sum(exp(row * scale))). */
	float (*softmax)(float *row, size_t count, float scale);
	/* p: scores become probabilities exp(p * scale - lse), dropped out by mask (or NULL) and keep; dp, the gradient of
	 * those, becomes that of the scores: p (keep dp - delta) scale. */
	void (*softmax_backward)(float *p, float *dp, const uint32_t *mask, size_t count, float scale, float keep,
	                         float lse, float delta);

	/* One row of norm_forward: sum = x (masked) + residual, out normalised. sum may be out or x. */
	void (*norm_forward)(float *out, float *sum, float *mean, float *rstd, const float *x, const float *residual,
	                     const uint32_t *mask, float keep, const float *gamma, const float *beta, size_t count,
	                     float epsilon);
	/* One row of norm_backward; adds to dgamma and dbeta. */
	void (*norm_backward)(float *dx, float *dresidual, float *dgamma, float *dbeta, const float *dout,
	                      const float *sum, float mean, float rstd, const float *gamma, const uint32_t *mask,
	                      float keep, size_t count);
};

extern const struct kernels kernels_generic;
extern const struct kernels kernels_avx2;
extern const struct kernels kernels_avx512;

#endif
