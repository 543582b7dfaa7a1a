/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adafactor with our own kernels, a segment after the other. */
#ifndef REVUE_BACKEND_ADAFACTOR_H
#define REVUE_BACKEND_ADAFACTOR_H

#include "engine/backend/cpu/cpu.h"

void cpu_adafactor(struct backend *b, const struct segment *segments, size_t count, const struct adafactor *a);

#endif
