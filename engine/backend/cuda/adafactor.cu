/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adafactor over a list of segments, in four launches whatever its length: means of rows and sums for those of columns; the
 * means of columns; the norm of each update, and all of what a vector keeps; the step. A matrix is read four times. */
#include "engine/backend/conventions.h"
#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/segments.h"
#include "engine/backend/cuda/vectors.h"

#include <cmath>

#define THREADS 256
#define WARPS (THREADS / WARP)
#define COLUMNS WARP        /* of a block that sums columns */
#define PARTS 64            /* of the rows of a matrix, for sums over them; at most */
#define PART_ROWS 256       /* at least */
#define FLAT 16384          /* elements of a block of rows, about */
#define TASKS 1024          /* blocks of rows in a matrix, at most */

enum { MEANS, FINISH, NORM, STEP, LAUNCHES }; /* of the list */

struct factor_row {
	float *value, *average, *square;
	const float *gradient;
	size_t rows, columns;          /* of a vector: 1, and its count */
	bool matrix;
	unsigned firsts[LAUNCHES];
	unsigned part_rows, parts;     /* MEANS: rows of a sum of columns, and how many sums */
	unsigned task_rows, tasks;     /* NORM and STEP: rows of a block, and how many blocks */
	double *sums, *norms, *mean;   /* [parts][columns], [tasks], [1] */
	float decay;
	double rate, beta2;
};

/* What the gradients are multiplied with. */
static __device__ double scale_of(const struct clipping *clipping)
{
	return static_cast<double>(clipping_scale(clipping));
}

struct factor_shared {
	double sums[WARPS];
	double columns[WARPS][WARP];
};

/* state = beta2 state + (1 - beta2) (mean of squares) */
static __device__ float blended(float state, double squares, double count, const struct factor_row &s, double scale)
{
	const double mean = squares * (scale * scale) / count + ADAFACTOR_EPSILON;

	return static_cast<float>(s.beta2 * static_cast<double>(state) + (1 - s.beta2) * mean);
}

static __device__ double square(float x)
{
	return static_cast<double>(x) * static_cast<double>(x);
}

/* The mean of a row, by a warp. */
static __device__ void mean_of_row(const struct factor_row &s, size_t row, double scale)
{
	const unsigned lane = threadIdx.x % WARP;
	const float *x = s.gradient + row * s.columns;
	double sum = 0;

	for (size_t c = lane; c < s.columns; c += WARP)
		sum += square(x[c]);
	sum = warp_sum(sum);
	if (lane == 0)
		s.average[row] = blended(s.average[row], sum, static_cast<double>(s.columns), s, scale);
}

/* The sums of 32 columns over a part of the rows, of which each warp has every eighth. */
static __device__ void sum_of_part(const struct factor_row &s, unsigned task)
{
	struct factor_shared *shared = shared_memory<struct factor_shared>();
	const unsigned lane = threadIdx.x % WARP, warp = threadIdx.x / WARP, part = task % s.parts;
	const size_t c = static_cast<size_t>(task / s.parts) * COLUMNS + lane, first = static_cast<size_t>(part) * s.part_rows;
	const size_t end = s.rows - first > s.part_rows ? first + s.part_rows : s.rows;
	double sum = 0;

	for (size_t r = first + warp; c < s.columns && r < end; r += WARPS)
		sum += square(s.gradient[r * s.columns + c]);
	shared->columns[warp][lane] = sum;
	__syncthreads();
	if (warp != 0 || c >= s.columns)
		return;
	for (int w = 1; w < WARPS; w++)
		sum += shared->columns[w][lane];
	s.sums[part * s.columns + c] = sum;
}

/* Blocks: of each matrix those of 8 rows, a warp a row, then those of 32 columns in a part of the rows. */
static __global__ void means_kernel(const struct factor_row *rows, unsigned count, const struct clipping *clipping)
{
	const struct factor_row s = *row_of_block<MEANS>(rows, count);
	const unsigned task = blockIdx.x - s.firsts[MEANS], row_tasks = static_cast<unsigned>((s.rows + WARPS - 1) / WARPS);
	const size_t row = static_cast<size_t>(task) * WARPS + threadIdx.x / WARP;

	if (clipping_stops(clipping))
		return;
	if (task >= row_tasks)
		sum_of_part(s, task - row_tasks);
	else if (row < s.rows)
		mean_of_row(s, row, scale_of(clipping));
}

