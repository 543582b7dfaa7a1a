/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Logistic regression of two classes on rows of features that a row has or has not, each with a scale of its own:
 *
 *   minimise  f(w, b) = |w|^2 / 2 + C sum_i log(1 + exp(-y_i z_i)),  z_i = b + sum over row i's features j of scale_j w_j
 *
 * with y_i = +1 or -1, the bias b not regularised: scikit-learn's LogisticRegression(C=C) on the matrix of scales. Solved by
 * Newton's method with a line search, each step by conjugate gradients, preconditioned with the diagonal (as in Lin, Weng
 * and Keerthi 2008, whose trust region the line search replaces), in double, until the gradient's norm is `tolerance` times
 * that at w = 0, b = 0. The result does not depend on the number of threads, to the bit. */
#ifndef REVUE_TRAIN_LOGISTIC_H
#define REVUE_TRAIN_LOGISTIC_H

#include "engine/base/pool.h"
#include "engine/progress.h"

#include <stddef.h>
#include <stdint.h>

/* Which rows have which features, both ways. Borrowed. */
struct sparse {
	uint32_t rows, columns;
	const uint64_t *row_starts;    /* [rows + 1] */
	const uint32_t *row_columns;   /* row i has features row_columns[row_starts[i]] ..., each once */
	const uint64_t *column_starts; /* [columns + 1] */
	const uint32_t *column_rows;   /* the same, ascending */
};

struct logistic_problem {
	const struct sparse *matrix;
	const double *scales;   /* [columns] */
	const int8_t *positive; /* [rows] 1: y = +1; 0: y = -1. Both occur */
	double c, tolerance;    /* both above 0 */
	int steps_max;          /* of Newton's method */
};

struct logistic_result {
	double *weights;  /* [columns] the caller's; out: w, without the scales */
	double bias;
	double objective; /* f */
	int steps;        /* of Newton's method */
	bool reached;     /* the tolerance; else steps_max came first, or f could not be made smaller any more */
};

/* False: out of memory, or `progress` said to end. */
bool logistic_solve(const struct logistic_problem *problem, struct logistic_result *result, struct pool *pool,
                    const struct progress *progress, struct error *error);

/* The objective and its gradient, gradient[columns + 1] with that of the bias last, at `weights`, [columns + 1] with the bias
 * last. False: out of memory. Outside of it for tests. */
bool logistic_gradient(const struct logistic_problem *problem, const double *weights, double *objective, double *gradient,
                       struct pool *pool, struct error *error);

#endif
