/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimize/logistic.h"

#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How work is split: by shape alone. Sums over a block are added up in the order of the blocks. */
#define BLOCK_ROWS 128u
#define BLOCK_COLUMNS 4096u

#define CONJUGATE_STEPS_MAX 500
#define LINE_STEPS_MAX 40
#define LINE_SHARE 1e-4 /* of the fall that the gradient promises, which a step must bring (Armijo) */
#define ROUNDING 1e-14  /* of the objective: near the end a step's fall is lost in it */

/* The arrays of a solution; columns + 1 stands for the bias, last. */
struct solver {
	const struct logistic_problem *problem;
	struct pool *pool;
	uint32_t rows, columns;
	double *memory;                       /* all of the following */
	double *w, *gradient, *step;          /* [columns + 1] */
	double *residual, *direction, *image; /* [columns + 1] of conjugate gradients; image: Hessian times direction */
	double *diagonal;                     /* [columns + 1] of the Hessian */
	double *scaled;                       /* [columns] scales times a vector */
	double *margins, *along;              /* [rows] z at w; what a whole step adds to it */
	double *pull, *curve, *row;           /* [rows] C dloss/dz, C d2loss/dz2, a product's rows */
	double *sums;                         /* [blocks] */
};

/* Blocks */

static int blocks_of(uint32_t count, uint32_t block)
{
	return (int)((count + block - 1) / block);
}

static uint32_t block_end(int index, uint32_t block, uint32_t count)
{
	uint64_t end = ((uint64_t)index + 1) * block;

	return end < count ? (uint32_t)end : count;
}

static double sum_blocks(const struct solver *solver, int blocks)
{
	double sum = 0;

	for (int i = 0; i < blocks; i++)
		sum += solver->sums[i];
	return sum;
}

/* Products */

struct product {
	struct solver *solver;
	const double *in, *other;
	double *out;
	double factor;
};

static void scale_block(void *context, int index, int worker)
{
	const struct product *product = context;
	const double *scales = product->solver->problem->scales;
	uint32_t end = block_end(index, BLOCK_COLUMNS, product->solver->columns);

	(void)worker;
	for (uint32_t j = (uint32_t)index * BLOCK_COLUMNS; j < end; j++)
		product->out[j] = scales[j] * product->in[j];
}

static void rows_block(void *context, int index, int worker)
{
	const struct product *product = context;
	const struct solver *solver = product->solver;
	const struct sparse *matrix = solver->problem->matrix;
	uint32_t end = block_end(index, BLOCK_ROWS, solver->rows);

	(void)worker;
	for (uint32_t i = (uint32_t)index * BLOCK_ROWS; i < end; i++) {
		double sum = 0;

		for (uint64_t k = matrix->row_starts[i]; k < matrix->row_starts[i + 1]; k++)
			sum += solver->scaled[matrix->row_columns[k]];
		product->out[i] = product->in[solver->columns] + sum;
	}
}

/* out[rows] = matrix times in[columns], and in[columns], the bias, added. */
static void multiply_rows(struct solver *solver, const double *in, double *out)
{
	struct product scaling = {.solver = solver, .in = in, .out = solver->scaled};
	struct product product = {.solver = solver, .in = in, .out = out};

	pool_run(solver->pool, blocks_of(solver->columns, BLOCK_COLUMNS), scale_block, &scaling);
	pool_run(solver->pool, blocks_of(solver->rows, BLOCK_ROWS), rows_block, &product);
}

static void columns_block(void *context, int index, int worker)
{
	const struct product *product = context;
	const struct solver *solver = product->solver;
	const struct sparse *matrix = solver->problem->matrix;
	uint32_t end = block_end(index, BLOCK_COLUMNS, solver->columns);

	(void)worker;
	for (uint32_t j = (uint32_t)index * BLOCK_COLUMNS; j < end; j++) {
		double sum = 0;

		for (uint64_t k = matrix->column_starts[j]; k < matrix->column_starts[j + 1]; k++)
			sum += product->in[matrix->column_rows[k]];
		product->out[j] = product->other[j] + solver->problem->scales[j] * sum;
	}
}

