/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packed attention: tiles of rows, which the host lists from the starts of the sequences, so that nothing is padded. */
#ifndef REVUE_BACKEND_CUDA_ATTENTION_H
#define REVUE_BACKEND_CUDA_ATTENTION_H

#include "engine/backend/cuda/counters.h"
#include "engine/backend/cuda/device.h"

#define TILE_ROWS 64 /* of queries forward, of queries or of keys backward */

/* Some rows of a sequence, from `first` on, and where in the batch the sequence lies. */
struct tile {
	int32_t sequence, first;
	int32_t queries, query0, keys, key0;
};

/* What kernels take; the packings inside of `a` are the host's and not looked at. */
struct attention_how {
	struct attention a;
	struct keeping keeping;
	const struct tile *tiles;
	int32_t query_rows; /* of the batch */
};

/* What a head's kernels read and write; NULL what a kernel does not need. */
struct attention_arrays {
	float *out, *lse, *dq, *dk, *dv;
	const float *q, *k, *v, *dout, *result, *known_lse;
	float *delta; /* [heads][query rows]: of each query row dout . out */
};

/* attention_wide.cu: heads of any size, a warp a row. blocks: tiles and heads. */
void cuda_attention_forward_wide(struct cuda *c, dim3 blocks, struct attention_arrays arrays, struct attention_how how);
void cuda_attention_backward_queries_wide(struct cuda *c, dim3 blocks, struct attention_arrays arrays,
                                          struct attention_how how);
void cuda_attention_backward_keys_wide(struct cuda *c, dim3 blocks, struct attention_arrays arrays,
                                       struct attention_how how);

/* attention_halves.cu: heads of up to 64 in the backend's 16 bits. */
void cuda_attention_forward_halves(struct cuda *c, dim3 blocks, struct attention_arrays arrays, struct attention_how how);
void cuda_attention_backward_queries_halves(struct cuda *c, dim3 blocks, struct attention_arrays arrays,
                                            struct attention_how how);
void cuda_attention_backward_keys_halves(struct cuda *c, dim3 blocks, struct attention_arrays arrays,
                                         struct attention_how how);

/* The first element of row `row` (within its sequence) of a head. */
static __device__ __forceinline__ size_t attention_at(int32_t sequence0, int32_t row, int32_t stride, int head,
                                                      const struct attention &a)
{
	return (static_cast<size_t>(sequence0) + static_cast<size_t>(row)) * static_cast<size_t>(stride) +
	       static_cast<size_t>(head) * static_cast<size_t>(a.head_size);
}

/* Where lse and delta of a query row stand. */
static __device__ __forceinline__ size_t attention_row(const struct attention_how &how, const struct tile &t, int head,
                                                       int32_t row)
{
	return static_cast<size_t>(head) * static_cast<size_t>(how.query_rows) + static_cast<size_t>(t.query0) +
	       static_cast<size_t>(row);
}

#endif
