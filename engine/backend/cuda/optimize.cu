/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Optimizers over a list of segments, and the norm of its gradients. The arithmetic is that of the CPU's kernels
 * (engine/backend/cpu/lanes_rows.h), element by element. */
#include "engine/backend/conventions.h"
#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/segments.h"
#include "engine/backend/cuda/vectors.h"

#include <cmath>

#define THREADS 256
#define BLOCK_ELEMENTS 4096 /* of a block that changes values */

struct update_row {
	float *value, *average, *square;
	const float *gradient;
	size_t count;
	unsigned firsts[1];
	float decay, step; /* what values are multiplied with, or weight decay of SGD; the learning rate */
	float root;        /* of AdamW: 1 / sqrt(1 - beta2^t) */
};

/* What an optimizer does to an element; averages() and SQUARE tell which arrays it has. Where a product is added, fmaf says
 * so: the result must not depend on what the compiler makes of the aligned and of the other form. */
struct adamw_how {
	float one_minus_beta1, beta2, one_minus_beta2, epsilon;
	static const bool SQUARE = true;

	__device__ bool averages() const { return true; }

	__device__ void operator()(float &p, float &m, float &v, float gradient, float scale, const struct update_row &row) const
	{
		const float g = gradient * scale;

		if (gradient == 0 && m == 0 && v == 0) {
			p *= row.decay;
			return;
		}
		m = fmaf(one_minus_beta1, g - m, m);
		v = fmaf(g * g, one_minus_beta2, v * beta2);
		p = fmaf(p, row.decay, -(row.step * m / fmaf(sqrtf(v), row.root, epsilon)));
	}
};

struct sgd_how {
	float momentum, fresh;
	bool nesterov;
	static const bool SQUARE = false;

	__device__ bool averages() const { return momentum > 0; }

	__device__ void operator()(float &p, float &m, float &, float gradient, float scale, const struct update_row &row) const
	{
		float d = fmaf(p, row.decay, gradient * scale);

		if (averages()) {
			m = fmaf(d, fresh, m * momentum);
			d = nesterov ? fmaf(m, momentum, d) : m;
		}
		p = fmaf(-row.step, d, p);
	}
};

struct lion_how {
	float beta1, one_minus_beta1, beta2, one_minus_beta2;
	static const bool SQUARE = false;

	__device__ bool averages() const { return true; }

	__device__ void operator()(float &p, float &m, float &, float gradient, float scale, const struct update_row &row) const
	{
		const float g = gradient * scale, direction = fmaf(g, one_minus_beta1, m * beta1);

		p = fmaf(p, row.decay, direction > 0 ? -row.step : direction < 0 ? row.step : 0);
		m = fmaf(g, one_minus_beta2, m * beta2);
	}
};

template <bool ALIGNED, class How>
static __device__ void update_elements(const struct update_row &row, size_t first, float scale, const How &how)
{
	const size_t end = row.count - first > BLOCK_ELEMENTS ? first + BLOCK_ELEMENTS : row.count;

	for (size_t i = first + threadIdx.x * 4; i < end; i += THREADS * 4) {
		const float4 g = load4<ALIGNED>(row.gradient, i, end);
		float4 p = load4<ALIGNED>(row.value, i, end), m = make_float4(0, 0, 0, 0), v = m;

		if (how.averages())
			m = load4<ALIGNED>(row.average, i, end);
		if (How::SQUARE)
			v = load4<ALIGNED>(row.square, i, end);
		how(p.x, m.x, v.x, g.x, scale, row);
		how(p.y, m.y, v.y, g.y, scale, row);
		how(p.z, m.z, v.z, g.z, scale, row);
		how(p.w, m.w, v.w, g.w, scale, row);
		store4<ALIGNED>(row.value, i, end, p);
		if (how.averages())
			store4<ALIGNED>(row.average, i, end, m);
		if (How::SQUARE)
			store4<ALIGNED>(row.square, i, end, v);
	}
}

static __device__ bool row_aligned(const struct update_row &row)
{
	return (reinterpret_cast<uintptr_t>(row.value) | reinterpret_cast<uintptr_t>(row.average) |
	        reinterpret_cast<uintptr_t>(row.square) | reinterpret_cast<uintptr_t>(row.gradient)) % sizeof(float4) == 0;
}

/* Blocks: 4096 elements of a segment each. Reads the gradient once, reads and writes the value and its state once. No shared
 * memory. */
template <class How>
static __global__ void update_kernel(const struct update_row *rows, unsigned count, const struct clipping *clipping, How how)
{
	const struct update_row row = *row_of_block<0>(rows, count);
	const float scale = clipping_scale(clipping);
	const size_t first = static_cast<size_t>(blockIdx.x - row.firsts[0]) * BLOCK_ELEMENTS;

	if (clipping_stops(clipping))
		return;
	if (row_aligned(row))
		update_elements<true>(row, first, scale, how);
	else
		update_elements<false>(row, first, scale, how);
}

