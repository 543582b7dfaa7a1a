/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/scrub.h"

#include <stddef.h>

struct width_range {
	uint32_t first, last;
	uint8_t width;
};

#include "engine/text/width_table.h"

int scrub_width(uint32_t c)
{
	size_t low = 0, high = sizeof ranges / sizeof *ranges;

	if (c < 0x20 || (c >= 0x7F && c < 0xA0))
		return 0;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > ranges[middle].last)
			low = middle + 1;
		else if (c < ranges[middle].first)
			high = middle;
		else
			return ranges[middle].width;
	}
	return 1;
}
