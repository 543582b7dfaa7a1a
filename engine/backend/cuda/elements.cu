/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Operations on each element alone. A thread has four elements beside each other, a block 1024: each array is read and
 * written once, and no shared memory is needed. */
#include "engine/backend/cuda/counters.h"
#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/vectors.h"

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

/* What an operation does with the elements i .. i+3: of an array that it changes, and of one that it reads. Those beyond the
 * end are 0, and what is made of them goes nowhere. */
struct activating {
	enum activation activation;
	static const bool CHANGES = false, READS = true;

	__device__ float4 operator()(float4, float4 x, size_t) const
	{
		return make_float4(activate(x.x, activation), activate(x.y, activation), activate(x.z, activation),
		                   activate(x.w, activation));
	}
};

struct sloping {
	enum activation activation;
	static const bool CHANGES = true, READS = true;

	__device__ float4 operator()(float4 dy, float4 x, size_t) const
	{
		return dy * make_float4(activation_slope(x.x, activation), activation_slope(x.y, activation),
		                        activation_slope(x.z, activation), activation_slope(x.w, activation));
	}
};

struct adding {
	static const bool CHANGES = true, READS = true;

	__device__ float4 operator()(float4 out, float4 x, size_t) const { return out + x; }
};

struct dropping {
	struct keeping keeping;
	static const bool CHANGES = true, READS = false;

	__device__ float4 operator()(float4 x, float4, size_t i) const { return drop4<true>(keeping, i, x); }
};

struct making_noise {
	struct noise noise;
	const uint32_t *counter; /* as that of struct keeping */
	static const bool CHANGES = true, READS = false;

	__device__ float4 operator()(float4 x, float4, size_t i) const
	{
		const uint64_t block = i / 4;
		const uint32_t at[4] = {static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), noise.site,
		                        counter ? *counter : static_cast<uint32_t>(noise.step)};
		uint32_t bits[4];

		philox(noise.seed, at, bits);
		return make_float4(one(x.x, bits[0]), one(x.y, bits[1]), one(x.z, bits[2]), one(x.w, bits[3]));
	}

	/* u has 24 bits and is exact. */
	__device__ float one(float x, uint32_t bits) const
	{
		return fmaf(noise.amplitude, static_cast<float>(bits >> 8) * 0x1p-23f - 1, x);
	}
};

/* out[i] = how(out[i], x[i]). Blocks: 1024 elements each. `out` may be x. */
template <bool ALIGNED, class How> static __global__ void elements_kernel(float *out, const float *x, size_t count, How how)
{
	const size_t i = (static_cast<size_t>(blockIdx.x) * THREADS + threadIdx.x) * 4;
	float4 old = make_float4(0, 0, 0, 0), other = old;

	if (i >= count)
		return;
	if (How::CHANGES)
		old = load4<ALIGNED>(out, i, count);
	if (How::READS)
		other = load4<ALIGNED>(x, i, count);
	store4<ALIGNED>(out, i, count, how(old, other, i));
}

template <class How> static void each(struct backend *b, float *out, const float *x, size_t count, How how)
{
	const unsigned blocks = blocks_for(count, 4 * THREADS);

	if (aligned(out, x))
		launch(cuda_of(b), elements_kernel<true, How>, blocks, THREADS, 0, out, x, count, how);
	else
		launch(cuda_of(b), elements_kernel<false, How>, blocks, THREADS, 0, out, x, count, how);
}

void cuda_activation_forward(struct backend *b, float *out, const float *pre, size_t count, enum activation activation)
{
	each(b, out, pre, count, activating{activation});
}

void cuda_activation_backward(struct backend *b, float *dy, const float *pre, size_t count, enum activation activation)
{
	each(b, dy, pre, count, sloping{activation});
}

void cuda_add(struct backend *b, float *out, const float *x, size_t count)
{
	each(b, out, x, count, adding{});
}

void cuda_dropout(struct backend *b, float *x, size_t count, struct dropout dropout)
{
	const struct keeping keeping = keeping_of(cuda_of(b), &dropout);

	if (keeping.threshold > 0)
		each(b, x, x, count, dropping{keeping});
}

void cuda_noise(struct backend *b, float *x, size_t count, struct noise noise)
{
	const uint32_t *counter = cuda_counter(cuda_of(b), noise.step);

	if (counter)
		noise.step = 0;
	each(b, x, x, count, making_noise{noise, counter});
}