/* Rows of the first segments of a list, as many as go into a launch; the blocks that they take. */
template <class Factors>
static unsigned fill_rows(struct update_row *rows, const struct segment *segments, size_t count, Factors factors)
{
	unsigned blocks = 0;

	for (size_t s = 0; s < count; s++) {
		const struct segment *from = &segments[s];

		rows[s] = {from->value, from->average, from->square, from->gradient, from->count, {blocks}, 0, 0, 0};
		factors(&rows[s], from);
		blocks += blocks_for(from->count, BLOCK_ELEMENTS);
	}
	return blocks;
}

/* factors(row, segment) sets decay, step and root: what is another in each step goes with the rows. */
template <class How, class Factors>
static void update(struct cuda *c, const struct segment *segments, size_t count, const struct clipping *clipping, How how,
                   Factors factors)
{
	for (size_t done = 0, some; done < count; done += some) {
		struct update_row *rows = rows_room<struct update_row>(c, count - done);
		unsigned blocks;

		some = count - done < SEGMENTS ? count - done : SEGMENTS;
		if (!rows)
			return;
		blocks = fill_rows(rows, segments + done, some, factors);
		launch(c, update_kernel<How>, blocks, THREADS, 0, rows_send<struct update_row>(c, some),
		       static_cast<unsigned>(some), clipping, how);
	}
}

void cuda_adamw(struct backend *b, const struct segment *segments, size_t count, const struct adamw *a)
{
	const struct adamw_how how = {
		static_cast<float>(1 - a->beta1), static_cast<float>(a->beta2), static_cast<float>(1 - a->beta2),
		static_cast<float>(a->epsilon),
	};

	update(cuda_of(b), segments, count, a->clipping, how, [a](struct update_row *row, const struct segment *s) {
		const double rate = a->learning_rate * s->rate;

		row->decay = static_cast<float>(1 - rate * (s->decay ? a->weight_decay : 0));
		row->step = static_cast<float>(rate / a->correction1);
		row->root = static_cast<float>(1 / sqrt(a->correction2));
	});
}

/* In the first step the momentum is still 0. */
void cuda_sgd(struct backend *b, const struct segment *segments, size_t count, const struct sgd *how)
{
	const struct sgd_how own = {
		static_cast<float>(how->momentum), static_cast<float>(how->first ? 1 : 1 - how->dampening), how->nesterov,
	};

	update(cuda_of(b), segments, count, how->clipping, own, [how](struct update_row *row, const struct segment *s) {
		row->decay = static_cast<float>(s->decay ? how->weight_decay : 0);
		row->step = static_cast<float>(how->learning_rate * s->rate);
	});
}

void cuda_lion(struct backend *b, const struct segment *segments, size_t count, const struct lion *l)
{
	const struct lion_how how = {
		static_cast<float>(l->beta1), static_cast<float>(1 - l->beta1), static_cast<float>(l->beta2),
		static_cast<float>(1 - l->beta2),
	};

	update(cuda_of(b), segments, count, l->clipping, how, [l](struct update_row *row, const struct segment *s) {
		const double rate = l->learning_rate * s->rate;

		row->decay = static_cast<float>(1 - rate * (s->decay ? l->weight_decay : 0));
		row->step = static_cast<float>(rate);
	});
}

/* ---- the norm: sums of tasks, then of segments, then of the list */

#define TASK 16384       /* elements in a task; more where a segment would have more than TASKS */
#define TASKS 4096       /* of a segment */
#define LAUNCH_TASKS 16384 /* of a launch */

struct norm_row {
	const float *gradient;
	size_t count, step;
	unsigned firsts[1];
};

struct norm_shared {
	double sums[THREADS / WARP];
};

template <bool ALIGNED> static __device__ double sum_of_squares(const float *x, size_t count)
{
	double sum = 0;

	for (size_t i = threadIdx.x * 4; i < count; i += THREADS * 4) {
		const float4 v = load4<ALIGNED>(x, i, count);
		const double a = static_cast<double>(v.x), b = static_cast<double>(v.y), c = static_cast<double>(v.z),
		             d = static_cast<double>(v.w);

		sum += (a * a + b * b) + (c * c + d * d);
	}
	return sum;
}

