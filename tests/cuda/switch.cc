/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cuda/switch.h"

#include <cstdint>
#include <cstring>

#if defined __x86_64__

asm(R"(
.text
.p2align 4
.hidden cuda_switch
.globl cuda_switch
.type cuda_switch, @function
cuda_switch:
	endbr64
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
.size cuda_switch, .-cuda_switch
)");

void context_make(struct context *context, void *bottom, size_t bytes, void (*entry)())
{
	uintptr_t top = (reinterpret_cast<uintptr_t>(bottom) + bytes) & ~uintptr_t{15};
	void **stack = reinterpret_cast<void **>(top);

	*--stack = nullptr; /* as if entry had been called: 16 bytes aligned before its return address */
	*--stack = reinterpret_cast<void *>(entry);
	stack -= 6;
	memset(stack, 0, 6 * sizeof *stack);
	context->stack = stack;
}

#elif defined __aarch64__

asm(R"(
.text
.p2align 4
.hidden cuda_switch
.globl cuda_switch
.type cuda_switch, %function
cuda_switch:
	sub sp, sp, #160
	stp x19, x20, [sp, #0]
	stp x21, x22, [sp, #16]
	stp x23, x24, [sp, #32]
	stp x25, x26, [sp, #48]
	stp x27, x28, [sp, #64]
	stp x29, x30, [sp, #80]
	stp d8, d9, [sp, #96]
	stp d10, d11, [sp, #112]
	stp d12, d13, [sp, #128]
	stp d14, d15, [sp, #144]
	mov x2, sp
	str x2, [x0]
	mov sp, x1
	ldp x19, x20, [sp, #0]
	ldp x21, x22, [sp, #16]
	ldp x23, x24, [sp, #32]
	ldp x25, x26, [sp, #48]
	ldp x27, x28, [sp, #64]
	ldp x29, x30, [sp, #80]
	ldp d8, d9, [sp, #96]
	ldp d10, d11, [sp, #112]
	ldp d12, d13, [sp, #128]
	ldp d14, d15, [sp, #144]
	add sp, sp, #160
	ret
.size cuda_switch, .-cuda_switch
)");

void context_make(struct context *context, void *bottom, size_t bytes, void (*entry)())
{
	uintptr_t top = (reinterpret_cast<uintptr_t>(bottom) + bytes) & ~uintptr_t{15};
	void **stack = reinterpret_cast<void **>(top) - 20;

	memset(stack, 0, 20 * sizeof *stack);
	stack[11] = reinterpret_cast<void *>(entry); /* x30 */
	context->stack = stack;
}

#else

void context_make(struct context *context, void *bottom, size_t bytes, void (*entry)())
{
	getcontext(&context->inner);
	context->inner.uc_stack.ss_sp = bottom;
	context->inner.uc_stack.ss_size = bytes;
	context->inner.uc_link = nullptr;
	makecontext(&context->inner, entry, 0);
}

#endif
