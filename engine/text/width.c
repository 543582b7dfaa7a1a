/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/scrub.h"

#include "engine/text/unicode.h"

/* `kind` is the width here. */
#include "engine/text/width_table.h"

int scrub_width(uint32_t c)
{
	const struct unicode_range *range;

	if (c < 0x20 || (c >= 0x7F && c < 0xA0))
		return 0;
	range = unicode_find(widths, sizeof widths / sizeof *widths, c);
	return range ? range->kind : 1;
}