/* sums[block] = the squares of a task. Blocks: a task each, 16384 elements or more. Reads the gradient once. */
static __global__ void norm_tasks_kernel(double *sums, const struct norm_row *rows, unsigned count)
{
	struct norm_shared *shared = shared_memory<struct norm_shared>();
	const struct norm_row row = *row_of_block<0>(rows, count);
	const size_t first = static_cast<size_t>(blockIdx.x - row.firsts[0]) * row.step;
	const size_t some = row.count - first < row.step ? row.count - first : row.step;
	const float *x = row.gradient + first;
	double sum = reinterpret_cast<uintptr_t>(x) % sizeof(float4) == 0 ? sum_of_squares<true>(x, some)
	                                                                  : sum_of_squares<false>(x, some);

	sum = block_sum(shared->sums, sum);
	if (threadIdx.x == 0)
		sums[blockIdx.x] = sum;
}

/* totals[segment] = the sum of its tasks. Blocks: 8 segments each, a warp a segment. */
static __global__ void norm_segments_kernel(double *totals, const double *sums, const struct norm_row *rows, unsigned count)
{
	const unsigned s = blockIdx.x * (THREADS / WARP) + threadIdx.x / WARP;
	double sum = 0;

	if (s >= count)
		return;
	for (size_t i = threadIdx.x % WARP; i * rows[s].step < rows[s].count; i += WARP)
		sum += sums[rows[s].firsts[0] + i];
	sum = warp_sum(sum);
	if (threadIdx.x % WARP == 0)
		totals[s] = sum;
}

/* As many segments as there is room for, always one. Returns how many, and the tasks that they take. */
static size_t fill_norm_rows(struct norm_row *rows, const struct segment *segments, size_t count, unsigned *tasks)
{
	size_t s = 0;

	for (*tasks = 0; s < count && s < SEGMENTS; s++) {
		const size_t step = (segments[s].count / TASKS / TASK + 1) * TASK;
		const unsigned more = blocks_for(segments[s].count, static_cast<unsigned>(step));

		if (*tasks + more > LAUNCH_TASKS)
			break;
		rows[s] = {segments[s].gradient, segments[s].count, step, {*tasks}};
		*tasks += more;
	}
	return s;
}

/* sum (or 0) + the totals, one after the other, as they come when the list is cut elsewhere. A block of a warp: the totals are
 * read by all of it, and added by one thread. */
static __global__ void norm_list_kernel(struct clipping *clipping, const double *totals, unsigned count, bool first, bool last,
                                        double limit)
{
	double sum = first ? 0 : clipping->squares;

	for (unsigned done = 0; done < count; done += WARP) {
		const double mine = done + threadIdx.x < count ? totals[done + threadIdx.x] : 0;

		for (unsigned i = 0; i < WARP; i++) {
			const double other = __shfl_sync(WHOLE_WARP, mine, static_cast<int>(i));

			sum += done + i < count ? other : 0;
		}
	}
	if (threadIdx.x == 0 && last)
		*clipping = clipping_of(sum, limit);
	else if (threadIdx.x == 0)
		clipping->squares = sum;
}

static size_t norm_bytes()
{
	return (LAUNCH_TASKS + SEGMENTS) * sizeof(double);
}

size_t cuda_optimizer_scratch(const struct backend_needs *)
{
	return norm_bytes();
}

/* The squares of the first segments of a list, added one segment after the other to those before. Returns how many. */
static size_t add_norms(struct cuda *c, struct clipping *clipping, bool first, const struct segment *segments, size_t count,
                        double limit)
{
	struct norm_row *rows = rows_room<struct norm_row>(c, count);
	double *sums = static_cast<double *>(cuda_scratch(c, norm_bytes()));
	const struct norm_row *sent;
	unsigned tasks;
	size_t some;

	if (!rows || !sums)
		return count;
	some = fill_norm_rows(rows, segments, count, &tasks);
	sent = rows_send<struct norm_row>(c, some);
	launch(c, norm_tasks_kernel, tasks, THREADS, sizeof(struct norm_shared), sums, sent, static_cast<unsigned>(some));
	launch(c, norm_segments_kernel, blocks_for(some, THREADS / WARP), THREADS, 0, sums + LAUNCH_TASKS, sums, sent,
	       static_cast<unsigned>(some));
	launch(c, norm_list_kernel, 1, WARP, 0, clipping, sums + LAUNCH_TASKS, static_cast<unsigned>(some), first,
	       some == count, limit);
	return some;
}

void cuda_clip(struct backend *b, struct clipping *clipping, const struct segment *segments, size_t count, double limit)
{
	struct cuda *c = cuda_of(b);

	if (count == 0)
		launch(c, norm_list_kernel, 1, WARP, 0, clipping, nullptr, 0, true, true, limit);
	for (size_t done = 0; done < count;)
		done += add_norms(c, clipping, done == 0, segments + done, count - done, limit);
}
