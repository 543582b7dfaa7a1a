/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/spread.h"

#include "engine/data/encoding.h"
#include "engine/data/guess.h"

#include <stdlib.h>

#define SPREAD_BLOCKS 32
#define SPREAD_BLOCK ((size_t)128 << 10) /* 4 MB in all: some ten milliseconds */

/* What a block that begins anywhere holds of whole lines. */
static bool cut_lines(struct sample *block, char *bytes, size_t size)
{
	if (!sample_init(block, bytes, size, false)) /* owns the bytes in any case */
		return false;
	if (!sample_skip_lines(block, 1))
		block->text.size = 0;
	return true;
}

static bool observe(struct sample *block, int width, struct spread_facts *facts)
{
	struct sample_view view = {.marks = facts->view.marks};

	sample_find_rows(block, &view);
	facts->view.rows += view.rows;
	facts->view.bad += view.bad;
	facts->view.quoted += view.quoted;
	facts->view.doubled += view.doubled;
	facts->view.escaped += view.escaped;
	for (int i = 0; width > 0 && i < block->rows; i++) {
		if (!guess_read(block, i, &view))
			return false;
		facts->looked++;
		facts->even += block->row->count == width;
	}
	return true;
}

static bool observe_block(char *bytes, size_t size, int width, struct spread_facts *facts, int count, struct error *error)
{
	struct sample block = {0};
	bool done = cut_lines(&block, bytes, size);

	for (int i = 0; done && i < count; i++)
		done = observe(&block, width, &facts[i]);
	sample_free(&block);
	return done || error_memory(error, "opening a file");
}

/* The block as bytes of ASCII and others, which the caller frees. NULL with an error. */
static char *read_block(const struct opening *opening, uint64_t offset, size_t size, struct error *error)
{
	char *bytes = malloc(size);

	if (!bytes) {
		error_memory(error, "opening a file");
		return NULL;
	}
	if (!source_read(opening->source, bytes, size, offset, error)) {
		free(bytes);
		return NULL;
	}
	if (encoding_unit(opening->encoding) == 2)
		encoding_narrow(opening->encoding, bytes, size / 2, bytes); /* each unit is read before its byte is written */
	return bytes;
}

bool spread_observe(const struct opening *opening, int width, struct spread_facts *facts, int count,
                    struct error *error)
{
	const uint64_t from = opening->head.size, rest = opening->source->size - from;
	const size_t unit = encoding_unit(opening->encoding);
	const uint64_t blocks = rest / SPREAD_BLOCK + 1 < SPREAD_BLOCKS ? rest / SPREAD_BLOCK + 1 : SPREAD_BLOCKS;
	bool done = true;

	for (uint64_t i = 0; done && i < blocks; i++) {
		uint64_t offset = (from + rest / blocks * i) / unit * unit;
		uint64_t left = opening->source->size - offset;
		size_t size = (left < SPREAD_BLOCK ? (size_t)left : SPREAD_BLOCK) / unit * unit;
		char *bytes = size > 0 ? read_block(opening, offset, size, error) : NULL;

		if (size > 0)
			done = bytes && observe_block(bytes, size / unit, width, facts, count, error);
	}
	return done;
}
