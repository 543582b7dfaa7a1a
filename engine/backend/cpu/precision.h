/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bf16 and f16 on the processor: what products and attention read is rounded, and the path's own operations compute with it
 * in f32. That is what such a number stands for, so results are those of a GPU but for the order of sums; no time is saved.
 * The probabilities inside of attention are rounded on the path "reference" alone, the others keep them in f32. */
#ifndef REVUE_BACKEND_CPU_PRECISION_H
#define REVUE_BACKEND_CPU_PRECISION_H

#include "engine/backend/cpu/cpu.h"

/* For calls of up to these sizes; from then on the backend's table is one that rounds, where its precision has 16 bits. False:
 * no memory. */
bool cpu_reserve_precision(struct cpu *cpu, const struct cpu_sizes *sizes);

uint64_t cpu_reserve_bytes(struct backend *b, const struct backend_needs *needs); /* row of the table */

/* A number as products would read it. */
double cpu_rounded(const struct cpu *cpu, double x);

#endif
