/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of segments on the device: many parameters in one launch. The host stages a row for each segment, in which stands
 * how many blocks those before it take; a block finds its segment by that. */
#ifndef REVUE_BACKEND_CUDA_SEGMENTS_H
#define REVUE_BACKEND_CUDA_SEGMENTS_H

#include "engine/backend/cuda/device.h"

#define SEGMENTS 4096 /* of a launch; longer lists take several */

/* The last of `count` rows that begins at this block or before: an empty segment has none. ROW has firsts[], the first block
 * of its segment in each launch that walks the list. */
template <int LAUNCH, class Row> static __device__ __forceinline__ const Row *row_of_block(const Row *rows, unsigned count)
{
	unsigned low = 0, high = count - 1;

	while (low < high) {
		const unsigned middle = (low + high + 1) / 2;

		if (rows[middle].firsts[LAUNCH] <= blockIdx.x)
			low = middle;
		else
			high = middle - 1;
	}
	return &rows[low];
}

/* Room for the rows of up to `count` segments, to be written by the host and sent by cuda_stage_send; NULL after a failure. */
template <class Row> static Row *rows_room(struct cuda *c, size_t count)
{
	static_assert(sizeof(Row) * SEGMENTS <= (size_t{1} << 20), "staging has this room in any case");
	return static_cast<Row *>(cuda_stage_room(c, (count < SEGMENTS ? count : SEGMENTS) * sizeof(Row)));
}

template <class Row> static const Row *rows_send(struct cuda *c, size_t count)
{
	return static_cast<const Row *>(cuda_stage_send(c, count * sizeof(Row)));
}

#endif
