/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gradients of embeddings. The host sorts the rows by id, so that a row of the table has one block, which adds up all rows of
 * the gradient that go there in an order that depends on how many they are. Rows of the table that no id names are not read
 * either. */
#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/vectors.h"

#include <cstring>

#define THREADS 256
#define WARPS (THREADS / WARP)
#define CHUNK (4 * WARP) /* columns of a block */
#define DIGIT_BITS 11 /* positions take one pass, words of most vocabularies two */
#define DIGITS (1u << DIGIT_BITS)

/* The rows of the gradient in the order of their ids, and where each id begins: groups + 1 of them. */
struct groups {
	const int32_t *order, *firsts;
	unsigned count;
};

struct groups_shared {
	float4 sums[WARPS][WARP];
};

/* table[ids[order[first]]] += the sum of dout[order[first .. end-1]]. Blocks: x a group, y 128 columns; each warp has every
 * eighth row of the group. Reads each row of dout once; 4 KiB of shared memory for what the warps found. */
template <bool ALIGNED>
static __global__ void scatter_groups_kernel(float *table, const float *dout, const int32_t *ids, const int32_t *order,
                                             const int32_t *firsts, size_t n)
{
	struct groups_shared *shared = shared_memory<struct groups_shared>();
	const unsigned lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
	const size_t c = static_cast<size_t>(blockIdx.y) * CHUNK + lane * 4;
	const int32_t first = firsts[blockIdx.x], end = firsts[blockIdx.x + 1];
	const unsigned count = static_cast<unsigned>(end - first), busy = count < WARPS ? count : WARPS;
	float4 sum = make_float4(0, 0, 0, 0);
	float *row;

	if (count == 0)
		return;
	row = table + static_cast<size_t>(ids[order[first]]) * n;
	for (int32_t i = first + static_cast<int32_t>(warp); i < end; i += WARPS)
		sum = sum + load4<ALIGNED>(dout + static_cast<size_t>(order[i]) * n, c, n);
	if (busy > 1) { /* the same for all threads of the block */
		shared->sums[warp][lane] = sum;
		__syncthreads();
	}
	if (warp != 0)
		return;
	for (unsigned w = 1; w < busy; w++)
		sum = sum + shared->sums[w][lane];
	store4<ALIGNED>(row, c, n, load4<ALIGNED>(row, c, n) + sum);
}

/* One pass of a radix sort, which keeps the order of equal digits. */
static void sort_by_digit(int32_t *to, const int32_t *from, const int32_t *ids, size_t count, unsigned shift)
{
	size_t places[DIGITS + 1] = {0};

	for (size_t i = 0; i < count; i++)
		places[(static_cast<uint32_t>(ids[i]) >> shift) % DIGITS + 1]++;
	for (unsigned d = 0; d < DIGITS; d++)
		places[d + 1] += places[d];
	for (size_t i = 0; i < count; i++)
		to[places[(static_cast<uint32_t>(ids[from[i]]) >> shift) % DIGITS]++] = from[i];
}

/* 0 .. count-1 sorted by their ids; `spare` is room for as many. Returns where they are: in `order` or in `spare`. */
static int32_t *sort_rows(int32_t *order, int32_t *spare, const int32_t *ids, size_t count)
{
	uint32_t largest = 0;

	for (size_t i = 0; i < count; i++) {
		order[i] = static_cast<int32_t>(i);
		largest |= static_cast<uint32_t>(ids[i]);
	}
	for (unsigned shift = 0; shift < 32 && largest >> shift > 0; shift += DIGIT_BITS) {
		int32_t *sorted = spare;

		sort_by_digit(spare, order, ids, count, shift);
		spare = order;
		order = sorted;
	}
	return order;
}

/* Bytes that `groups_of` stages for so many rows, and those of the host alone. */
static size_t group_bytes(size_t rows)
{
	return 2 * staged_bytes((rows + 1) * sizeof(int32_t));
}

/* Room for it was made. `spare` [rows] is the host's. */
static struct groups groups_of(struct cuda *c, const int32_t *ids, size_t rows, int32_t *spare)
{
	const size_t bytes = staged_bytes((rows + 1) * sizeof(int32_t));
	char *room = static_cast<char *>(cuda_stage_room(c, 2 * bytes));
	int32_t *order = reinterpret_cast<int32_t *>(room), *firsts = reinterpret_cast<int32_t *>(room + bytes);
	struct groups groups = {nullptr, nullptr, 0};
	const int32_t *sorted;

	sorted = sort_rows(order, spare, ids, rows);
	if (sorted != order)
		memcpy(order, sorted, rows * sizeof *order);
	for (size_t i = 0; i < rows; i++)
		if (i == 0 || ids[order[i]] != ids[order[i - 1]])
			firsts[groups.count++] = static_cast<int32_t>(i);
	firsts[groups.count] = static_cast<int32_t>(rows);
	if (cuda_in_step(c)) /* as many for all batches of its shape; those that are too many are of no rows */
		while (groups.count < rows)
			firsts[++groups.count] = static_cast<int32_t>(rows);
	groups.order = static_cast<const int32_t *>(cuda_stage_send(c, 2 * bytes));
	groups.firsts = groups.order ? groups.order + bytes / sizeof(int32_t) : nullptr;
	return groups;
}

static void scatter_groups(struct cuda *c, float *table, const float *dout, const int32_t *ids, size_t rows, size_t n,
                           int32_t *spare)
{
	const struct groups groups = groups_of(c, ids, rows, spare);
	const bool fast = n % 4 == 0 && aligned(table, dout);

	launch(c, fast ? scatter_groups_kernel<true> : scatter_groups_kernel<false>, dim3(groups.count, blocks_for(n, CHUNK)),
	       THREADS, sizeof(struct groups_shared), table, dout, cuda_stage(c, ids, rows), groups.order, groups.firsts, n);
}

/* Of each table its ids and their groups; and at the end what the host alone needs. */
size_t cuda_embedding_staging(const struct backend_needs *needs)
{
	const size_t rows = static_cast<size_t>(needs->rows), ids = staged_bytes(rows * sizeof(int32_t));

	return 2 * (group_bytes(rows) + ids) + ids;
}

void cuda_embedding_backward(struct backend *b, float *dword, float *dposition, float *dtype, const float *dout,
                             const int32_t *ids, const int32_t *positions, int32_t rows, int32_t columns)
{
	struct cuda *c = cuda_of(b);
	const size_t n = static_cast<size_t>(columns), count = static_cast<size_t>(rows);
	const size_t sent = 2 * (group_bytes(count) + staged_bytes(count * sizeof *ids));
	char *room = static_cast<char *>(cuda_stage_room(c, sent + staged_bytes(count * sizeof *ids)));
	int32_t *spare = reinterpret_cast<int32_t *>(room + sent);

	if (!room || rows <= 0)
		return;
	scatter_groups(c, dword, dout, ids, count, n, spare);
	scatter_groups(c, dposition, dout, positions, count, n, spare);
	if (dtype)
		cuda_sum_columns(c, dtype, dout, rows, columns);
}
