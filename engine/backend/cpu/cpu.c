/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens the CPU backend on the best path that the processor has, or on the one that REVUE_CPU names. */
#include "engine/backend/cpu/cpu.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Best first. */
static const struct path {
	const char *name;
	const struct backend_operations *operations;
} paths[] = {
	{"openblas", &cpu_openblas_operations},
	{"reference", &cpu_reference_operations},
};
enum { PATHS = sizeof paths / sizeof *paths };

static const struct path *path_choose(struct error *error)
{
	const char *wanted = getenv("REVUE_CPU");

	if (!wanted || !*wanted)
		return &paths[0];
	for (int i = 0; i < PATHS; i++)
		if (strcmp(wanted, paths[i].name) == 0)
			return &paths[i];
	error_set(error, ERROR_USAGE, "REVUE_CPU: unknown path \"%.40s\": reference, openblas, avx2 or avx512", wanted);
	return NULL;
}

const char *backend_cpu_path(struct error *error)
{
	const struct path *path = path_choose(error);

	return path ? path->name : NULL;
}

static int all_threads(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count < 1 ? 1 : count > 64 ? 64 : (int)count;
}

struct backend *backend_cpu_open(int threads, struct error *error)
{
	const struct path *path = path_choose(error);
	struct cpu *cpu;

	if (!path)
		return NULL;
	cpu = cpu_alloc(NULL, sizeof *cpu);
	if (!cpu) {
		error_memory(error, "opening the CPU backend");
		return NULL;
	}
	cpu->base.ops = path->operations;
	cpu->pool = pool_new(threads > 0 ? threads : all_threads(), error);
	if (!cpu->pool) {
		cpu_release(NULL, cpu);
		return NULL;
	}
	openblas_prepare();
	return &cpu->base;
}
