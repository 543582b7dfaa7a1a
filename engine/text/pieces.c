/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/pieces.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <sys/random.h>

#define TEXT_MAX ((size_t)1 << 31)

/* The hash of a text is that of its beginning with one byte more, so all beginnings cost one pass. */
static uint64_t hash_byte(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * 0x9E3779B97F4A7C15u;
}

static uint64_t hash_bytes(uint64_t hash, struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		hash = hash_byte(hash, (unsigned char)text.data[i]);
	return hash;
}

static uint32_t hash_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 20);
}

static size_t hash_slot(const struct pieces *pieces, uint64_t hash)
{
	return (size_t)(((hash ^ hash >> 32) * 0xD6E8FEB86659FD93u) >> pieces->shift);
}

static void slot_put(struct pieces *pieces, uint64_t hash, int32_t id)
{
	size_t at = hash_slot(pieces, hash);

	while (pieces->slots[at].id >= 0)
		at = (at + 1) & (pieces->slot_count - 1);
	pieces->slots[at] = (struct piece_slot){hash_tag(hash), id};
	pieces->used++;
}

static bool slots_grow(struct pieces *pieces)
{
	size_t count = pieces->slot_count ? pieces->slot_count * 2 : 16384;
	struct piece_slot *slots = size_realloc(NULL, count, sizeof *slots);

	if (!slots)
		return false;
	if (!pieces->slot_count && getrandom(&pieces->seed, sizeof pieces->seed, GRND_NONBLOCK) < 0)
		pieces->seed = (uintptr_t)slots;
	free(pieces->slots);
	pieces->slots = slots;
	pieces->slot_count = count;
	pieces->shift = 64 - __builtin_ctzll(count);
	pieces->used = 0;
	for (size_t i = 0; i < count; i++)
		slots[i].id = -1;
	for (int32_t id = 0; id < pieces->count; id++)
		if (pieces->by_id[id].size)
			slot_put(pieces, hash_bytes(pieces->seed, pieces_text(pieces, id)), id);
	return true;
}

static bool ids_grow(struct pieces *pieces, int32_t id)
{
	int32_t capacity = pieces->capacity ? pieces->capacity : 1024;
	struct piece *by_id;

	if (id < pieces->capacity)
		return true;
	while (capacity <= id)
		capacity *= 2;
	by_id = size_realloc(pieces->by_id, (size_t)capacity, sizeof *by_id);
	if (!by_id)
		return false;
	memset(by_id + pieces->capacity, 0, (size_t)(capacity - pieces->capacity) * sizeof *by_id);
	pieces->by_id = by_id;
	pieces->capacity = capacity;
	return true;
}

static bool text_add(struct pieces *pieces, struct span piece, struct piece *out)
{
	size_t needed, capacity = pieces->text_capacity ? pieces->text_capacity : 16384;
	char *text;

	if (!size_add(pieces->text_size, piece.size + 1, &needed) || needed > TEXT_MAX)
		return false;
	while (capacity < needed)
		capacity *= 2;
	if (capacity > pieces->text_capacity) {
		text = realloc(pieces->text, capacity);
		if (!text)
			return false;
		pieces->text = text;
		pieces->text_capacity = capacity;
	}
	*out = (struct piece){(uint32_t)pieces->text_size, (uint32_t)piece.size};
	memcpy(pieces->text + pieces->text_size, piece.data, piece.size);
	pieces->text[pieces->text_size + piece.size] = '\0';
	pieces->text_size = needed;
	return true;
}

static bool piece_is(const struct pieces *pieces, int32_t id, struct span prefix, struct span rest)
{
	const struct piece *piece = pieces->by_id + id;
	const char *text = pieces->text + piece->offset;

	return piece->size == prefix.size + rest.size &&
	       (prefix.size == 0 || memcmp(text, prefix.data, prefix.size) == 0) &&
	       memcmp(text + prefix.size, rest.data, rest.size) == 0;
}

static int32_t find_hashed(const struct pieces *pieces, uint64_t hash, struct span prefix, struct span rest)
{
	uint32_t tag = hash_tag(hash);

	for (size_t at = hash_slot(pieces, hash);; at = (at + 1) & (pieces->slot_count - 1)) {
		struct piece_slot slot = pieces->slots[at];

		if (slot.id < 0)
			return -1;
		if (slot.tag == tag && piece_is(pieces, slot.id, prefix, rest))
			return slot.id;
	}
}

bool pieces_add(struct pieces *pieces, struct span piece, int32_t id, struct error *error)
{
	struct piece added;
	int shown = piece.size < 64 ? (int)piece.size : 64;
	uint64_t hash;
	int32_t known;

	RETURN_IF(id < 0 || id >= PIECES_MAX, error, ERROR_DATA, "\"%.*s\" has the id %d, which is outside 0..%d", shown,
	          piece.data, id, PIECES_MAX - 1);
	RETURN_IF(piece.size == 0, error, ERROR_DATA, "the piece with the id %d is empty", id);
	RETURN_IF(id < pieces->count && pieces->by_id[id].size, error, ERROR_DATA,
	          "two pieces have the id %d: \"%.64s\" and \"%.*s\"", id, pieces_text(pieces, id).data, shown, piece.data);
	if (pieces->used * 2 >= pieces->slot_count && !slots_grow(pieces))
		return error_memory(error, "reading a vocabulary");
	hash = hash_bytes(pieces->seed, piece);
	known = find_hashed(pieces, hash, (struct span){"", 0}, piece);
	RETURN_IF(known >= 0, error, ERROR_DATA, "\"%.*s\" is there twice, with the ids %d and %d", shown, piece.data,
	          known, id);
	if (!ids_grow(pieces, id) || !text_add(pieces, piece, &added))
		return error_memory(error, "reading a vocabulary");
	pieces->by_id[id] = added;
	if (id >= pieces->count)
		pieces->count = id + 1;
	if (piece.size > pieces->longest)
		pieces->longest = piece.size < PIECE_BYTES_MAX ? piece.size : PIECE_BYTES_MAX;
	slot_put(pieces, hash, id);
	return true;
}

void pieces_free(struct pieces *pieces)
{
	free(pieces->text);
	free(pieces->by_id);
	free(pieces->slots);
	*pieces = (struct pieces){0};
}

struct span pieces_text(const struct pieces *pieces, int32_t id)
{
	if (id < 0 || id >= pieces->count || !pieces->by_id[id].size)
		return (struct span){"", 0};
	return (struct span){pieces->text + pieces->by_id[id].offset, pieces->by_id[id].size};
}

int32_t pieces_find(const struct pieces *pieces, struct span piece)
{
	if (!pieces->slot_count)
		return -1;
	return find_hashed(pieces, hash_bytes(pieces->seed, piece), (struct span){"", 0}, piece);
}

int32_t pieces_match(const struct pieces *pieces, struct span prefix, struct span text, size_t *used)
{
	uint64_t hashes[PIECE_BYTES_MAX + 1];
	size_t reach = text.size < pieces->longest ? text.size : pieces->longest;

	if (!pieces->slot_count)
		return -1;
	hashes[0] = hash_bytes(pieces->seed, prefix);
	for (size_t i = 0; i < reach; i++)
		hashes[i + 1] = hash_byte(hashes[i], (unsigned char)text.data[i]);
	for (size_t size = reach; size > 0; size--) {
		int32_t id;

		if (size < text.size && ((unsigned char)text.data[size] & 0xC0) == 0x80)
			continue;
		id = find_hashed(pieces, hashes[size], prefix, (struct span){text.data, size});
		if (id >= 0) {
			*used = size;
			return id;
		}
	}
	return -1;
}
