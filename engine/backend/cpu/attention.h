/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention on our own kernels: rows of engine/backend/backend.h, and the scratch memory that they need. */
#ifndef REVUE_BACKEND_ATTENTION_H
#define REVUE_BACKEND_ATTENTION_H

#include "engine/backend/cpu/cpu.h"

bool cpu_reserve_attention(struct cpu *cpu, size_t longest, size_t head_size); /* false: no memory */

void cpu_attention_forward(struct backend *b, float *out, float *lse, const float *q, const float *k, const float *v,
                           const struct attention *a);
void cpu_attention_backward(struct backend *b, float *dq, float *dk, float *dv, const float *dout, const float *out,
                            const float *lse, const float *q, const float *k, const float *v,
                            const struct attention *a);

#endif
