/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What files of the kernel say of memory, as text: /proc/meminfo, and a control group's memory.stat.
 *
 * Source: proc_meminfo(5); the documentation of version 1 and 2 of Linux' control groups; its si_mem_available() for what
 * counts as free. */
#ifndef REVUE_BASE_MEMINFO_H
#define REVUE_BASE_MEMINFO_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes. */
struct meminfo {
	uint64_t total, available;
};

/* Of /proc/meminfo; where a kernel before 3.14 says nothing of what is available: what is free and what holds files. False where
 * a number is missing, as in a text that was cut. */
bool meminfo_parse(const char *text, struct meminfo *out);

/* Of a group with this limit that has used so much of it: lowers what it holds. `stat` is memory.stat, "" where it could not be
 * read. Pages of files, but for those that are shared memory, are given back before the limit hurts: they count as free. */
void meminfo_limit(struct meminfo *memory, uint64_t limit, uint64_t used, const char *stat, bool unified);

/* The number after `key` at the start of a line; false where there are no digits. */
bool meminfo_number(const char *text, const char *key, uint64_t *out);

#endif
