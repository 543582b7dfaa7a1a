/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/meminfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* After the digits something must follow: at the end of a text that was cut, some of them may be missing. */
static bool read_number(const char *text, uint64_t *out)
{
	unsigned long long value;
	char *end;

	text += strspn(text, " \t");
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	*out = value;
	return errno == 0 && *end != '\0';
}

bool meminfo_number(const char *text, const char *key, uint64_t *out)
{
	size_t length = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0)
			return read_number(line + length, out);
	}
	return false;
}

/* "MemTotal:       24682924 kB" in bytes. */
static bool read_kilobytes(const char *text, const char *key, uint64_t *out)
{
	if (!meminfo_number(text, key, out) || *out > UINT64_MAX / 1024)
		return false;
	*out *= 1024;
	return true;
}

static bool read_free_and_cached(const char *text, uint64_t *out)
{
	uint64_t unused, buffers, cached, shared = 0;

	if (!read_kilobytes(text, "MemFree:", &unused) || !read_kilobytes(text, "Buffers:", &buffers) ||
	    !read_kilobytes(text, "Cached:", &cached))
		return false;
	read_kilobytes(text, "Shmem:", &shared);
	*out = unused + buffers + (cached > shared ? cached - shared : 0);
	return true;
}

bool meminfo_parse(const char *text, struct meminfo *out)
{
	if (!read_kilobytes(text, "MemTotal:", &out->total) || out->total == 0)
		return false;
	if (!read_kilobytes(text, "MemAvailable:", &out->available) && !read_free_and_cached(text, &out->available))
		return false;
	if (out->available > out->total)
		out->available = out->total;
	return true;
}

/* Both lists: a file that was read twice stands in the active one, and is given back like the others. */
static uint64_t reclaimable(const char *stat, bool unified)
{
	uint64_t inactive = 0, active = 0;

	meminfo_number(stat, unified ? "inactive_file " : "total_inactive_file ", &inactive);
	meminfo_number(stat, unified ? "active_file " : "total_active_file ", &active);
	return inactive < UINT64_MAX - active ? inactive + active : 0;
}

void meminfo_limit(struct meminfo *memory, uint64_t limit, uint64_t used, const char *stat, bool unified)
{
	uint64_t files = reclaimable(stat, unified), available;

	used -= files < used ? files : used;
	available = limit > used ? limit - used : 0;
	if (limit < memory->total)
		memory->total = limit;
	if (available < memory->available)
		memory->available = available;
}
