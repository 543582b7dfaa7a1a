/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a student lacks of the inside of its teacher. A warp has a row of a head: scores are computed anew where they are
 * needed, of which there are more than memory is worth. */
#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/vectors.h"

#include <cmath>

#define THREADS 128
#define ROWS (THREADS / WARP) /* of a block */

/* A call, with what lies on the device. */
struct relation_terms {
	const float *a, *b, *teacher_a, *teacher_b;
	const int32_t *starts;
	const float *scale;
	float *log_s, *log_t, *sums; /* [heads][rows] of work: log of the sum of exp of a row's scores, its loss */
	int32_t sequences, rows, heads, size, stride, b_stride, teacher_size, teacher_stride;
	bool squares;
	double weight;
};

/* The scores of one head in one of the two models. */
struct score_side {
	const float *a, *b;
	int32_t size, stride, b_stride;
	float scale; /* 1 / sqrt(size) */
};

static __device__ struct score_side student_of(const struct relation_terms &how, int head)
{
	return {how.a + head * how.size, how.b + head * how.size, how.size, how.stride, how.b_stride,
	        1 / sqrtf(static_cast<float>(how.size))};
}

static __device__ struct score_side teacher_of(const struct relation_terms &how, int head)
{
	return {how.teacher_a + head * how.teacher_size, how.teacher_b + head * how.teacher_size, how.teacher_size,
	        how.teacher_stride, how.teacher_stride, 1 / sqrtf(static_cast<float>(how.teacher_size))};
}

static __device__ float score(const struct score_side &side, int i, int j)
{
	const float *a = side.a + static_cast<size_t>(i) * static_cast<size_t>(side.stride);
	const float *b = side.b + static_cast<size_t>(j) * static_cast<size_t>(side.b_stride);
	float sum = 0;

	for (int k = 0; k < side.size; k++)
		sum += a[k] * b[k];
	return sum * side.scale;
}

