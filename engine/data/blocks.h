/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The last blocks of a file that were read, so that whoever reads a file in the wake of another (rows after their index, a
 * hash after both, several threads side by side) reads no byte of it again: on a disk across a network that counts. Any
 * thread may ask; one waits for another only where both want the same block at the same moment. */
#ifndef REVUE_DATA_BLOCKS_H
#define REVUE_DATA_BLOCKS_H

#include "engine/error.h"

#include <stddef.h>
#include <stdint.h>

struct blocks;

/* NULL: out of memory, and then everything is read from the file. blocks_free takes NULL. */
struct blocks *blocks_new(void);
void blocks_free(struct blocks *blocks);

/* Reads `size` bytes at `offset` of the open file `fd`, which has `file_size` bytes, from the blocks as far as they have
 * them. What reads much at once, or to the end, leaves its blocks for others; a single row does not. False as
 * file_read_at. */
bool blocks_read(struct blocks *blocks, int fd, uint64_t file_size, const char *path, void *out, size_t size,
                 uint64_t offset, struct error *error);

#endif
