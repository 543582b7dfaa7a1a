/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Layer normalisation, and sums over the rows of an array.
 *
 * A row of up to 1024 columns has a warp, whose lanes keep it in registers: it is read once and written once. A wider one has
 * a block, which reads again what it wrote. */
#include "engine/backend/cuda/counters.h"
#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/vectors.h"

#include <cmath>

#define THREADS 256
#define WARPS (THREADS / WARP)
#define ROW_THREADS 128             /* of blocks whose warps have a row each */
#define CHUNK (4 * WARP)            /* columns that a warp reads at once */
#define CHUNKS_MAX 8                /* of a row in registers */
#define PARTS_MAX 256               /* of the rows, for sums over them */
#define PART_ROWS 64                /* at least */

struct norm {
	int32_t rows, columns;
	float epsilon;
	struct keeping keeping;
};

/* dropout(x) + residual of the columns c .. c+3. */
template <bool ALIGNED> static __device__ __forceinline__ float4 summed(const float *x, const float *residual, size_t row,
                                                                        size_t c, const struct norm &how)
{
	const size_t n = static_cast<size_t>(how.columns);
	const float4 value = drop4<ALIGNED>(how.keeping, row * n + c, load4<ALIGNED>(x + row * n, c, n));

	return residual ? value + load4<ALIGNED>(residual + row * n, c, n) : value;
}

/* The squares of those that lie in the row. */
static __device__ __forceinline__ float squares(float4 x, size_t c, size_t n)
{
	return (x.x * x.x + (c + 1 < n ? x.y * x.y : 0)) + ((c + 2 < n ? x.z * x.z : 0) + (c + 3 < n ? x.w * x.w : 0));
}

/* (value - average) * scale * gamma + beta */
template <bool ALIGNED> static __device__ __forceinline__ float4 normalised(float4 value, float average, float scale,
                                                                            const float *gamma, const float *beta, size_t c,
                                                                            size_t n)
{
	return (value - average) * scale * load4<ALIGNED>(gamma, c, n) + load4<ALIGNED>(beta, c, n);
}

/* Blocks: 4 rows each, a warp a row. Reads x and residual once, gamma and beta from L2; writes out and sum. */
template <int CHUNKS, bool ALIGNED>
static __global__ void __launch_bounds__(ROW_THREADS)
norm_forward_kernel(float *out, float *sum, float *mean, float *rstd, const float *x, const float *residual,
                    const float *gamma, const float *beta, struct norm how)
{
	const size_t n = static_cast<size_t>(how.columns), lane = threadIdx.x % WARP;
	const size_t row = static_cast<size_t>(blockIdx.x) * (ROW_THREADS / WARP) + threadIdx.x / WARP;
	float4 value[CHUNKS];
	float average = 0, variance = 0, scale;

	if (row >= static_cast<size_t>(how.rows))
		return;
#pragma unroll
	for (int k = 0; k < CHUNKS; k++) {
		const size_t c = static_cast<size_t>(k) * CHUNK + lane * 4;

		value[k] = c < n ? summed<ALIGNED>(x, residual, row, c, how) : make_float4(0, 0, 0, 0);
		average += total(value[k]);
	}
	average = warp_sum(average) / static_cast<float>(n);
#pragma unroll
	for (int k = 0; k < CHUNKS; k++) {
		const size_t c = static_cast<size_t>(k) * CHUNK + lane * 4;

		if (c < n)
			variance += squares(value[k] - average, c, n);
	}
	variance = warp_sum(variance) / static_cast<float>(n);
	scale = 1 / sqrtf(variance + how.epsilon);
#pragma unroll
	for (int k = 0; k < CHUNKS; k++) {
		const size_t c = static_cast<size_t>(k) * CHUNK + lane * 4;

		if (c >= n)
			continue;
		if (sum)
			store4<ALIGNED>(sum + row * n, c, n, value[k]);
		store4<ALIGNED>(out + row * n, c, n, normalised<ALIGNED>(value[k], average, scale, gamma, beta, c, n));
	}
	if (mean && lane == 0)
		mean[row] = average;
	if (rstd && lane == 0)
		rstd[row] = scale;
}

struct wide_shared {
	float sums[WARPS];
};

