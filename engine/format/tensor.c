/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/tensor.h"

#include <unistr.h>

static const struct {
	const char *name;
	size_t size;
} dtypes[] = {
	[DTYPE_F32] = {"F32", 4}, [DTYPE_F16] = {"F16", 2}, [DTYPE_BF16] = {"BF16", 2}, [DTYPE_F64] = {"F64", 8},
	[DTYPE_I64] = {"I64", 8}, [DTYPE_I32] = {"I32", 4}, [DTYPE_I16] = {"I16", 2}, [DTYPE_I8] = {"I8", 1},
	[DTYPE_U8] = {"U8", 1}, [DTYPE_BOOL] = {"BOOL", 1}, [DTYPE_OTHER] = {"other", 0},
};

const char *dtype_name(enum dtype dtype)
{
	return dtypes[dtype].name;
}

size_t dtype_size(enum dtype dtype)
{
	return dtypes[dtype].size;
}

/* C0, DEL and the C1 controls, which are C2 80 .. C2 9F in UTF-8. */
static bool has_control(struct span text)
{
	for (size_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];
		if (c < 0x20 || c == 0x7f)
			return true;
		if (c == 0xc2 && i + 1 < text.size && (unsigned char)text.data[i + 1] < 0xa0)
			return true;
	}
	return false;
}

bool tensor_text_is_clean(struct span text)
{
	return !has_control(text) && !u8_check((const uint8_t *)text.data, text.size);
}
