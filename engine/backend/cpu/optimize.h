/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an optimizer step asks for, with our own kernels: rows of engine/backend/backend.h over a list of segments. */
#ifndef REVUE_BACKEND_OPTIMIZE_H
#define REVUE_BACKEND_OPTIMIZE_H

#include "engine/backend/cpu/cpu.h"

bool cpu_reserve_optimizer(struct cpu *cpu); /* false: no memory */

void cpu_clip(struct backend *b, struct clipping *clipping, const struct segment *segments, size_t count, double limit);
void cpu_adamw(struct backend *b, const struct segment *segments, size_t count, const struct adamw *a);
void cpu_sgd(struct backend *b, const struct segment *segments, size_t count, const struct sgd *s);
void cpu_lion(struct backend *b, const struct segment *segments, size_t count, const struct lion *l);

#endif
