/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the driver's library of management, NVML, tells of a GPU: its driver's version, watts, temperature, memory that all
 * processes use. Where it is not there nothing is said. */
#ifndef REVUE_BACKEND_CUDA_NVML_H
#define REVUE_BACKEND_CUDA_NVML_H

#include "engine/backend/cuda/module.h"

#include <cstddef>

/* "580.65.06", or "". */
void nvml_driver(char *out, size_t capacity);

/* False where nothing is known; what alone is not known is 0. Any thread may call it; it takes less than a millisecond after
 * the first time. */
bool nvml_read(int index, struct cuda_readings *readings);

#endif
