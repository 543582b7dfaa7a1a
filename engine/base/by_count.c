/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/by_count.h"

#include <string.h>

static uint64_t count_at(const uint64_t *counts, size_t stride, int32_t i)
{
	uint64_t count;

	memcpy(&count, (const char *)counts + (size_t)i * stride, sizeof count);
	return count;
}

int32_t by_count_after(const uint64_t *counts, size_t stride, int32_t count, int32_t after, bool fewest)
{
	const uint64_t last = after < 0 ? 0 : count_at(counts, stride, after);
	uint64_t best = 0;
	int32_t next = -1;

	for (int32_t i = 0; i < count; i++) {
		const uint64_t here = count_at(counts, stride, i);
		const bool beyond = after < 0 || (fewest ? here > last : here < last);

		if (!beyond && (here != last || i <= after))
			continue;
		if (next >= 0 && (fewest ? here >= best : here <= best))
			continue;
		next = i;
		best = here;
	}
	return next;
}
