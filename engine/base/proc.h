/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small files of /proc and /sys, which have no size before they are read. */
#ifndef REVUE_BASE_PROC_H
#define REVUE_BASE_PROC_H

#include <stdbool.h>
#include <stddef.h>

/* Up to capacity - 1 bytes and a NUL; false where the file cannot be read. */
bool proc_read_text(const char *path, char *out, size_t capacity);

/* The folder of the running program; "" where the kernel does not tell. */
void proc_program_folder(char *out, size_t capacity);

#endif
