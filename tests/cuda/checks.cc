/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the compiler itself checks in a kernel (-fsanitize=alignment,bounds): words at multiples of their size, indices of
 * arrays whose size it knows, as those in the struct of a kernel's shared memory. It calls these functions; the sanitizer's
 * library is not linked. */
#include "tests/cuda/emulator.h"

#include <cstring>

struct place {
	const char *file;
	uint32_t line, column;
};

struct mismatch {
	struct place place;
	const void *type;
	unsigned char log_alignment, kind;
};

struct out_of_bounds {
	struct place place;
	const void *array, *index;
};

static const char *file_of(const struct place *p)
{
	const char *slash = strrchr(p->file, '/');

	return slash ? slash + 1 : p->file;
}

static void tell(const struct place *p, const char *what, unsigned long number)
{
	if (in_kernel)
		fault_kernel("%s %lu, %s:%u", what, number, file_of(p), p->line);
	fault_host("%s %lu, %s:%u", what, number, file_of(p), p->line);
}

extern "C" {

void __ubsan_handle_type_mismatch_v1(const struct mismatch *m, const void *)
{
	tell(&m->place, "touches a word that is not aligned to", 1ul << m->log_alignment);
}

void __ubsan_handle_out_of_bounds(const struct out_of_bounds *o, unsigned long index)
{
	tell(&o->place, "goes beyond an array to its element", index);
}
}