/* out[columns + 1] = other + transposed matrix times in[rows]; of the bias the sum of in alone. */
static void multiply_columns(struct solver *solver, const double *in, const double *other, double *out)
{
	struct product product = {.solver = solver, .in = in, .other = other, .out = out};
	double sum = 0;

	pool_run(solver->pool, blocks_of(solver->columns, BLOCK_COLUMNS), columns_block, &product);
	for (uint32_t i = 0; i < solver->rows; i++)
		sum += in[i];
	out[solver->columns] = sum;
}

static void dot_block(void *context, int index, int worker)
{
	const struct product *product = context;
	uint32_t end = block_end(index, BLOCK_COLUMNS, product->solver->columns + 1);
	double sum = 0;

	(void)worker;
	for (uint32_t j = (uint32_t)index * BLOCK_COLUMNS; j < end; j++)
		sum += product->in[j] * product->other[j];
	product->solver->sums[index] = sum;
}

/* Over columns and bias. */
static double dot(struct solver *solver, const double *a, const double *b)
{
	struct product product = {.solver = solver, .in = a, .other = b};
	int blocks = blocks_of(solver->columns + 1, BLOCK_COLUMNS);

	pool_run(solver->pool, blocks, dot_block, &product);
	return sum_blocks(solver, blocks);
}

static void add_block(void *context, int index, int worker)
{
	const struct product *product = context;
	uint32_t end = block_end(index, BLOCK_COLUMNS, product->solver->columns + 1);

	(void)worker;
	for (uint32_t j = (uint32_t)index * BLOCK_COLUMNS; j < end; j++)
		product->out[j] = product->other[j] + product->factor * product->in[j];
}

/* out = other + factor in, over columns and bias. */
static void add(struct solver *solver, double *out, const double *other, double factor, const double *in)
{
	struct product product = {.solver = solver, .in = in, .other = other, .out = out, .factor = factor};

	pool_run(solver->pool, blocks_of(solver->columns + 1, BLOCK_COLUMNS), add_block, &product);
}

/* The loss */

/* log(1 + exp(-m)), safe for any size of m. */
static double loss_of(double m)
{
	return fmax(-m, 0) + log1p(exp(-fabs(m)));
}

/* C times the sum of the losses at z + share * along. */
static double losses(const struct solver *solver, double share)
{
	const struct logistic_problem *problem = solver->problem;
	double sum = 0;

	for (uint32_t i = 0; i < solver->rows; i++) {
		double z = solver->margins[i] + (share > 0 ? share * solver->along[i] : 0);
		sum += loss_of(problem->positive[i] ? z : -z);
	}
	return problem->c * sum;
}

/* First and second derivatives of the loss by z, times C. */
static void differentiate(struct solver *solver)
{
	const struct logistic_problem *problem = solver->problem;

	for (uint32_t i = 0; i < solver->rows; i++) {
		double p = 1 / (1 + exp(-solver->margins[i]));

		solver->pull[i] = problem->c * (p - problem->positive[i]);
		solver->curve[i] = problem->c * p * (1 - p);
	}
}

/* |w|^2 without the bias. */
static double square_of(struct solver *solver, const double *a, const double *b)
{
	return dot(solver, a, b) - a[solver->columns] * b[solver->columns];
}

static void find_gradient(struct solver *solver)
{
	differentiate(solver);
	multiply_columns(solver, solver->pull, solver->w, solver->gradient);
}

static void diagonal_block(void *context, int index, int worker)
{
	const struct product *product = context;
	const struct solver *solver = product->solver;
	const struct sparse *matrix = solver->problem->matrix;
	uint32_t end = block_end(index, BLOCK_COLUMNS, solver->columns);

	(void)worker;
	for (uint32_t j = (uint32_t)index * BLOCK_COLUMNS; j < end; j++) {
		double sum = 0, scale = solver->problem->scales[j];

		for (uint64_t k = matrix->column_starts[j]; k < matrix->column_starts[j + 1]; k++)
			sum += solver->curve[matrix->column_rows[k]];
		solver->diagonal[j] = 1 + scale * scale * sum;
	}
}

