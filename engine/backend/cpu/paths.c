/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens the CPU backend on the best path that the processor has, or on the one that REVUE_CPU names.
 *
 * A path is a table of operations and the kernels that they call:
 *
 *   avx512, avx2   our own kernels for everything
 *   openblas       any processor: products of linear layers by cblas_sgemm, the rest by kernels of four floats
 *   reference      plain C in double precision, one thread: the oracle of the tests */
#include "engine/backend/cpu/paths.h"

#include "engine/backend/cpu/adafactor.h"
#include "engine/backend/cpu/attention.h"
#include "engine/backend/cpu/losses.h"
#include "engine/backend/cpu/memory.h"
#include "engine/backend/cpu/openblas.h"
#include "engine/backend/cpu/optimize.h"
#include "engine/backend/cpu/pooling.h"
#include "engine/backend/cpu/precision.h"
#include "engine/backend/cpu/product.h"
#include "engine/backend/cpu/reference.h"
#include "engine/backend/cpu/relations.h"
#include "engine/backend/cpu/rows.h"

#include <stdlib.h>
#include <string.h>

/* In f32 no scratch memory grows with the rows of a batch. */
static bool cpu_reserve(struct backend *b, const struct backend_needs *needs, struct error *error)
{
	struct cpu *cpu = cpu_of(b);
	struct cpu_sizes sizes = cpu_larger_sizes(cpu, needs);

	if (!backend_check_types(b, needs, error))
		return false;
	if (!cpu_reserve_products(cpu, (size_t)sizes.features) || !cpu_reserve_rows(cpu, (size_t)sizes.features) ||
	    !cpu_reserve_attention(cpu, (size_t)sizes.longest, (size_t)sizes.head_size) || !cpu_reserve_optimizer(cpu) ||
	    !cpu_reserve_precision(cpu, &sizes))
		return error_memory(error, "taking memory for the backend");
	cpu->sizes = sizes;
	return true;
}

/* Everything but the products is the same on all paths that have kernels. */
#define OPERATIONS(path, alone, prefix, sizer, packer, unpacker) { \
	.version = BACKEND_VERSION,                              \
	.name = path,                                            \
	.rows_alone = alone,                                     \
	.forward_types = CPU_TYPES,                              \
	.backward_types = CPU_TYPES,                             \
	.precisions = CPU_PRECISIONS,                            \
	.close = cpu_close,                                      \
	.host_memory = true,                                     \
	.alloc = cpu_alloc,                                      \
	.release = cpu_release,                                  \
	.upload = cpu_copy,                                      \
	.download = cpu_copy,                                    \
	.zero = cpu_zero,                                        \
	.sync = cpu_sync,                                        \
	.step_begin = cpu_step_begin,                            \
	.step_end = cpu_step_end,                                \
	.fetch = cpu_copy,                                       \
	.settle = cpu_settle,                                    \
	.row_step = cpu_row_step,                                \
	.memory_available = cpu_memory_available,                \
	.status = cpu_status,                                    \
	.reserve = cpu_reserve,                                  \
	.reserve_bytes = cpu_reserve_bytes,                      \
	.packed_bytes = sizer,                                   \
	.pack = packer,                                          \
	.unpack = unpacker,                                      \
	.linear_forward = prefix##_linear_forward,               \
	.linear_backward_input = prefix##_linear_backward_input, \
	.linear_backward_weight = prefix##_linear_backward_weight, \
	.lora_forward = cpu_lora_forward,                        \
	.lora_backward = cpu_lora_backward,                      \
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
	.pooling_forward = cpu_pooling_forward,                  \
	.pooling_backward = cpu_pooling_backward,                \
	.noise = cpu_noise,                                      \
	.cross_entropy = cpu_cross_entropy,                      \
	.binary_cross_entropy = cpu_binary_cross_entropy,        \
	.soften = cpu_soften,                                    \
	.relate = cpu_relate,                                    \
	.imitate = cpu_imitate,                                  \
	.clip = cpu_clip,                                        \
	.adamw = cpu_adamw,                                      \
	.sgd = cpu_sgd,                                          \
	.lion = cpu_lion,                                        \
	.adafactor = cpu_adafactor,                              \
}

static const struct backend_operations openblas_operations =
	OPERATIONS("openblas", false, openblas, cpu_packed_nothing, cpu_pack_nothing, cpu_unpack_nothing);

static bool any_processor(void)
{
	return true;
}

#if defined(__x86_64__)
static const struct backend_operations avx2_operations =
	OPERATIONS("avx2", true, cpu, cpu_packed_bytes, cpu_pack, cpu_unpack);
static const struct backend_operations avx512_operations =
	OPERATIONS("avx512", true, cpu, cpu_packed_bytes, cpu_pack, cpu_unpack);

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
