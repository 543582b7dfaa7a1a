/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/names.h"

#include <stdio.h>

void names_list(char *out, size_t capacity, int count, const char *(*name)(const void *of, int i), const void *of)
{
	static const char more[] = ", ...";
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < count; i++) {
		struct span shown = span_prefix(span_of(name(of, i)), NAME_SHOWN);
		size_t needed = (i ? 2 : 0) + shown.size + (i + 1 < count ? sizeof more - 1 : 0);

		if (needed >= capacity - used) {
			snprintf(out + used, capacity - used, "%s", i ? more : "...");
			return;
		}
		used += (size_t)snprintf(out + used, capacity - used, "%s%.*s", i ? ", " : "", (int)shown.size, shown.data);
	}
}
