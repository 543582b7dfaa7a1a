/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/cpu/cpu.h"

#include "engine/backend/cpu/memory.h"
#include "engine/system.h"

/* Beyond 64 threads the products of these models have no tasks to share. */
int cpu_threads(int wanted)
{
	int processors = system_processors();

	if (wanted > 0)
		return wanted;
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
	cpu->base.pool = pool_new(cpu_threads(threads), error);
	if (!cpu->base.pool) {
		cpu_release(NULL, cpu);
		return NULL;
	}
	return &cpu->base;
}

void cpu_close(struct backend *backend)
{
	struct cpu *cpu = cpu_of(backend);
	float *scratch[] = {cpu->columns, cpu->rows, cpu->panels, cpu->worker, cpu->partials, cpu->masks, cpu->squares,
	                    cpu->rounded_weights};

	for (size_t i = 0; i < sizeof scratch / sizeof *scratch; i++)
		cpu_release(NULL, scratch[i]);
	for (size_t i = 0; i < CPU_ROUNDED; i++)
		cpu_release(NULL, cpu->rounded[i]);
	pool_free(cpu->base.pool);
	cpu_release(NULL, cpu->openblas);
	cpu_release(NULL, cpu);
}

static int32_t larger(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static uint64_t larger_count(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

struct cpu_sizes cpu_larger_sizes(const struct cpu *cpu, const struct backend_needs *needs)
{
	return (struct cpu_sizes){
		.rows = larger(cpu->sizes.rows, needs->rows),
		.features = larger(cpu->sizes.features, needs->features),
		.longest = larger(cpu->sizes.longest, needs->longest),
		.head_size = larger(cpu->sizes.head_size, needs->head_size),
		.numbers = larger_count(cpu->sizes.numbers, backend_needs_numbers(needs)),
	};
}

bool cpu_status(struct backend *backend, struct error *error)
{
	(void)backend;
	(void)error;
	return true;
}

uint64_t cpu_packed_nothing(struct backend *b, const struct matrix *w)
{
	(void)b;
	(void)w;
	return 0;
}

bool cpu_pack_nothing(struct backend *b, struct matrix *w)
{
	(void)b;
	w->packed = NULL;
	return true;
}

void cpu_unpack_nothing(struct backend *b, struct matrix *w)
{
	(void)b;
	w->packed = NULL;
}
