/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A copy of a matrix in four bits whose codes lie in the order in which a product reads them: block of k after block, in
 * each panel after panel of W^T. A panel is its scales, a row of them for each group of k, then its codes in units (struct
 * code_panels). Still four bits an element; the scales take four bytes for every `group` elements.
 *
 * A group is a stretch of k in which every column has one scale. As blocks of 64 elements run on from row to row of W, it
 * is what 64 and the length of a row have in common: all 64 in most models, 8 for rows of 312. */
#ifndef REVUE_BACKEND_CODES_H
#define REVUE_BACKEND_CODES_H

#include "engine/backend/cpu/kernels.h"

/* Elements of a group; 0 where rows of so many elements are better left as they are. */
size_t codes_group(size_t columns);

/* Bytes that a column takes in a block of k that begins at `first`: a panel that begins at column i of its block lies at
 * i times as many. All are multiples of four. */
size_t codes_column_bytes(size_t first, size_t block, size_t group);

/* The same of all blocks of size `block` that begin before k, which is one's beginning or the end. */
size_t codes_bytes_before(size_t k, size_t block, size_t group);

/* The panel of columns i .. i+count-1, of which `width` find room, in one block of k. */
void codes_pack_panel(uint8_t *out, const struct kernels *kernels, const struct four_bits *w, size_t first, size_t block,
                      size_t i, size_t count, size_t width);

/* A block of k as the kernels read it, whose panels begin at `bytes`; without their scratch memory. */
struct code_panels codes_panels(const uint8_t *bytes, const struct four_bits *w, size_t first, size_t block);

#endif
