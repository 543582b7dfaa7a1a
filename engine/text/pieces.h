/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pieces of a vocabulary: id to text, text to id, and the longest piece that a text begins with. One hash
 * table with a random seed, so that nobody can write a vocabulary whose pieces all collide; the order
 * of slots is never visible outside. */
#ifndef REVUE_TEXT_PIECES_H
#define REVUE_TEXT_PIECES_H

#include "engine/error.h"
#include "engine/span.h"

#include <stdint.h>

#define PIECES_MAX (1 << 22)   /* ids are below this */
#define PIECE_BYTES_MAX 2048   /* a longer piece is kept but never matched */

struct piece {
	uint32_t offset, size; /* in text; size 0: no piece has this id */
};

struct piece_slot {
	uint32_t tag;
	int32_t id; /* -1: empty */
};

/* Start with {0}; immutable once all pieces were added. Texts in `text` are NUL-terminated. */
struct pieces {
	char *text;
	size_t text_size, text_capacity;
	struct piece *by_id;
	int32_t count, capacity; /* count: highest id + 1 */
	struct piece_slot *slots;
	size_t slot_count, used; /* slot_count: a power of two, at most half used */
	int shift;
	uint64_t seed;
	size_t longest; /* bytes, at most PIECE_BYTES_MAX */
};

/* Fails when the id is out of range or taken, when the piece is there already, or when memory is short. */
bool pieces_add(struct pieces *pieces, struct span piece, int32_t id, struct error *error);
void pieces_free(struct pieces *pieces);

int32_t pieces_find(const struct pieces *pieces, struct span piece); /* -1: not there */
struct span pieces_text(const struct pieces *pieces, int32_t id);    /* size 0 when there is none */

/* The longest piece that is `prefix` followed by a beginning of `text` that ends between two UTF-8
 * characters. Returns its id and in *used how many bytes of `text` it took, or -1. */
int32_t pieces_match(const struct pieces *pieces, struct span prefix, struct span text, size_t *used);

#endif
