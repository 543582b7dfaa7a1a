/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Losses, in double as on the CPU. A warp has a row, a block four: logits are few, and what counts is one launch. Labels and
 * targets come from the host. */
#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/vectors.h"

#include <cmath>

#define THREADS 128
#define ROWS (THREADS / WARP) /* of a block */

struct loss_terms {
	int32_t rows, columns;
	double smoothing;
	const float *scale;   /* on the device, as what follows: it may be another in each step */
	const float *weights; /* [columns], or NULL */
};

static __device__ double scale_of(const struct loss_terms &how)
{
	return static_cast<double>(*how.scale);
}

static __device__ double weight_of(const struct loss_terms &how, int c)
{
	return how.weights ? static_cast<double>(how.weights[c]) : 1;
}

/* What class c counts in the loss of an example of class `label`. */
static __device__ double share_of(const struct loss_terms &how, int c, int label)
{
	return ((c == label ? 1 - how.smoothing : 0) + how.smoothing / static_cast<double>(how.columns)) * weight_of(how, c);
}

static __device__ double warp_largest(double value)
{
	for (int bits = WARP / 2; bits > 0; bits /= 2)
		value = fmax(value, __shfl_xor_sync(WHOLE_WARP, value, bits));
	return value;
}

/* The row of the warp, -1 where there is none. */
static __device__ int row_of_warp(int rows)
{
	const int row = static_cast<int>(blockIdx.x * ROWS + threadIdx.x / WARP);

	return row < rows ? row : -1;
}

/* Blocks: 4 rows each, a warp a row. Reads the logits three times, from L1 after the first. No shared memory. */
static __global__ void cross_entropy_kernel(float *loss, float *dlogits, const float *logits, const int32_t *labels,
                                            struct loss_terms how)
{
	const int row = row_of_warp(how.rows), n = how.columns, lane = static_cast<int>(threadIdx.x % WARP);
	const float *x = logits + static_cast<size_t>(row) * static_cast<size_t>(n);
	double largest = -INFINITY, sum = 0, shares = 0, whole = 0;
	int label;

	if (row < 0)
		return;
	label = labels[row];
	for (int c = lane; c < n; c += WARP)
		largest = fmax(largest, static_cast<double>(x[c]));
	largest = warp_largest(largest);
	for (int c = lane; c < n; c += WARP)
		sum += exp(static_cast<double>(x[c]) - largest);
	sum = warp_sum(sum);
	for (int c = lane; c < n; c += WARP) {
		const double share = share_of(how, c, label);

		shares += share;
		if (share > 0) /* a logit that is infinite and does not count must not make a NaN */
			whole += share * (largest + log(sum) - static_cast<double>(x[c]));
	}
	shares = warp_sum(shares);
	whole = warp_sum(whole);
	if (lane == 0)
		loss[row] = static_cast<float>(whole);
	for (int c = lane; dlogits && c < n; c += WARP)
		dlogits[static_cast<size_t>(row) * static_cast<size_t>(n) + static_cast<size_t>(c)] = static_cast<float>(
			(exp(static_cast<double>(x[c]) - largest) / sum * shares - share_of(how, c, label)) * scale_of(how));
}

/* log(1 + exp(x)) */
static __device__ double softplus(double x)
{
	return fmax(x, 0.0) + log1p(exp(-fabs(x)));
}

/* Blocks: 4 rows each, a warp a row. Reads logits and targets once. No shared memory. */
static __global__ void binary_cross_entropy_kernel(float *loss, float *dlogits, const float *logits, const float *targets,
                                                   struct loss_terms how)
{
	const int row = row_of_warp(how.rows), lane = static_cast<int>(threadIdx.x % WARP);
	const double count = static_cast<double>(how.columns);
	double sum = 0;

