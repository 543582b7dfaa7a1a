/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From one stack to another, in some nanoseconds: what a call must leave as it was goes onto the old stack and comes from
 * the new one. */
#ifndef REVUE_TESTS_CUDA_SWITCH_H
#define REVUE_TESTS_CUDA_SWITCH_H

#include <cstddef>

#if defined __x86_64__ || defined __aarch64__

struct context {
	void *stack;
};

extern "C" void cuda_switch(void **save, void *to);

static inline void context_switch(struct context *from, const struct context *to)
{
	cuda_switch(&from->stack, to->stack);
}

#else

#include <ucontext.h>

struct context {
	ucontext_t inner;
};

static inline void context_switch(struct context *from, const struct context *to)
{
	swapcontext(&from->inner, &to->inner);
}

#endif

/* `entry` will be called, on the stack [bottom, bottom + bytes), by the first switch to it. It must not return. */
void context_make(struct context *context, void *bottom, size_t bytes, void (*entry)());

#endif