/* The sequence of a row: the last whose start is not beyond it. */
static __device__ int sequence_of(const int32_t *starts, int sequences, int row)
{
	int low = 0, high = sequences - 1;

	while (low < high) {
		const int middle = (low + high + 1) / 2;

		if (starts[middle] <= row)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* log(sum over j of exp(score of i and j)), the same in every lane. */
static __device__ double log_sum_of(const struct score_side &side, int i, int first, int end)
{
	double largest = -INFINITY, sum = 0;

	for (int j = first + static_cast<int>(threadIdx.x % WARP); j < end; j += WARP) {
		const double x = static_cast<double>(score(side, i, j));

		if (x > largest) {
			sum = sum * exp(largest - x) + 1;
			largest = x;
		} else {
			sum += exp(x - largest);
		}
	}
	double most = largest;
	for (int bits = WARP / 2; bits > 0; bits /= 2)
		most = fmax(most, __shfl_xor_sync(WHOLE_WARP, most, bits));
	return most + log(warp_sum(sum > 0 ? sum * exp(largest - most) : 0));
}

/* What scores i and j add to the row's loss, and to its gradient with respect to the student's. */
static __device__ double compare(const struct relation_terms &how, double s, double t, double log_s, double log_t, double n,
                                 double *gradient)
{
	const double log_q = s - log_s, log_p = t - log_t, p = exp(log_p);

	if (how.squares) {
		*gradient = 2 * (s - t) / n;
		return (s - t) * (s - t) / n;
	}
	*gradient = exp(log_q) - p;
	return p > 0 ? p * (log_p - log_q) : 0;
}

/* out[k] += the sum over the lanes' factors of them times rows of x; `count` lanes have one, from row `first` on. */
static __device__ void add_rows(float *out, const float *x, int stride, int size, float factor, int first, int count)
{
	for (int lane = 0; lane < count; lane++) {
		const float each = __shfl_sync(WHOLE_WARP, factor, lane);
		const float *row = x + static_cast<size_t>(first + lane) * static_cast<size_t>(stride);

		for (int k = static_cast<int>(threadIdx.x % WARP); k < size; k += WARP)
			out[k] += each * row[k];
	}
}

/* Blocks: x 4 rows, a warp each, y a head. da, the losses of the rows, and what the next kernel needs. No shared memory. */
static __global__ void relate_rows_kernel(float *da, struct relation_terms how)
{
	const int i = static_cast<int>(blockIdx.x * ROWS + threadIdx.x / WARP), head = static_cast<int>(blockIdx.y);
	const int lane = static_cast<int>(threadIdx.x % WARP);

	if (i >= how.rows)
		return;
	const int sequence = sequence_of(how.starts, how.sequences, i);
	const int first = how.starts[sequence], end = how.starts[sequence + 1];
	const struct score_side student = student_of(how, head), teacher = teacher_of(how, head);
	const double n = static_cast<double>(end - first);
	const double factor = how.weight * static_cast<double>(*how.scale) * static_cast<double>(student.scale) / how.heads / n;
	const double log_s = how.squares ? 0 : log_sum_of(student, i, first, end);
	const double log_t = how.squares ? 0 : log_sum_of(teacher, i, first, end);
	const size_t at = static_cast<size_t>(head) * static_cast<size_t>(how.rows) + static_cast<size_t>(i);
	float *out = da + static_cast<size_t>(i) * static_cast<size_t>(how.stride) + head * how.size;
	double sum = 0;

	for (int j = first; j < end; j += WARP) {
		double gradient = 0;

		if (j + lane < end)
			sum += compare(how, static_cast<double>(score(student, i, j + lane)),
			               static_cast<double>(score(teacher, i, j + lane)), log_s, log_t, n, &gradient);
		add_rows(out, student.b, how.b_stride, how.size, static_cast<float>(gradient * factor), j,
		         end - j < WARP ? end - j : WARP);
	}
	sum = warp_sum(sum);
	if (lane == 0) {
		how.log_s[at] = static_cast<float>(log_s);
		how.log_t[at] = static_cast<float>(log_t);
		how.sums[at] = static_cast<float>(sum);
	}
}

/* Blocks: as before. db, from the rows' sums of before. No shared memory. */
static __global__ void relate_columns_kernel(float *db, struct relation_terms how)
{
	const int j = static_cast<int>(blockIdx.x * ROWS + threadIdx.x / WARP), head = static_cast<int>(blockIdx.y);
	const int lane = static_cast<int>(threadIdx.x % WARP);

	if (j >= how.rows)
		return;
	const int sequence = sequence_of(how.starts, how.sequences, j);
	const int first = how.starts[sequence], end = how.starts[sequence + 1];
	const struct score_side student = student_of(how, head), teacher = teacher_of(how, head);
	const double n = static_cast<double>(end - first);
	const double factor = how.weight * static_cast<double>(*how.scale) * static_cast<double>(student.scale) / how.heads / n;
	const size_t at = static_cast<size_t>(head) * static_cast<size_t>(how.rows);
	float *out = db + static_cast<size_t>(j) * static_cast<size_t>(how.b_stride) + head * how.size;

	for (int i = first; i < end; i += WARP) {
		double gradient = 0;

		if (i + lane < end)
			compare(how, static_cast<double>(score(student, i + lane, j)), static_cast<double>(score(teacher, i + lane, j)),
			        static_cast<double>(how.log_s[at + static_cast<size_t>(i + lane)]),
			        static_cast<double>(how.log_t[at + static_cast<size_t>(i + lane)]), n, &gradient);
		add_rows(out, student.a, how.stride, how.size, static_cast<float>(gradient * factor), i,
		         end - i < WARP ? end - i : WARP);
	}
}

/* Blocks: 4 sequences each, a warp a sequence. No shared memory. */
static __global__ void relate_losses_kernel(float *loss, struct relation_terms how)
{
	const int sequence = static_cast<int>(blockIdx.x * ROWS + threadIdx.x / WARP), lane = static_cast<int>(threadIdx.x % WARP);

	if (sequence >= how.sequences)
		return;
	const int first = how.starts[sequence], end = how.starts[sequence + 1];
	const float *sums = how.sums; /* of the rows of one head after the other */
	double sum = 0;

	for (int head = 0; head < how.heads; head++, sums += how.rows)
		for (int i = first + lane; i < end; i += WARP)
			sum += static_cast<double>(sums[i]);
	sum = warp_sum(sum);
	if (lane == 0)
		loss[sequence] += static_cast<float>(how.weight * sum / how.heads / static_cast<double>(end - first));
}

static size_t packing_bytes(const struct packing *tokens)
{
	return staged_bytes((static_cast<size_t>(tokens->sequences) + 1) * sizeof(int32_t)) + staged_bytes(sizeof(float));
}

void cuda_relate(struct backend *b, float *loss, float *da, float *db, float *work, const float *a, const float *other,
                 const float *teacher_a, const float *teacher_b, const struct relation *how)
{
	struct cuda *c = cuda_of(b);
	const int32_t rows = how->tokens.starts[how->tokens.sequences];
	const size_t all = static_cast<size_t>(how->heads) * static_cast<size_t>(rows);
	const dim3 blocks(blocks_for(static_cast<size_t>(rows), ROWS), static_cast<unsigned>(how->heads));
	struct relation_terms terms;

	cuda_stage_room(c, packing_bytes(&how->tokens));
	terms = {a, other, teacher_a, teacher_b, cuda_stage(c, how->tokens.starts, static_cast<size_t>(how->tokens.sequences) + 1),
	         cuda_stage(c, &how->scale, 1), work, work + all, work + 2 * all, how->tokens.sequences, rows, how->heads, how->size,
	         how->stride, how->b_stride, how->teacher_size, how->teacher_stride, how->squares, static_cast<double>(how->weight)};
	launch(c, relate_rows_kernel, blocks, THREADS, 0, da, terms);
	launch(c, relate_columns_kernel, blocks, THREADS, 0, db, terms);
	launch(c, relate_losses_kernel, blocks_for(static_cast<size_t>(how->tokens.sequences), ROWS), THREADS, 0, loss, terms);
}

struct imitation_shared {
	double sums[THREADS / WARP];
};

/* Blocks: one a sequence. Reads x and the teacher once. */
static __global__ void imitate_kernel(float *loss, float *dx, const float *x, const float *teacher, const int32_t *starts,
                                      size_t columns, double weight, const float *scale)
{
	struct imitation_shared *shared = shared_memory<struct imitation_shared>();
	const size_t first = static_cast<size_t>(starts[blockIdx.x]) * columns;
	const size_t end = static_cast<size_t>(starts[blockIdx.x + 1]) * columns;
	const double count = static_cast<double>(end - first), gradient = 2 * weight * static_cast<double>(*scale) / count;
	double sum = 0;

	for (size_t i = first + threadIdx.x; i < end; i += THREADS) {
		const double difference = static_cast<double>(x[i]) - static_cast<double>(teacher[i]);

		sum += difference * difference;
		dx[i] += static_cast<float>(difference * gradient);
	}
	sum = block_sum(shared->sums, sum);
	if (threadIdx.x == 0)
		loss[blockIdx.x] += static_cast<float>(weight * sum / count);
}

void cuda_imitate(struct backend *b, float *loss, float *dx, const float *x, const float *teacher, const struct packing *tokens,
                  int32_t columns, const struct imitation_loss *how)
{
	struct cuda *c = cuda_of(b);

	cuda_stage_room(c, packing_bytes(tokens));
	launch(c, imitate_kernel, dim3(static_cast<unsigned>(tokens->sequences)), THREADS, sizeof(struct imitation_shared), loss, dx,
	       x, teacher, cuda_stage(c, tokens->starts, static_cast<size_t>(tokens->sequences) + 1), static_cast<size_t>(columns),
	       static_cast<double>(how->weight), cuda_stage(c, &how->scale, 1));
}