static void find_diagonal(struct solver *solver)
{
	struct product product = {.solver = solver};
	double sum = 0;

	pool_run(solver->pool, blocks_of(solver->columns, BLOCK_COLUMNS), diagonal_block, &product);
	for (uint32_t i = 0; i < solver->rows; i++)
		sum += solver->curve[i];
	solver->diagonal[solver->columns] = sum > 0 ? sum : 1;
}

/* image = Hessian times direction. */
static void multiply_hessian(struct solver *solver)
{
	multiply_rows(solver, solver->direction, solver->row);
	for (uint32_t i = 0; i < solver->rows; i++)
		solver->row[i] *= solver->curve[i];
	multiply_columns(solver, solver->row, solver->direction, solver->image);
}

/* Newton's method */

static void weigh_block(void *context, int index, int worker)
{
	const struct product *product = context;
	const struct solver *solver = product->solver;
	uint32_t end = block_end(index, BLOCK_COLUMNS, solver->columns + 1);
	double sum = 0;

	(void)worker;
	for (uint32_t j = (uint32_t)index * BLOCK_COLUMNS; j < end; j++)
		sum += solver->residual[j] * solver->residual[j] / solver->diagonal[j];
	solver->sums[index] = sum;
}

/* The residual's square in the norm that the diagonal gives. */
static double weigh(struct solver *solver)
{
	struct product product = {.solver = solver};
	int blocks = blocks_of(solver->columns + 1, BLOCK_COLUMNS);

	pool_run(solver->pool, blocks, weigh_block, &product);
	return sum_blocks(solver, blocks);
}

static void turn_block(void *context, int index, int worker)
{
	const struct product *product = context;
	const struct solver *solver = product->solver;
	uint32_t end = block_end(index, BLOCK_COLUMNS, solver->columns + 1);

	(void)worker;
	for (uint32_t j = (uint32_t)index * BLOCK_COLUMNS; j < end; j++)
		solver->direction[j] = solver->residual[j] / solver->diagonal[j] + product->factor * solver->direction[j];
}

/* direction = residual / diagonal + factor direction. */
static void turn(struct solver *solver, double factor)
{
	struct product product = {.solver = solver, .factor = factor};

	pool_run(solver->pool, blocks_of(solver->columns + 1, BLOCK_COLUMNS), turn_block, &product);
}

/* Solves Hessian step = -gradient until the residual is `share` of the gradient, both in the norm that the diagonal gives.
 * False: `progress` said to end. */
static bool find_step(struct solver *solver, double share, int step, const struct progress *progress)
{
	size_t size = ((size_t)solver->columns + 1) * sizeof(double);
	double square, first;

	memset(solver->step, 0, size);
	memset(solver->direction, 0, size);
	add(solver, solver->residual, solver->step, -1, solver->gradient);
	square = first = weigh(solver);
	turn(solver, 0);
	for (int i = 0; i < CONJUGATE_STEPS_MAX && square > share * share * first; i++) {
		double length, bend, before = square;

		if (!progress_report(progress, "fitting, step", (uint64_t)step, 0))
			return false;
		multiply_hessian(solver);
		bend = dot(solver, solver->direction, solver->image);
		if (!(bend > 0))
			break;
		length = square / bend;
		add(solver, solver->step, solver->step, length, solver->direction);
		add(solver, solver->residual, solver->residual, -length, solver->image);
		square = weigh(solver);
		turn(solver, square / before);
	}
	return true;
}

