/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/ops.h"

#include "tests/unit/ops_cuda.h"

#include "engine/backend/cpu/cpu.h"
#include "engine/backend/cpu/paths.h"
#include "engine/base/random.h"

#define HELD_MAX 4096
#define TESTS_MAX 256

extern const struct kernels kernels_wide;

const char *const ops_paths[OPS_PATHS] = {"reference", "openblas", "avx2", "wide", "avx512", "cuda"};

static bool on_device; /* the path of the test that runs */
static void *held[HELD_MAX];
static size_t held_count;

static struct backend *open_cpu(const char *path, int threads)
{
	struct error error = {0};
	bool wide = strcmp(path, "wide") == 0;
	struct backend *b, *own;

	setenv("REVUE_CPU", wide ? "avx2" : path, 1);
	b = backend_cpu_open(threads, &error);
	if (!b) {
		assert_non_null(strstr(error.text, "cannot run"));
		skip();
	}
	if (wide) {
		own = cpu_open_with(b->ops, &kernels_wide, threads, &error);
		assert_non_null(own);
		b->ops->close(b);
		b = own;
	}
	return b;
}

static struct backend *open_for(const char *path, int threads, enum precision precision, int32_t rows, int32_t features)
{
	struct error error = {0};
	struct backend *b = strcmp(path, "cuda") == 0 ? ops_cuda_open(threads) : open_cpu(path, threads);

	b->precision = precision;
	assert_true(b->ops->reserve(b, &(struct backend_needs){
		.rows = rows, .features = features, .longest = 512, .head_size = 160, .types = CPU_TYPES, .training = true,
	}, &error));
	return b;
}

struct backend *ops_open(const char *path, int threads)
{
	return open_for(path, threads, PRECISION_F32, 4096, 3200);
}

struct backend *ops_open_in(enum precision precision, const char *path, int threads)
{
	return open_for(path, threads, precision, 512, 640);
}

float *ops_zeros(size_t count)
{
	float *memory = on_device ? ops_cuda_zeros(count + 1) : calloc(count + 1, sizeof *memory);

	assert_non_null(memory);
	assert_true(held_count < HELD_MAX);
	held[held_count++] = memory;
	return memory;
}

float *ops_random(size_t count, float deviation, uint32_t stream)
{
	float *memory = ops_zeros(count);

	random_normal(memory, count, deviation, 7, stream);
	return memory;
}

float *ops_copy(const float *values, size_t count)
{
	float *memory = ops_zeros(count);

	memcpy(memory, values, count * sizeof *memory);
	return memory;
}

const struct clipping *ops_clipping(float scale)
{
	struct clipping *clipping = (struct clipping *)(void *)ops_zeros(sizeof *clipping / sizeof(float));

	*clipping = (struct clipping){.scale = scale, .finite = 1};
	return clipping;
}

struct clipping ops_clip(struct backend *b, const struct segment *segments, size_t count, double limit)
{
	struct clipping *clipping = (struct clipping *)(void *)ops_zeros(sizeof *clipping / sizeof(float)), result;

	b->ops->clip(b, clipping, segments, count, limit);
	b->ops->sync(b);
	result = *clipping;
	held_count--; /* the newest: lists of segments are many */
	(on_device ? ops_cuda_free : free)(clipping);
	return result;
}

void ops_forget(void)
{
	if (on_device)
		ops_cuda_wait();
	while (held_count > 0)
		(on_device ? ops_cuda_free : free)(held[--held_count]);
}

void ops_close(const char *what, const float *got, const float *want, size_t count, double tolerance)
{
	double squares = 0, difference = 0, largest = 0, worst = 0;

	if (on_device)
		ops_cuda_wait();
	for (size_t i = 0; i < count; i++) {
		double d = fabs((double)got[i] - (double)want[i]);

		if (!isfinite(got[i]))
			fail_msg("%s: element %zu is %g", what, i, (double)got[i]);
		squares += (double)want[i] * (double)want[i];
		difference += d * d;
		largest = fmax(largest, fabs((double)want[i]));
		worst = fmax(worst, d);
	}
	if (sqrt(difference) > tolerance * sqrt(squares) || worst > 10 * tolerance * largest)
		fail_msg("%s: relative norm of the difference %.3g, largest difference %.3g of %.3g", what,
		         sqrt(difference / (squares > 0 ? squares : 1)), worst, largest);
}

void ops_same(const char *what, const float *got, const float *want, size_t count)
{
	if (on_device)
		ops_cuda_wait();
	for (size_t i = 0; i < count; i++)
		if (memcmp(got + i, want + i, sizeof *got) != 0)
			fail_msg("%s: element %zu is %.9g and %.9g", what, i, (double)got[i], (double)want[i]);
}

struct ops_case {
	const struct ops_test *test;
	const char *path;
	char name[128];
};

static void run_case(void **state)
{
	const struct ops_case *at = *state;

	on_device = strcmp(at->path, "cuda") == 0;
	at->test->check(at->path);
}

static int forget(void **state)
{
	(void)state;
	ops_forget();
	return 0;
}

/* A device is asked for: else its path would only say that there is none. */
static bool is_chosen(const char *path, const char *only)
{
	return only ? strcmp(only, path) == 0 : strcmp(path, "cuda") != 0 || getenv("REVUE_CUDA_MODULE");
}

int ops_run(const char *group, const struct ops_test *tests, size_t count)
{
	static struct ops_case cases[TESTS_MAX];
	struct CMUnitTest units[TESTS_MAX] = {0};
	const char *only = getenv("REVUE_TEST_PATH");
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t p = 0; p < OPS_PATHS && used < TESTS_MAX; p++) {
			struct ops_case *at = &cases[used];

			if (!is_chosen(ops_paths[p], only))
				continue;
			at->test = &tests[i];
			at->path = ops_paths[p];
			snprintf(at->name, sizeof at->name, "%s: %s", at->path, tests[i].name);
			units[used++] = (struct CMUnitTest){at->name, run_case, NULL, forget, at};
		}
	return _cmocka_run_group_tests(group, units, used, NULL, NULL);
}
