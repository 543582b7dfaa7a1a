/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values of parameters (and gradients, moments: any floats of a backend) between the backend's memory and the host.
 * Nothing else looks at what the host can see of it: where the backend's memory is the host's, nothing is copied. */
#ifndef REVUE_MODEL_HOST_H
#define REVUE_MODEL_HOST_H

#include "engine/backend/backend.h"

/* Room on the host for `count` floats, to be used again and again; *staging becomes NULL where none is needed. False with
 * one line: no memory while doing `what`. The caller frees it. */
bool parameter_staging(const struct backend *backend, size_t count, float **staging, const char *what,
                       struct error *error);

/* `count` floats as the host can read them: in `staging`, or where they lie. Waits for what was asked before; good
 * until the next operation. */
const float *parameter_to_host(struct backend *backend, const float *values, size_t count, float *staging);

/* Where the host may write floats that parameter_from_host then brings to `values`: `staging`, or `values` itself. */
float *parameter_place(float *values, float *staging);

/* Brings `count` floats from the host to `values`. They may stand anywhere on the host, also at `values`. */
void parameter_from_host(struct backend *backend, float *values, const float *host, size_t count);

/* A row's values from one place in the backend's memory to another. False: no memory. */
bool parameter_copy(struct backend *backend, float *to, const float *from, size_t count, struct error *error);

#endif
