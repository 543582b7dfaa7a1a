/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Things listed by their counts, those of equal count in their own order, without a list of them in memory. */
#ifndef REVUE_BASE_BY_COUNT_H
#define REVUE_BASE_BY_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which of the `count` things follows thing number `after` (-1: which is the first); -1: there is none. The count of number i
 * stands `stride` bytes after that of i - 1. The most come first, or the fewest. */
int32_t by_count_after(const uint64_t *counts, size_t stride, int32_t count, int32_t after, bool fewest);

#endif
