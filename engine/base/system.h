/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small files of /proc and /sys, which have no size before they are read. */
#ifndef REVUE_BASE_SYSTEM_H
#define REVUE_BASE_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Up to capacity - 1 bytes and a NUL; false where the file cannot be read. */
bool system_read_text(const char *path, char *out, size_t capacity);

/* Bytes of the machine, or of the control group where that has fewer. */
uint64_t system_memory_total(void);

#endif