/* Goes along the step as far as the objective falls; 0: not at all. f, the objective, becomes that of where it ends. */
static double walk(struct solver *solver, double *f)
{
	const double slope = dot(solver, solver->gradient, solver->step);
	const double square = square_of(solver, solver->w, solver->w);
	const double mixed = square_of(solver, solver->w, solver->step), whole = square_of(solver, solver->step, solver->step);
	double share = 1;

	multiply_rows(solver, solver->step, solver->along);
	for (int i = 0; i < LINE_STEPS_MAX; i++, share /= 2) {
		double there = losses(solver, share) + (square + 2 * share * mixed + share * share * whole) / 2;

		if (!(there <= *f + LINE_SHARE * share * slope + ROUNDING * *f))
			continue;
		*f = there;
		add(solver, solver->w, solver->w, share, solver->step);
		for (uint32_t row = 0; row < solver->rows; row++)
			solver->margins[row] += share * solver->along[row];
		return share;
	}
	return 0;
}

/* How exact the next step need be: the nearer the end, the more, so that the last steps double the digits. */
static double share_of(double norm, double first)
{
	double share = sqrt(norm / first);

	return share < 0.25 ? share : 0.25;
}

static bool solve(struct solver *solver, struct logistic_result *result, const struct progress *progress)
{
	const struct logistic_problem *problem = solver->problem;
	double first, norm, f = losses(solver, 0);

	find_gradient(solver);
	first = norm = sqrt(dot(solver, solver->gradient, solver->gradient));
	for (result->steps = 0; result->steps < problem->steps_max && norm > problem->tolerance * first; result->steps++) {
		find_diagonal(solver);
		if (!find_step(solver, share_of(norm, first), result->steps + 1, progress))
			return false;
		if (walk(solver, &f) == 0)
			break;
		find_gradient(solver);
		norm = sqrt(dot(solver, solver->gradient, solver->gradient));
	}
	result->reached = norm <= problem->tolerance * first;
	result->objective = f;
	return true;
}

/* Memory */

static bool solver_init(struct solver *solver, const struct logistic_problem *problem, struct pool *pool, struct error *error)
{
	const size_t columns = problem->matrix->columns, rows = problem->matrix->rows;
	const size_t blocks = (size_t)blocks_of(problem->matrix->columns + 1, BLOCK_COLUMNS);
	double *at = size_calloc(7 * (columns + 1) + columns + 5 * rows + blocks, sizeof *at);
	double **const whole[] = {&solver->w, &solver->gradient, &solver->step, &solver->residual, &solver->direction,
	                          &solver->image, &solver->diagonal};
	double **const by_row[] = {&solver->margins, &solver->along, &solver->pull, &solver->curve, &solver->row};

	*solver = (struct solver){.problem = problem, .pool = pool, .rows = problem->matrix->rows,
	                          .columns = problem->matrix->columns, .memory = at};
	if (!at)
		return error_memory(error, "fitting a linear model");
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++, at += columns + 1)
		*whole[i] = at;
	for (size_t i = 0; i < sizeof by_row / sizeof *by_row; i++, at += rows)
		*by_row[i] = at;
	solver->scaled = at;
	solver->sums = at + columns;
	return true;
}

bool logistic_solve(const struct logistic_problem *problem, struct logistic_result *result, struct pool *pool,
                    const struct progress *progress, struct error *error)
{
	struct solver solver;
	bool done = solver_init(&solver, problem, pool, error);

	if (done && !solve(&solver, result, progress))
		done = error_set(error, ERROR_INTERRUPTED, "interrupted");
	if (done) {
		memcpy(result->weights, solver.w, solver.columns * sizeof *solver.w);
		result->bias = solver.w[solver.columns];
	}
	free(solver.memory);
	return done;
}

bool logistic_gradient(const struct logistic_problem *problem, const double *weights, double *objective, double *gradient,
                       struct pool *pool, struct error *error)
{
	struct solver solver;
	size_t size = ((size_t)problem->matrix->columns + 1) * sizeof *weights;

	if (!solver_init(&solver, problem, pool, error))
		return false;
	memcpy(solver.w, weights, size);
	multiply_rows(&solver, solver.w, solver.margins);
	find_gradient(&solver);
	*objective = losses(&solver, 0) + square_of(&solver, solver.w, solver.w) / 2;
	memcpy(gradient, solver.gradient, size);
	free(solver.memory);
	return true;
}
