/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/ceiling.h"

#include "engine/backend/cpu/paths.h"
#include "engine/base/pool.h"
#include "engine/clock.h"
#include "engine/system.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define PEAK_ROUNDS 200000 /* under a millisecond: shorter than a time slice of a busy machine */
#define PEAK_CHAINS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)

#if defined(__x86_64__)
#define CHAIN_512(i) __m512 c##i = _mm512_set1_ps(1.0f + 0.01f * i);
#define STEP_512(i) c##i = _mm512_fmadd_ps(c##i, a, b);
#define SUM_512(i) sum += _mm512_reduce_add_ps(c##i);
__attribute__((target("avx512f"))) static float peak_avx512(void)
{
	const __m512 a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
	float sum = 0;

	PEAK_CHAINS(CHAIN_512)
	for (int i = 0; i < PEAK_ROUNDS; i++) {
		PEAK_CHAINS(STEP_512)
	}
	PEAK_CHAINS(SUM_512)
	return sum;
}

#define CHAIN_256(i) __m256 c##i = _mm256_set1_ps(1.0f + 0.01f * i);
#define STEP_256(i) c##i = _mm256_fmadd_ps(c##i, a, b);
#define SUM_256(i) sum += _mm256_cvtss_f32(c##i);
__attribute__((target("avx2,fma"))) static float peak_avx2(void)
{
	const __m256 a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
	float sum = 0;

	PEAK_CHAINS(CHAIN_256)
	for (int i = 0; i < PEAK_ROUNDS; i++) {
		PEAK_CHAINS(STEP_256)
	}
	PEAK_CHAINS(SUM_256)
	return sum;
}
#endif

typedef float four __attribute__((vector_size(16)));
#define CHAIN_4(i) four c##i = {1 + 0.01f * i, 1, 1, 1};
#define STEP_4(i) c##i = c##i * a + b;
#define SUM_4(i) sum += c##i[0];
static float peak_generic(void)
{
	const four a = {0.999f, 0.999f, 0.999f, 0.999f}, b = {0.001f, 0.001f, 0.001f, 0.001f};
	float sum = 0;

	PEAK_CHAINS(CHAIN_4)
	for (int i = 0; i < PEAK_ROUNDS; i++) {
		PEAK_CHAINS(STEP_4)
	}
	PEAK_CHAINS(SUM_4)
	return sum;
}

struct peak {
	float (*run)(void);
	int lanes;
	float sums[1024];
};

static struct peak peak_of_processor(void)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512f"))
		return (struct peak){peak_avx512, 16, {0}};
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return (struct peak){peak_avx2, 8, {0}};
#endif
	return (struct peak){peak_generic, 4, {0}};
}

static void peak_task(void *context, int index, int worker)
{
	struct peak *peak = context;

	(void)worker;
	peak->sums[index] = peak->run();
}

double ceiling_peak(int threads)
{
	struct error error = {0};
	struct pool *pool = pool_new(threads, &error);
	struct peak peak = peak_of_processor();
	double best = 1e9, work = 2.0 * 12 * peak.lanes * PEAK_ROUNDS * threads;

	for (int i = 0; pool && i < 200; i++) {
		double start = clock_seconds();

		pool_run(pool, threads, peak_task, &peak);
		best = fmin(best, clock_seconds() - start);
	}
	pool_free(pool);
	return work / best * 1e-9;
}

/* Opens the OpenBLAS path whatever the environment asks for, and leaves the environment as it was. */
static struct backend *open_openblas(int threads)
{
	struct error error = {0};
	const char *asked = getenv("REVUE_CPU");
	char *kept = asked ? strdup(asked) : NULL;
	struct backend *b;

	setenv("REVUE_CPU", "openblas", 1);
	b = backend_cpu_open(threads, &error);
	if (kept)
		setenv("REVUE_CPU", kept, 1);
	else
		unsetenv("REVUE_CPU");
	free(kept);
	if (!b)
		fprintf(stderr, "ceiling: %s\n", error.text);
	return b;
}

static double sgemm_of(struct backend *b)
{
	enum { ROWS = 2048, IN = 384, OUT = 1536, TIMES = 20 };
	const struct backend_needs needs = {
		.rows = ROWS, .features = OUT, .longest = 512, .head_size = 32, .types = MATRIX_BIT(MATRIX_F32),
	};
	struct matrix w = {b->ops->alloc(b, sizeof(float) * IN * OUT), OUT, IN, NULL, MATRIX_F32, 1};
	float *x = b->ops->alloc(b, sizeof(float) * ROWS * IN), *y = b->ops->alloc(b, sizeof(float) * ROWS * OUT);
	double best = 1e9;

	if (w.data && x && y && b->ops->reserve(b, &needs, NULL))
		for (int i = 0; i < TIMES; i++) {
			double begin = clock_seconds();
			b->ops->linear_forward(b, y, NULL, x, &w, NULL, ROWS, ACTIVATION_NONE);
			best = fmin(best, clock_seconds() - begin);
		}
	b->ops->release(b, w.data);
	b->ops->release(b, x);
	b->ops->release(b, y);
	return 2.0 * ROWS * IN * OUT / best * 1e-9;
}

struct ceiling ceiling_measure(void)
{
	struct ceiling ceiling = {.threads = system_processors()};
	struct backend *b = open_openblas(ceiling.threads);

	ceiling.peak = ceiling_peak(ceiling.threads);
	if (b) {
		ceiling.sgemm = sgemm_of(b);
		b->ops->close(b);
	}
	return ceiling;
}
