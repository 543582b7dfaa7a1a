/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One tensor of a file: its name, type and shape, and their limits. */
#ifndef REVUE_FORMAT_TENSOR_H
#define REVUE_FORMAT_TENSOR_H

#include "engine/span.h"

#include <stdint.h>

#define TENSOR_RANK_MAX 8
#define TENSOR_NAME_MAX 1024      /* bytes of UTF-8, no control characters */
#define TENSOR_COUNT_MAX 100000
#define TENSOR_HEADER_MAX 100000000u

enum dtype {
	DTYPE_F32, DTYPE_F16, DTYPE_BF16, DTYPE_F64,
	DTYPE_I64, DTYPE_I32, DTYPE_I16, DTYPE_I8, DTYPE_U8, DTYPE_BOOL,
	DTYPE_OTHER, /* legal in safetensors but not readable here (U16, F8_E4M3, ...): listed, not read */
};

const char *dtype_name(enum dtype dtype); /* "F32", as safetensors spells it */
size_t dtype_size(enum dtype dtype);      /* bytes of one element; 0 for OTHER */

/* One row of the table; borrowed from the tensor_file. */
struct tensor {
	const char *name;
	enum dtype dtype;
	int rank;
	int64_t shape[TENSOR_RANK_MAX];
	uint64_t count; /* product of shape, checked */
};

static inline bool dtype_is_float(enum dtype dtype)
{
	return dtype == DTYPE_F32 || dtype == DTYPE_F16 || dtype == DTYPE_BF16 || dtype == DTYPE_F64;
}

/* True for UTF-8 without control characters. */
bool tensor_text_is_clean(struct span text);

#endif
