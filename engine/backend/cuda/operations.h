/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The operations of engine/backend/backend.h on the device, by the file that holds them; entry.cu makes the table. */
#ifndef REVUE_BACKEND_CUDA_OPERATIONS_H
#define REVUE_BACKEND_CUDA_OPERATIONS_H

#include "engine/backend/cuda/device.h"

/* memory.cu */
void *cuda_alloc(struct backend *b, size_t bytes);
void cuda_release(struct backend *b, void *memory);
void cuda_upload(struct backend *b, void *device, const void *host, size_t bytes);
void cuda_download(struct backend *b, void *host, const void *device, size_t bytes);
void cuda_zero(struct backend *b, void *device, size_t bytes);
void cuda_sync(struct backend *b);
uint64_t cuda_memory_available(struct backend *b);
bool cuda_status(struct backend *b, struct error *error);

/* elements.cu */
void cuda_activation_forward(struct backend *b, float *out, const float *pre, size_t count, enum activation activation);
void cuda_activation_backward(struct backend *b, float *dy, const float *pre, size_t count, enum activation activation);
void cuda_add(struct backend *b, float *out, const float *x, size_t count);

#endif