/* Blocks: a row each. Reads x and residual once and twice again what it wrote: sum, or out. */
template <int CHUNKS /* as above */, bool ALIGNED>
static __global__ void norm_forward_wide_kernel(float *out, float *sum, float *mean, float *rstd, const float *x,
                                                const float *residual, const float *gamma, const float *beta,
                                                struct norm how)
{
	struct wide_shared *shared = shared_memory<struct wide_shared>();
	const size_t n = static_cast<size_t>(how.columns), row = blockIdx.x, first = threadIdx.x * 4;
	float *kept = (sum ? sum : out) + row * n;
	float average = 0, variance = 0, scale;

	for (size_t c = first; c < n; c += 4 * THREADS) {
		const float4 value = summed<ALIGNED>(x, residual, row, c, how);

		store4<ALIGNED>(kept, c, n, value);
		average += total(value);
	}
	average = block_sum(shared->sums, average) / static_cast<float>(n);
	for (size_t c = first; c < n; c += 4 * THREADS)
		variance += squares(load4<ALIGNED>(kept, c, n) - average, c, n);
	variance = block_sum(shared->sums, variance) / static_cast<float>(n);
	scale = 1 / sqrtf(variance + how.epsilon);
	for (size_t c = first; c < n; c += 4 * THREADS)
		store4<ALIGNED>(out + row * n, c, n,
		                normalised<ALIGNED>(load4<ALIGNED>(kept, c, n), average, scale, gamma, beta, c, n));
	if (mean && threadIdx.x == 0)
		mean[row] = average;
	if (rstd && threadIdx.x == 0)
		rstd[row] = scale;
}

/* d/dsum, of which dx is what came through the dropout. */
template <bool ALIGNED> static __device__ __forceinline__ void store_gradient(float *dx, float *dresidual, float4 d, size_t row,
                                                                              size_t c, const struct norm &how)
{
	const size_t n = static_cast<size_t>(how.columns);

	if (dresidual)
		store4<ALIGNED>(dresidual + row * n, c, n, d);
	store4<ALIGNED>(dx + row * n, c, n, drop4<ALIGNED>(how.keeping, row * n + c, d));
}

/* rstd (g - average - normal * projection) */
static __device__ __forceinline__ float4 centred(float4 g, float4 normal, float average, float projection, float rstd)
{
	return (g - average + normal * -projection) * rstd;
}

/* Blocks: 4 rows each, a warp a row. Reads dout and sum once, gamma from L2; writes dx and dresidual. */
template <int CHUNKS, bool ALIGNED>
static __global__ void __launch_bounds__(ROW_THREADS)
norm_backward_kernel(float *dx, float *dresidual, const float *dout, const float *sum, const float *mean, const float *rstd,
                     const float *gamma, struct norm how)
{
	const size_t n = static_cast<size_t>(how.columns), lane = threadIdx.x % WARP;
	const size_t row = static_cast<size_t>(blockIdx.x) * (ROW_THREADS / WARP) + threadIdx.x / WARP;
	float4 g[CHUNKS], normal[CHUNKS];
	float average = 0, projection = 0, middle, scale;

	if (row >= static_cast<size_t>(how.rows))
		return;
	middle = mean[row];
	scale = rstd[row];
#pragma unroll
	for (int k = 0; k < CHUNKS; k++) {
		const size_t c = static_cast<size_t>(k) * CHUNK + lane * 4;

		g[k] = normal[k] = make_float4(0, 0, 0, 0);
		if (c < n) {
			g[k] = load4<ALIGNED>(dout + row * n, c, n) * load4<ALIGNED>(gamma, c, n);
			normal[k] = (load4<ALIGNED>(sum + row * n, c, n) - middle) * scale;
		}
		average += total(g[k]);
		projection += total(g[k] * normal[k]);
	}
	average = warp_sum(average) / static_cast<float>(n);
	projection = warp_sum(projection) / static_cast<float>(n);
#pragma unroll
	for (int k = 0; k < CHUNKS; k++) {
		const size_t c = static_cast<size_t>(k) * CHUNK + lane * 4;

		if (c < n)
			store_gradient<ALIGNED>(dx, dresidual, centred(g[k], normal[k], average, projection, scale), row, c, how);
	}
}

