/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens the CPU backend on the best path that the processor has, or on the one that REVUE_CPU names.
 *
 * A path is a table of operations and the kernels that they call:
 *
 *   avx512, avx2   our own kernels for everything
 *   openblas       any processor: products of linear layers by cblas_sgemm, the rest by kernels of four floats
 *   reference      plain C in double precision, one thread: the oracle of the tests */
#include "engine/backend/cpu/cpu.h"

#include "engine/system.h"

#include <stdlib.h>
#include <string.h>

/* Everything but the products is the same on all paths that have kernels. */
#define OPERATIONS(path, prefix, packer, unpacker) {             \
	.name = path,                                            \
	.close = cpu_close,                                      \
	.host_memory = true,                                     \
	.alloc = cpu_alloc,                                      \
	.release = cpu_release,                                  \
	.upload = cpu_copy,                                      \
	.download = cpu_copy,                                    \
	.zero = cpu_zero,                                        \
	.sync = cpu_sync,                                        \
	.reserve = cpu_reserve,                                  \
	.pack = packer,                                          \
	.unpack = unpacker,                                      \
	.linear_forward = prefix##_linear_forward,               \
	.linear_backward_input = prefix##_linear_backward_input, \
	.linear_backward_weight = prefix##_linear_backward_weight, \
	.activation_forward = cpu_activation_forward,            \
	.activation_backward = cpu_activation_backward,          \
	.attention_forward = cpu_attention_forward,              \
	.attention_backward = cpu_attention_backward,            \
	.norm_forward = cpu_norm_forward,                        \
	.norm_backward = cpu_norm_backward,                      \
	.dropout = cpu_dropout,                                  \
	.embedding_forward = cpu_embedding_forward,              \
	.embedding_backward = cpu_embedding_backward,            \
	.gather_rows = cpu_gather_rows,                          \
	.scatter_rows_add = cpu_scatter_rows_add,                \
	.add = cpu_add,                                          \
	.cross_entropy = cpu_cross_entropy,                      \
	.squared_norm = cpu_squared_norm,                        \
	.adamw = cpu_adamw,                                      \
}

static bool pack_nothing(struct backend *b, struct matrix *w)
{
	(void)b;
	w->packed = NULL;
	return true;
}

static void unpack_nothing(struct backend *b, struct matrix *w)
{
	(void)b;
	w->packed = NULL;
}

static const struct backend_operations openblas_operations =
	OPERATIONS("openblas", openblas, pack_nothing, unpack_nothing);

static bool any_processor(void)
{
	return true;
}

#if defined(__x86_64__)
static const struct backend_operations avx2_operations = OPERATIONS("avx2", cpu, cpu_pack, cpu_unpack);
static const struct backend_operations avx512_operations = OPERATIONS("avx512", cpu, cpu_pack, cpu_unpack);

static bool processor_has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool processor_has_avx512(void)
{
	return processor_has_avx2() && __builtin_cpu_supports("avx512f");
}
#endif

/* Best first. */
static const struct path {
	const char *name;
	const struct backend_operations *operations;
	const struct kernels *kernels;
	bool (*runs_here)(void);
} paths[] = {
#if defined(__x86_64__)
	{"avx512", &avx512_operations, &kernels_avx512, processor_has_avx512},
	{"avx2", &avx2_operations, &kernels_avx2, processor_has_avx2},
#endif
	{"openblas", &openblas_operations, &kernels_generic, any_processor},
	{"reference", &cpu_reference_operations, &kernels_generic, any_processor},
};
enum { PATHS = sizeof paths / sizeof *paths };

static const struct path *path_find(const char *name, struct error *error)
{
	for (int i = 0; i < PATHS; i++) {
		if (strcmp(name, paths[i].name) != 0)
			continue;
		if (paths[i].runs_here())
			return &paths[i];
		error_set(error, ERROR_FAILED,
		          "REVUE_CPU=%s: this processor cannot run it; unset REVUE_CPU to take the best it has", name);
		return NULL;
	}
	error_set(error, ERROR_USAGE, "REVUE_CPU=%.40s: no such path: reference, openblas, avx2 or avx512", name);
	return NULL;
}

static const struct path *path_choose(struct error *error)
{
	const char *wanted = getenv("REVUE_CPU");

	if (wanted && *wanted)
		return path_find(wanted, error);
	for (int i = 0; i < PATHS; i++)
		if (paths[i].runs_here())
			return &paths[i];
	return NULL;
}

const char *backend_cpu_path(struct error *error)
{
	const struct path *path = path_choose(error);

	return path ? path->name : NULL;
}

/* Beyond 64 threads the products of these models have no tasks to share. */
static int all_threads(void)
{
	int processors = system_processors();

	return processors < 64 ? processors : 64;
}

struct backend *cpu_open_with(const struct backend_operations *operations, const struct kernels *kernels, int threads,
                              struct error *error)
{
	struct cpu *cpu = cpu_alloc(NULL, sizeof *cpu);

	if (!cpu) {
		error_memory(error, "opening the CPU backend");
		return NULL;
	}
	cpu->base.ops = operations;
	cpu->kernels = kernels;
	cpu->pool = pool_new(threads > 0 ? threads : all_threads(), error);
	if (!cpu->pool) {
		cpu_release(NULL, cpu);
		return NULL;
	}
	return &cpu->base;
}

struct backend *backend_cpu_open(int threads, struct error *error)
{
	const struct path *path = path_choose(error);
	struct backend *backend = path ? cpu_open_with(path->operations, path->kernels, threads, error) : NULL;

	if (backend && path->operations == &openblas_operations && !openblas_open(cpu_of(backend), error)) {
		cpu_close(backend);
		return NULL;
	}
	return backend;
}

void cpu_close(struct backend *backend)
{
	struct cpu *cpu = cpu_of(backend);
	float *scratch[] = {cpu->columns, cpu->rows, cpu->worker, cpu->partials, cpu->squares, cpu->masks};

	for (size_t i = 0; i < sizeof scratch / sizeof *scratch; i++)
		cpu_release(NULL, scratch[i]);
	pool_free(cpu->pool);
	cpu_release(NULL, cpu->openblas);
	cpu_release(NULL, cpu);
}

static int32_t larger(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

bool cpu_reserve(struct backend *b, int32_t rows, int32_t features, int32_t longest, int32_t head_size)
{
	struct cpu *cpu = cpu_of(b);
	struct cpu_sizes sizes = {
		.features = larger(cpu->sizes.features, features),
		.longest = larger(cpu->sizes.longest, longest),
		.head_size = larger(cpu->sizes.head_size, head_size),
	};
	bool done;

	(void)rows; /* no scratch memory grows with them */
	if (b->ops == &cpu_reference_operations)
		done = cpu_reserve_reference(cpu, (size_t)sizes.longest);
	else
		done = cpu_reserve_products(cpu, (size_t)sizes.features) &&
		       cpu_reserve_rows(cpu, (size_t)sizes.features) &&
		       cpu_reserve_attention(cpu, (size_t)sizes.longest, (size_t)sizes.head_size);
	if (done)
		cpu->sizes = sizes;
	return done;
}
