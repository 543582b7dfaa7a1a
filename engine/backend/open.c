/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/open.h"

#include "engine/backend/cpu/paths.h"

#include <string.h>

enum device device_find(const char *word)
{
	if (word && strcmp(word, "cpu") == 0)
		return DEVICE_CPU;
	return word && strcmp(word, "cuda") == 0 ? DEVICE_CUDA : DEVICE_AUTO;
}

struct backend *backend_open(enum device device, int threads, struct error *error)
{
	struct backend *backend;

	if (device == DEVICE_CUDA) {
		error_set(error, ERROR_FAILED, "no CUDA backend in this build: use --device cpu or auto");
		return NULL;
	}
	backend = backend_cpu_open(threads, error);
	if (backend && !backend_check_version(backend, error)) {
		backend->ops->close(backend);
		return NULL;
	}
	return backend;
}