	if (row < 0)
		return;
	for (int c = lane; c < how.columns; c += WARP) {
		const size_t at = static_cast<size_t>(row) * static_cast<size_t>(how.columns) + static_cast<size_t>(c);
		const double x = static_cast<double>(logits[at]), y = static_cast<double>(targets[at]), w = weight_of(how, c);
		const double likely = x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));

		sum += w * y * softplus(-x) + (1 - y) * softplus(x);
		if (dlogits)
			dlogits[at] = static_cast<float>((w * y * (likely - 1) + (1 - y) * likely) / count * scale_of(how));
	}
	sum = warp_sum(sum);
	if (lane == 0)
		loss[row] = static_cast<float>(sum / count);
}

static struct loss_terms stage_terms(struct cuda *c, const struct loss *how, int32_t rows, int32_t columns)
{
	return {rows, columns, static_cast<double>(how->label_smoothing), cuda_stage(c, &how->scale, 1),
	        how->weights ? cuda_stage(c, how->weights, static_cast<size_t>(columns)) : nullptr};
}

size_t cuda_loss_staging(const struct backend_needs *needs)
{
	return staged_bytes(static_cast<size_t>(needs->rows) * sizeof(int32_t)) + staged_bytes(sizeof(float)) +
	       2 * staged_bytes(static_cast<size_t>(needs->features) * sizeof(float));
}

void cuda_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits, const int32_t *labels,
                        int32_t rows, int32_t columns, const struct loss *how)
{
	struct cuda *c = cuda_of(b);
	const size_t count = static_cast<size_t>(rows);
	struct loss_terms terms;

	cuda_stage_room(c, staged_bytes(count * sizeof *labels) + staged_bytes(sizeof(float)) +
	                           staged_bytes(static_cast<size_t>(columns) * sizeof(float)));
	terms = stage_terms(c, how, rows, columns);
	launch(c, cross_entropy_kernel, blocks_for(count, ROWS), THREADS, 0, loss, dlogits, logits,
	       cuda_stage(c, labels, count), terms);
}

/* Some rows, whose targets there is room for. */
static void binary_rows(struct cuda *c, float *loss, float *dlogits, const float *logits, const float *targets, int32_t rows,
                        int32_t columns, const struct loss *how)
{
	const size_t count = static_cast<size_t>(rows) * static_cast<size_t>(columns);
	const struct loss_terms terms = stage_terms(c, how, rows, columns);

	launch(c, binary_cross_entropy_kernel, blocks_for(static_cast<size_t>(rows), ROWS), THREADS, 0, loss, dlogits, logits,
	       cuda_stage(c, targets, count), terms);
}

void cuda_binary_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits, const float *targets,
                               int32_t rows, int32_t columns, const struct loss *how)
{
	struct cuda *c = cuda_of(b);
	const size_t n = static_cast<size_t>(columns), row_bytes = n * sizeof(float), total = static_cast<size_t>(rows);
	const size_t others = 2 * staged_bytes(row_bytes) + staged_bytes(sizeof(float)) + AREA_HEAD;
	const size_t room = c->staging_bytes > others ? c->staging_bytes - others : 0;
	const size_t most = room / row_bytes > 0 ? room / row_bytes : 1;

	for (size_t r = 0; r < total && !c->failed; r += most) {
		const size_t count = total - r < most ? total - r : most;

		cuda_stage_room(c, staged_bytes(count * row_bytes) + staged_bytes(row_bytes) + staged_bytes(sizeof(float)));
		binary_rows(c, loss + r, dlogits ? dlogits + r * n : nullptr, logits + r * n, targets + r * n,
		            static_cast<int32_t>(count), columns, how);
	}
}

/* What the answers of teachers make of a loss that stands there. */
struct soft_terms {
	int32_t rows, columns;
	double temperature;
	bool independent;
	const float *scale, *shares; /* on the device */
};

/* p log(p / q) by the logarithm of q. */
static __device__ double divergence(double p, double log_q)
{
	return p > 0 ? p * (log(p) - log_q) : 0;
}

