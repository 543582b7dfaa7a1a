/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/cuda/tape.h"

#include <cstdlib>
#include <cstring>

#define TAPE_BYTES (size_t{512} << 10) /* a longer step is done in parts */
#define UNIT 16                        /* what a function gets is aligned so */

struct tape_entry {
	cuda_function function;
	size_t bytes; /* of the entry as a whole */
};

static_assert(sizeof(struct tape_entry) == UNIT, "what follows it is aligned");

bool tape_open(struct tape *tape)
{
	tape->bytes = static_cast<unsigned char *>(malloc(TAPE_BYTES));
	tape->used = 0;
	return tape->bytes != nullptr;
}

void tape_close(struct tape *tape)
{
	free(tape->bytes);
}

bool tape_add(struct tape *tape, cuda_function function, const void *what, size_t bytes)
{
	const size_t whole = sizeof(struct tape_entry) + (bytes + UNIT - 1) / UNIT * UNIT;
	const struct tape_entry entry = {function, whole};
	unsigned char *place = tape->bytes + tape->used;

	if (whole > TAPE_BYTES - tape->used)
		return false;
	memset(place + whole - UNIT, 0, UNIT); /* tapes are compared */
	memcpy(place, &entry, sizeof entry);
	memcpy(place + sizeof entry, what, bytes);
	tape->used += whole;
	return true;
}

void tape_run(struct cuda *c, const struct tape *tape)
{
	for (size_t at = 0; at < tape->used && !c->failed;) {
		const struct tape_entry *entry = reinterpret_cast<const struct tape_entry *>(tape->bytes + at);

		c->backend.launches++;
		entry->function(c, entry + 1);
		at += entry->bytes;
	}
}