/* Blocks: a row each. Reads dout and sum twice. */
template <int CHUNKS, bool ALIGNED>
static __global__ void norm_backward_wide_kernel(float *dx, float *dresidual, const float *dout, const float *sum,
                                                 const float *mean, const float *rstd, const float *gamma, struct norm how)
{
	struct wide_shared *shared = shared_memory<struct wide_shared>();
	const size_t n = static_cast<size_t>(how.columns), row = blockIdx.x, first = threadIdx.x * 4;
	const float middle = mean[row], scale = rstd[row];
	float average = 0, projection = 0;

	for (size_t c = first; c < n; c += 4 * THREADS) {
		const float4 g = load4<ALIGNED>(dout + row * n, c, n) * load4<ALIGNED>(gamma, c, n);

		average += total(g);
		projection += total(g * ((load4<ALIGNED>(sum + row * n, c, n) - middle) * scale));
	}
	average = block_sum(shared->sums, average) / static_cast<float>(n);
	projection = block_sum(shared->sums, projection) / static_cast<float>(n);
	for (size_t c = first; c < n; c += 4 * THREADS) {
		const float4 g = load4<ALIGNED>(dout + row * n, c, n) * load4<ALIGNED>(gamma, c, n);
		const float4 normal = (load4<ALIGNED>(sum + row * n, c, n) - middle) * scale;

		store_gradient<ALIGNED>(dx, dresidual, centred(g, normal, average, projection, scale), row, c, how);
	}
}

/* ---- sums over rows: of parts of the rows, then of the parts; how many there are depends on the rows alone */

struct parts {
	int32_t rows, columns, part_rows, count;
};

static struct parts parts_of(int32_t rows, int32_t columns)
{
	const int32_t least = (rows + PARTS_MAX - 1) / PARTS_MAX, part_rows = least > PART_ROWS ? least : PART_ROWS;

	return {rows, columns, part_rows, (rows + part_rows - 1) / part_rows};
}

struct columns_shared {
	float4 sums[2][WARPS][WARP];
};

static __device__ float4 sum_of_warps(const float4 (*sums)[WARP])
{
	float4 sum = sums[0][threadIdx.x % WARP];

	for (int w = 1; w < WARPS; w++)
		sum = sum + sums[w][threadIdx.x % WARP];
	return sum;
}

/* parts[part][0][column] = the sum of dout, and where `sum` is given [part][1][column] that of dout times the normalised
 * row. Blocks: x 128 columns, y a part; each warp has every eighth row of it. Reads dout and sum once; 8 KiB of shared
 * memory for what the warps found. */
template <bool ALIGNED>
static __global__ void column_parts_kernel(float *out, const float *dout, const float *sum, const float *mean,
                                           const float *rstd, struct parts parts)
{
	struct columns_shared *shared = shared_memory<struct columns_shared>();
	const unsigned lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
	const size_t n = static_cast<size_t>(parts.columns), c = static_cast<size_t>(blockIdx.x) * CHUNK + lane * 4;
	const int32_t first = static_cast<int32_t>(blockIdx.y) * parts.part_rows;
	const int32_t end = parts.rows - first > parts.part_rows ? first + parts.part_rows : parts.rows;
	const size_t kinds = sum ? 2 : 1;
	float4 plain = make_float4(0, 0, 0, 0), product = plain;

	for (int32_t r = first + static_cast<int32_t>(warp); r < end; r += WARPS) {
		const size_t row = static_cast<size_t>(r) * n;
		const float4 d = load4<ALIGNED>(dout + row, c, n);

		plain = plain + d;
		if (sum)
			product = product + d * ((load4<ALIGNED>(sum + row, c, n) - mean[r]) * rstd[r]);
	}
	shared->sums[0][warp][lane] = plain;
	shared->sums[1][warp][lane] = product;
	__syncthreads();
	if (warp < kinds)
		store4<ALIGNED>(out + (blockIdx.y * kinds + warp) * n, c, n, sum_of_warps(shared->sums[warp]));
}

struct finish_shared {
	float sums[WARPS][WARP];
};

/* plain[c] += the sum of parts[..][0][c], product[c] that of parts[..][1][c]. Blocks: x 32 columns, y which of both; each warp
 * has every eighth part. */
static __global__ void column_finish_kernel(float *plain, float *product, const float *in, struct parts parts)
{
	struct finish_shared *shared = shared_memory<struct finish_shared>();
	const unsigned lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
	const size_t n = static_cast<size_t>(parts.columns), c = static_cast<size_t>(blockIdx.x) * WARP + lane;
	float *out = blockIdx.y == 0 ? plain : product;
	float sum = 0;

	for (unsigned part = warp; c < n && part < static_cast<unsigned>(parts.count); part += WARPS)
		sum += in[(static_cast<size_t>(part) * gridDim.y + blockIdx.y) * n + c];
	shared->sums[warp][lane] = sum;
	__syncthreads();
	if (warp != 0 || c >= n)
		return;
	for (int w = 1; w < WARPS; w++)
		sum += shared->sums[w][lane];
	out[c] += sum;
}

