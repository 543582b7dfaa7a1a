/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The twins of engine/backend/cuda/ptx.h, which says what they do; tests/cuda/warp.cc and async.cc do it. */
#ifndef REVUE_TESTS_CUDA_PTX_H
#define REVUE_TESTS_CUDA_PTX_H

#include <cuda_kernel.h>

void ptx_mma_bf16(float d[4], const uint32_t a[4], const uint32_t b[2], CUDA_HERE);
void ptx_mma_f16(float d[4], const uint32_t a[4], const uint32_t b[2], CUDA_HERE);
void ptx_mma_tf32(float d[4], const uint32_t a[4], const uint32_t b[2], CUDA_HERE);

void cuda_load_matrices(uint32_t *out, int count, bool transposed, const void *row, cuda_site site);

static inline void ptx_load_matrix(uint32_t out[1], const void *row, CUDA_HERE)
{
	cuda_load_matrices(out, 1, false, row, {"ldmatrix", file, line});
}

static inline void ptx_load_matrix_2(uint32_t out[2], const void *row, CUDA_HERE)
{
	cuda_load_matrices(out, 2, false, row, {"ldmatrix", file, line});
}

static inline void ptx_load_matrix_4(uint32_t out[4], const void *row, CUDA_HERE)
{
	cuda_load_matrices(out, 4, false, row, {"ldmatrix", file, line});
}

static inline void ptx_load_transposed(uint32_t out[1], const void *row, CUDA_HERE)
{
	cuda_load_matrices(out, 1, true, row, {"ldmatrix.trans", file, line});
}

static inline void ptx_load_transposed_2(uint32_t out[2], const void *row, CUDA_HERE)
{
	cuda_load_matrices(out, 2, true, row, {"ldmatrix.trans", file, line});
}

static inline void ptx_load_transposed_4(uint32_t out[4], const void *row, CUDA_HERE)
{
	cuda_load_matrices(out, 4, true, row, {"ldmatrix.trans", file, line});
}

void cuda_copy_async(void *shared, const void *global, unsigned bytes, unsigned valid);

static inline void ptx_copy_16(void *shared, const void *global, unsigned valid = 16)
{
	cuda_copy_async(shared, global, 16, valid);
}

static inline void ptx_copy_8(void *shared, const void *global, unsigned valid = 8)
{
	cuda_copy_async(shared, global, 8, valid);
}

static inline void ptx_copy_4(void *shared, const void *global, unsigned valid = 4)
{
	cuda_copy_async(shared, global, 4, valid);
}

void ptx_copy_commit();
void cuda_copy_wait(unsigned groups);

template <int Groups> static inline void ptx_copy_wait()
{
	cuda_copy_wait(Groups);
}

#endif