/* Blocks: of each matrix one for the mean of its rows' means, then those of 256 columns. Reads the sums of all parts. */
static __global__ void finish_kernel(const struct factor_row *rows, unsigned count, const struct clipping *clipping)
{
	struct factor_shared *shared = shared_memory<struct factor_shared>();
	const struct factor_row s = *row_of_block<FINISH>(rows, count);
	const unsigned task = blockIdx.x - s.firsts[FINISH];
	const size_t c = static_cast<size_t>(task - 1) * THREADS + threadIdx.x;
	double sum = 0;

	if (clipping_stops(clipping))
		return;
	if (task == 0) {
		for (size_t r = threadIdx.x; r < s.rows; r += THREADS)
			sum += static_cast<double>(s.average[r]);
		sum = block_sum(shared->sums, sum);
		if (threadIdx.x == 0)
			*s.mean = sum / static_cast<double>(s.rows);
		return;
	}
	for (unsigned part = 0; c < s.columns && part < s.parts; part++)
		sum += s.sums[part * s.columns + c];
	if (c < s.columns)
		s.square[c] = blended(s.square[c], sum, static_cast<double>(s.rows), s, scale_of(clipping));
}

/* What row r of a matrix multiplies its update with. */
static __device__ float row_factor(const struct factor_row &s, size_t r)
{
	return static_cast<float>(1 / sqrt(static_cast<double>(s.average[r]) / *s.mean));
}

/* norms[task] = the sum of the squares of an update before it is scaled. Blocks: of each matrix some rows each, a warp a row
 * after the other; of a vector one, which makes its v as well. Reads the gradient once, the means of columns from L2. */
static __global__ void norm_kernel(const struct factor_row *rows, unsigned count, const struct clipping *clipping)
{
	struct factor_shared *shared = shared_memory<struct factor_shared>();
	const struct factor_row s = *row_of_block<NORM>(rows, count);
	const unsigned task = blockIdx.x - s.firsts[NORM], lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
	const size_t first = static_cast<size_t>(task) * s.task_rows;
	double sum = 0;

	if (clipping_stops(clipping))
		return;
	for (size_t c = threadIdx.x; !s.matrix && c < s.columns; c += THREADS) {
		const double squares = square(s.gradient[c]);

		s.square[c] = blended(s.square[c], squares, 1, s, scale_of(clipping));
		sum += squares / static_cast<double>(s.square[c]);
	}
	for (size_t r = first + warp; s.matrix && r < s.rows && r < first + s.task_rows; r += WARPS) {
		const float factor = row_factor(s, r);

		for (size_t c = lane; c < s.columns; c += WARP)
			sum += square(s.gradient[r * s.columns + c] * (factor * (1 / sqrtf(s.square[c]))));
	}
	sum = block_sum(shared->sums, sum);
	if (threadIdx.x == 0)
		s.norms[task] = sum;
}

/* The learning rate of a segment, after all of its norms are known: each block adds them up in the same order. */
static __device__ float rate_of(const struct factor_row &s, double scale)
{
	struct factor_shared *shared = shared_memory<struct factor_shared>();
	double sum = 0, root;

	for (unsigned i = threadIdx.x; i < s.tasks; i += THREADS)
		sum += s.norms[i];
	sum = block_sum(shared->sums, sum);
	root = scale * sqrt(sum / static_cast<double>(s.rows * s.columns)) / ADAFACTOR_THRESHOLD;
	return static_cast<float>(s.rate / (root > 1 ? root : 1) * scale);
}

/* Blocks as norm_kernel's. Reads the gradient once, reads and writes the values once. */
static __global__ void step_kernel(const struct factor_row *rows, unsigned count, const struct clipping *clipping)
{
	const struct factor_row s = *row_of_block<STEP>(rows, count);
	const unsigned task = blockIdx.x - s.firsts[STEP], lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
	const size_t first = static_cast<size_t>(task) * s.task_rows;
	const float rate = rate_of(s, scale_of(clipping));

	if (clipping_stops(clipping))
		return;
	for (size_t c = threadIdx.x; !s.matrix && c < s.columns; c += THREADS)
		s.value[c] = s.value[c] * s.decay - rate * (s.gradient[c] / sqrtf(s.square[c]));
	for (size_t r = first + warp; s.matrix && r < s.rows && r < first + s.task_rows; r += WARPS) {
		const float factor = row_factor(s, r);

		for (size_t c = lane; c < s.columns; c += WARP) {
			const size_t i = r * s.columns + c;

			s.value[i] = s.value[i] * s.decay - rate * (s.gradient[i] * (factor * (1 / sqrtf(s.square[c]))));
		}
	}
}