static void sum_columns(struct cuda *c, float *plain, float *product, const float *dout, const float *sum, const float *mean,
                        const float *rstd, int32_t rows, int32_t columns)
{
	const struct parts parts = parts_of(rows, columns);
	const size_t n = static_cast<size_t>(columns), kinds = sum ? 2 : 1;
	float *room = static_cast<float *>(cuda_scratch(c, static_cast<size_t>(parts.count) * kinds * n * sizeof(float)));
	const dim3 blocks(blocks_for(n, CHUNK), static_cast<unsigned>(parts.count));

	launch(c, n % 4 == 0 && aligned(dout, sum) ? column_parts_kernel<true> : column_parts_kernel<false>, blocks, THREADS,
	       sizeof(struct columns_shared), room, dout, sum, mean, rstd, parts);
	launch(c, column_finish_kernel, dim3(blocks_for(n, WARP), static_cast<unsigned>(kinds)), THREADS,
	       sizeof(struct finish_shared), plain, product, room, parts);
}

void cuda_sum_columns(struct cuda *c, float *out, const float *x, int32_t rows, int32_t columns)
{
	if (rows > 0)
		sum_columns(c, out, nullptr, x, nullptr, nullptr, nullptr, rows, columns);
}

size_t cuda_norm_scratch(const struct backend_needs *needs)
{
	return size_t{2} * PARTS_MAX * static_cast<size_t>(needs->features) * sizeof(float);
}

/* ---- the forms by width */

/* The blocks and the kernel for rows of `columns`. KERNEL: a template of chunks and alignment; WIDE: its wide form. */
#define FORM(KERNEL, chunks, is_aligned) ((is_aligned) ? KERNEL<chunks, true> : KERNEL<chunks, false>)
#define FORM_FOR(KERNEL, WIDE, columns, is_aligned) \
	((columns) <= 1 * CHUNK   ? FORM(KERNEL, 1, is_aligned) \
	 : (columns) <= 3 * CHUNK ? FORM(KERNEL, 3, is_aligned) \
	 : (columns) <= 6 * CHUNK ? FORM(KERNEL, 6, is_aligned) \
	 : (columns) <= CHUNKS_MAX * CHUNK ? FORM(KERNEL, CHUNKS_MAX, is_aligned) \
	                                   : FORM(WIDE, 0, is_aligned))

static bool is_wide(int32_t columns)
{
	return columns > CHUNKS_MAX * CHUNK;
}

static unsigned row_blocks(int32_t rows, int32_t columns)
{
	return is_wide(columns) ? static_cast<unsigned>(rows) : blocks_for(static_cast<size_t>(rows), ROW_THREADS / WARP);
}

void cuda_norm_forward(struct backend *b, float *out, float *sum, float *mean, float *rstd, const float *x,
                       const float *residual, const float *gamma, const float *beta, int32_t rows, int32_t columns,
                       float epsilon, struct dropout dropout)
{
	const bool fast = columns % 4 == 0 && aligned(out, sum, x, residual, gamma, beta);
	const struct norm how = {rows, columns, epsilon, keeping_of(cuda_of(b), &dropout)};

	launch(cuda_of(b), FORM_FOR(norm_forward_kernel, norm_forward_wide_kernel, columns, fast), row_blocks(rows, columns),
	       is_wide(columns) ? THREADS : ROW_THREADS, sizeof(struct wide_shared), out, sum, mean, rstd, x, residual, gamma,
	       beta, how);
}

/* The sums over rows first: dx may be dout. */
void cuda_norm_backward(struct backend *b, float *dx, float *dresidual, float *dgamma, float *dbeta, const float *dout,
                        const float *sum, const float *mean, const float *rstd, const float *gamma, int32_t rows,
                        int32_t columns, struct dropout dropout)
{
	const bool fast = columns % 4 == 0 && aligned(dx, dresidual, dout, sum, gamma);
	const struct norm how = {rows, columns, 0, keeping_of(cuda_of(b), &dropout)};

	if (rows > 0)
		sum_columns(cuda_of(b), dbeta, dgamma, dout, sum, mean, rstd, rows, columns);
	launch(cuda_of(b), FORM_FOR(norm_backward_kernel, norm_backward_wide_kernel, columns, fast), row_blocks(rows, columns),
	       is_wide(columns) ? THREADS : ROW_THREADS, sizeof(struct wide_shared), dx, dresidual, dout, sum, mean, rstd, gamma,
	       how);
}
