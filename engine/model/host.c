/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/host.h"

#include "engine/base/size.h"

#include <stdlib.h>

bool parameter_staging(const struct backend *backend, size_t count, float **staging, const char *what,
                       struct error *error)
{
	*staging = backend->ops->host_memory ? NULL : size_calloc(count, sizeof **staging);
	return *staging || backend->ops->host_memory || error_memory(error, what);
}

const float *parameter_to_host(struct backend *backend, const float *values, size_t count, float *staging)
{
	backend->ops->sync(backend);
	if (!staging)
		return values;
	backend->ops->download(backend, staging, values, count * sizeof *staging);
	return staging;
}

float *parameter_place(float *values, float *staging)
{
	return staging ? staging : values;
}

void parameter_from_host(struct backend *backend, float *values, const float *host, size_t count)
{
	if (host != values)
		backend->ops->upload(backend, values, host, count * sizeof *host);
}

bool parameter_copy(struct backend *backend, float *to, const float *from, size_t count, struct error *error)
{
	float *staging;

	if (!parameter_staging(backend, count, &staging, "copying parameters", error))
		return false;
	parameter_from_host(backend, to, parameter_to_host(backend, from, count, staging), count);
	free(staging);
	return true;
}