/* ---- the list */

static unsigned larger(unsigned a, size_t b)
{
	return a > b ? a : static_cast<unsigned>(b);
}

static struct factor_row factor_row(const struct segment *s, const struct adafactor *a)
{
	struct factor_row row = {};

	row.value = s->value;
	row.average = s->average;
	row.square = s->square;
	row.gradient = s->gradient;
	row.matrix = s->columns > 0;
	row.rows = row.matrix ? static_cast<size_t>(s->rows) : s->count > 0;
	row.columns = row.matrix ? static_cast<size_t>(s->columns) : s->count;
	row.rate = a->learning_rate * s->rate;
	row.beta2 = a->beta2;
	row.decay = static_cast<float>(1 - row.rate * (s->decay ? a->weight_decay : 0));
	row.part_rows = larger(PART_ROWS, (row.rows + PARTS - 1) / PARTS);
	row.parts = row.matrix ? blocks_for(row.rows, row.part_rows) : 0;
	row.task_rows = larger(larger(WARPS, row.columns > 0 ? FLAT / row.columns : 0), (row.rows + TASKS - 1) / TASKS);
	row.tasks = blocks_for(row.rows, row.task_rows);
	return row;
}

static size_t doubles_of(const struct factor_row *row)
{
	return row->parts * row->columns + row->tasks + 1;
}

static void count_blocks(const struct factor_row *row, unsigned blocks[LAUNCHES])
{
	if (row->matrix) {
		blocks[MEANS] += blocks_for(row->rows, WARPS) + row->parts * blocks_for(row->columns, COLUMNS);
		blocks[FINISH] += 1 + blocks_for(row->columns, THREADS);
	}
	blocks[NORM] += row->tasks;
	blocks[STEP] += row->tasks;
}

/* Rows of as many segments as scratch memory has room for, always one. Returns how many, and the blocks of each launch. */
static size_t fill_rows(struct factor_row *rows, double *room, size_t doubles, const struct segment *segments, size_t count,
                        const struct adafactor *a, unsigned blocks[LAUNCHES])
{
	size_t s = 0, used = 0;

	for (; s < count && s < SEGMENTS; s++) {
		struct factor_row row = factor_row(&segments[s], a);

		if (used + doubles_of(&row) > doubles)
			break;
		for (int i = 0; i < LAUNCHES; i++)
			row.firsts[i] = blocks[i];
		row.sums = room + used;
		row.norms = row.sums + row.parts * row.columns;
		row.mean = row.norms + row.tasks;
		used += doubles_of(&row);
		count_blocks(&row, blocks);
		rows[s] = row;
	}
	return s;
}

size_t cuda_adafactor_scratch(const struct backend_needs *needs)
{
	return (PARTS * static_cast<size_t>(needs->features) + TASKS + 1) * sizeof(double);
}

static size_t adafactor_some(struct cuda *c, const struct segment *segments, size_t count, const struct adafactor *a)
{
	struct factor_row *rows = rows_room<struct factor_row>(c, count);
	double *room = static_cast<double *>(cuda_scratch(c, cuda_adafactor_scratch(&c->needs)));
	const struct factor_row *sent;
	unsigned blocks[LAUNCHES] = {0}, some;

	if (!rows || !room)
		return count;
	some = static_cast<unsigned>(fill_rows(rows, room, c->scratch_bytes / sizeof(double), segments, count, a, blocks));
	sent = rows_send<struct factor_row>(c, some);
	launch(c, means_kernel, blocks[MEANS], THREADS, sizeof(struct factor_shared), sent, some, a->clipping);
	launch(c, finish_kernel, blocks[FINISH], THREADS, sizeof(struct factor_shared), sent, some, a->clipping);
	launch(c, norm_kernel, blocks[NORM], THREADS, sizeof(struct factor_shared), sent, some, a->clipping);
	launch(c, step_kernel, blocks[STEP], THREADS, sizeof(struct factor_shared), sent, some, a->clipping);
	return some;
}

void cuda_adafactor(struct backend *b, const struct segment *segments, size_t count, const struct adafactor *a)
{
	for (size_t done = 0; done < count;) {
		const size_t some = adafactor_some(cuda_of(b), segments + done, count - done, a);

		if (some == 0) { /* columns beyond what was reserved */
			cuda_scratch(cuda_of(b), SIZE_MAX);
			return;
		}
		done += some;
	}
}
