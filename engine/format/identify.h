/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tells by its first bytes what a file is that was meant to hold weights. Floor: on base. */
#ifndef REVUE_FORMAT_IDENTIFY_H
#define REVUE_FORMAT_IDENTIFY_H

#include "engine/span.h"

#include <stdint.h>

enum content {
	CONTENT_SAFETENSORS,  /* a plausible header length and white space or '{' after it */
	CONTENT_TORCH_ZIP,
	CONTENT_TORCH_LEGACY,
	CONTENT_WRONG,        /* something known that holds no weights that are read here */
	CONTENT_UNKNOWN,
};

#define IDENTIFY_BYTES 512 /* of the start of a file are enough */

/* `start`: the first bytes, at most IDENTIFY_BYTES of a file of `size` bytes. For CONTENT_WRONG *what
 * says what it is and what to do, fit to follow "PATH: "; a constant. */
enum content content_identify(struct span start, uint64_t size, const char **what);

/* The first line of a Git LFS pointer. */
bool content_is_lfs_pointer(struct span start);

#endif