/* The logarithm of the sum of exp((x - largest) / T) over the row of the warp. */
static __device__ double soft_log_sum(const float *x, int n, double temperature, double *largest)
{
	double most = -INFINITY, sum = 0;

	for (int c = static_cast<int>(threadIdx.x % WARP); c < n; c += WARP)
		most = fmax(most, static_cast<double>(x[c]));
	*largest = warp_largest(most);
	for (int c = static_cast<int>(threadIdx.x % WARP); c < n; c += WARP)
		sum += exp((static_cast<double>(x[c]) - *largest) / temperature);
	return log(warp_sum(sum));
}

static __device__ double rest_of(double share, float before)
{
	return share < 1 ? (1 - share) * static_cast<double>(before) : 0;
}

/* Blocks: 4 rows each, a warp a row. Reads the logits three times, from L1 after the first. No shared memory. */
static __global__ void soften_kernel(float *loss, float *dlogits, const float *logits, const float *targets,
                                     struct soft_terms how)
{
	const int row = row_of_warp(how.rows), n = how.columns, lane = static_cast<int>(threadIdx.x % WARP);
	const double t = how.temperature, mean = how.independent ? 1 / static_cast<double>(n) : 1;
	const size_t first = static_cast<size_t>(row) * static_cast<size_t>(n);
	double largest = 0, log_sum, share, sum = 0;

	if (row < 0)
		return;
	share = static_cast<double>(how.shares[row]);
	log_sum = soft_log_sum(logits + first, n, t, &largest);
	for (int c = lane; c < n; c += WARP) {
		const size_t at = first + static_cast<size_t>(c);
		const double p = static_cast<double>(targets[at]), z = static_cast<double>(logits[at]) / t;
		const double log_q = (static_cast<double>(logits[at]) - largest) / t - log_sum;
		const double likely = z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));
		const double gradient = (how.independent ? likely : exp(log_q)) - p;

		sum += how.independent ? divergence(p, -softplus(-z)) + divergence(1 - p, -softplus(z)) : divergence(p, log_q);
		if (dlogits)
			dlogits[at] = static_cast<float>(rest_of(share, dlogits[at]) +
			                                 share * t * mean * gradient * static_cast<double>(*how.scale));
	}
	sum = warp_sum(sum);
	if (lane == 0)
		loss[row] = static_cast<float>(rest_of(share, loss[row]) + share * t * t * mean * sum);
}

static void soften_rows(struct cuda *c, float *loss, float *dlogits, const float *logits, const float *targets,
                        const float *shares, int32_t rows, int32_t columns, const struct soft_loss *how)
{
	const size_t count = static_cast<size_t>(rows);
	const struct soft_terms terms = {rows, columns, static_cast<double>(how->temperature), how->independent,
	                                 cuda_stage(c, &how->scale, 1), cuda_stage(c, shares, count)};

	launch(c, soften_kernel, blocks_for(count, ROWS), THREADS, 0, loss, dlogits, logits,
	       cuda_stage(c, targets, count * static_cast<size_t>(columns)), terms);
}

void cuda_soften(struct backend *b, float *loss, float *dlogits, const float *logits, const float *targets, const float *shares,
                 int32_t rows, int32_t columns, const struct soft_loss *how)
{
	struct cuda *c = cuda_of(b);
	const size_t n = static_cast<size_t>(columns), row_bytes = (n + 1) * sizeof(float), total = static_cast<size_t>(rows);
	const size_t others = staged_bytes(0) + staged_bytes(sizeof(float)) + 2 * staged_bytes(1) + AREA_HEAD;
	const size_t room = c->staging_bytes > others ? c->staging_bytes - others : 0;
	const size_t most = room / row_bytes > 0 ? room / row_bytes : 1;

	for (size_t r = 0; r < total && !c->failed; r += most) {
		const size_t count = total - r < most ? total - r : most;

		cuda_stage_room(c, staged_bytes(count * n * sizeof(float)) + staged_bytes(count * sizeof(float)) +
		                           staged_bytes(sizeof(float)));
		soften_rows(c, loss + r, dlogits ? dlogits + r * n : nullptr, logits + r * n, targets + r * n, shares + r,
		            static_cast<int32_t>(count), columns, how);
	}
}
