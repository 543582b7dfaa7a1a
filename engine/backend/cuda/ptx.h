/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What PTX alone can do, by name. Layouts are those of "Matrix Fragments" in NVIDIA's PTX ISA: lane l of a warp has
 * g = l / 4 and t = l % 4; a register of two elements holds the first in its lower half.
 *
 *   ptx_mma_bf16, _f16   d[16, 8] += a[16, 16] b[16, 8], sums in floats. All lanes call it.
 *                        a: (g, 2t) (g + 8, 2t) (g, 2t + 8) (g + 8, 2t + 8), each with its right neighbour
 *                        b: (2t, g) (2t + 8, g), each with the element below it
 *                        d: (g, 2t) (g, 2t + 1) (g + 8, 2t) (g + 8, 2t + 1)
 *   ptx_mma_tf32         d[16, 8] += a[16, 8] b[8, 8]; a: (g, t) (g + 8, t) (g, t + 4) (g + 8, t + 4); b: (t, g) (t + 4, g)
 *   ptx_load_matrix      1, 2 or 4 matrices [8, 8] of two bytes each from shared memory. Lane l gives the place of row l % 8 of
 *                        matrix l / 8, aligned to 16 bytes; each lane gets (g, 2t) with its right neighbour.
 *                        ptx_load_transposed: (2t, g) with the element below it. All lanes call it. It orders no memory.
 *   ptx_copy_16, 8, 4    so many bytes of global into shared memory, aligned to as many; of them the first `valid`, then zeros.
 *                        They are there after ptx_copy_wait, for this thread; for others after a barrier behind that.
 *   ptx_copy_commit      what this thread asked for since the last is a group
 *   ptx_copy_wait<N>     until all groups but the last N are there */
#ifndef REVUE_BACKEND_CUDA_PTX_H
#define REVUE_BACKEND_CUDA_PTX_H

#include <cstdint>

#ifdef __CUDACC__

#define PTX static __device__ __forceinline__ void

static __device__ __forceinline__ unsigned ptx_place(const void *shared)
{
	return static_cast<unsigned>(__cvta_generic_to_shared(shared));
}

#define PTX_MMA(shape, type)                                                                                    \
	asm volatile("mma.sync.aligned." shape ".row.col.f32." type "." type ".f32 "                            \
	             "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"                          \
	             : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                           \
	             : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]))

PTX ptx_mma_bf16(float d[4], const uint32_t a[4], const uint32_t b[2])
{
	PTX_MMA("m16n8k16", "bf16");
}

PTX ptx_mma_f16(float d[4], const uint32_t a[4], const uint32_t b[2])
{
	PTX_MMA("m16n8k16", "f16");
}

PTX ptx_mma_tf32(float d[4], const uint32_t a[4], const uint32_t b[2])
{
	PTX_MMA("m16n8k8", "tf32");
}

#define PTX_LOAD_1(how)                                                                              \
	asm volatile("ldmatrix.sync.aligned.m8n8.x1" how ".shared.b16 {%0}, [%1];"                   \
	             : "=r"(out[0])                                                                  \
	             : "r"(ptx_place(row))                                                           \
	             : "memory")
#define PTX_LOAD_2(how)                                                                              \
	asm volatile("ldmatrix.sync.aligned.m8n8.x2" how ".shared.b16 {%0, %1}, [%2];"               \
	             : "=r"(out[0]), "=r"(out[1])                                                    \
	             : "r"(ptx_place(row))                                                           \
	             : "memory")
#define PTX_LOAD_4(how)                                                                              \
	asm volatile("ldmatrix.sync.aligned.m8n8.x4" how ".shared.b16 {%0, %1, %2, %3}, [%4];"       \
	             : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])                        \
	             : "r"(ptx_place(row))                                                           \
	             : "memory")

PTX ptx_load_matrix(uint32_t out[1], const void *row)
{
	PTX_LOAD_1("");
}

PTX ptx_load_matrix_2(uint32_t out[2], const void *row)
{
	PTX_LOAD_2("");
}

PTX ptx_load_matrix_4(uint32_t out[4], const void *row)
{
	PTX_LOAD_4("");
}

PTX ptx_load_transposed(uint32_t out[1], const void *row)
{
	PTX_LOAD_1(".trans");
}

PTX ptx_load_transposed_2(uint32_t out[2], const void *row)
{
	PTX_LOAD_2(".trans");
}

PTX ptx_load_transposed_4(uint32_t out[4], const void *row)
{
	PTX_LOAD_4(".trans");
}

#define PTX_COPY(how, bytes)                                                                         \
	asm volatile("cp.async." how ".shared.global [%0], [%1], " bytes ", %2;"                     \
	             :                                                                               \
	             : "r"(ptx_place(shared)), "l"(__cvta_generic_to_global(global)), "r"(valid)     \
	             : "memory")

PTX ptx_copy_16(void *shared, const void *global, unsigned valid = 16)
{
	PTX_COPY("cg", "16");
}

PTX ptx_copy_8(void *shared, const void *global, unsigned valid = 8)
{
	PTX_COPY("ca", "8");
}

PTX ptx_copy_4(void *shared, const void *global, unsigned valid = 4)
{
	PTX_COPY("ca", "4");
}

PTX ptx_copy_commit()
{
	asm volatile("cp.async.commit_group;" ::: "memory");
}

template <int Groups> PTX ptx_copy_wait()
{
	asm volatile("cp.async.wait_group %0;" ::"n"(Groups) : "memory");
}

#undef PTX

#else

#include <cuda_ptx.h>

#endif

#endif
