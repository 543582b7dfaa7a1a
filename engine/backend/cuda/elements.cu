/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Operations on each element alone. */
#include "engine/backend/cuda/operations.h"

#include <cmath>

#define THREADS 256
#define SQRT_2 1.41421356237309504880f
#define SQRT_2_PI 2.50662827463100050242f      /* sqrt(2 pi) */
#define GELU_NEW_SCALE 0.79788456080286535588f /* sqrt(2 / pi) */
#define GELU_NEW_CUBE 0.044715f

static __device__ float activate(float x, enum activation activation)
{
	switch (activation) {
	case ACTIVATION_GELU:
		return 0.5f * x * (1 + erff(x / SQRT_2));
	case ACTIVATION_GELU_NEW:
		return 0.5f * x * (1 + tanhf(GELU_NEW_SCALE * (x + GELU_NEW_CUBE * x * x * x)));
	case ACTIVATION_RELU:
		return x < 0 ? 0 : x;
	case ACTIVATION_TANH:
		return tanhf(x);
	case ACTIVATION_NONE:
		break;
	}
	return x;
}

/* d activate(x) / dx */
static __device__ float activation_slope(float x, enum activation activation)
{
	float t;

	switch (activation) {
	case ACTIVATION_GELU:
		return 0.5f * (1 + erff(x / SQRT_2)) + x * expf(-0.5f * x * x) / SQRT_2_PI;
	case ACTIVATION_GELU_NEW:
		t = tanhf(GELU_NEW_SCALE * (x + GELU_NEW_CUBE * x * x * x));
		return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * GELU_NEW_SCALE * (1 + 3 * GELU_NEW_CUBE * x * x);
	case ACTIVATION_RELU:
		return x > 0 ? 1.f : 0.f;
	case ACTIVATION_TANH:
		t = tanhf(x);
		return 1 - t * t;
	case ACTIVATION_NONE:
		break;
	}
	return 1;
}

static __device__ size_t element()
{
	return static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

static __global__ void activation_forward_kernel(float *out, const float *pre, size_t count, enum activation activation)
{
	const size_t i = element();

	if (i < count)
		out[i] = activate(pre[i], activation);
}

static __global__ void activation_backward_kernel(float *dy, const float *pre, size_t count, enum activation activation)
{
	const size_t i = element();

	if (i < count)
		dy[i] *= activation_slope(pre[i], activation);
}

static __global__ void add_kernel(float *out, const float *x, size_t count)
{
	const size_t i = element();

	if (i < count)
		out[i] += x[i];
}

void cuda_activation_forward(struct backend *b, float *out, const float *pre, size_t count, enum activation activation)
{
	launch(cuda_of(b), activation_forward_kernel, blocks_for(count, THREADS), THREADS, 0, out, pre, count, activation);
}

void cuda_activation_backward(struct backend *b, float *dy, const float *pre, size_t count, enum activation activation)
{
	launch(cuda_of(b), activation_backward_kernel, blocks_for(count, THREADS), THREADS, 0, dy, pre, count, activation);
}

void cuda_add(struct backend *b, float *out, const float *x, size_t count)
{
	launch(cuda_of(b), add_kernel, blocks_for(count, THREADS), THREADS, 0, out, x, count);
}
