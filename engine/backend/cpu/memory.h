/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory of the CPU backend: the rows of engine/backend/backend.h about it, and scratch memory that grows. */
#ifndef REVUE_BACKEND_MEMORY_H
#define REVUE_BACKEND_MEMORY_H

#include "engine/backend/backend.h"

/* The backend may be NULL in all of them: it is not looked at. */
void *cpu_alloc(struct backend *backend, size_t bytes);
void cpu_release(struct backend *backend, void *memory);
void cpu_copy(struct backend *backend, void *to, const void *from, size_t bytes);
void cpu_zero(struct backend *backend, void *memory, size_t bytes);
void cpu_sync(struct backend *backend);
void cpu_step_begin(struct backend *backend, uint64_t counter);
uint64_t cpu_step_end(struct backend *backend);
bool cpu_settle(struct backend *backend, uint64_t step);
int32_t cpu_row_step(struct backend *backend, int32_t rows);
uint64_t cpu_memory_available(struct backend *backend);

/* Makes room for count * unit floats; what was there is lost when it moves. False: no memory. */
bool cpu_regrow(float **memory, size_t count, size_t unit);

#endif
