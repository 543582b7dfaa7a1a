/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/cuda_open.h"

#include "engine/backend/cpu/cpu.h"
#include "engine/base/file.h"
#include "engine/base/pool.h"
#include "engine/base/proc.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODULE "backend_cuda.so"
#define DEVICE 0 /* the first of those that CUDA_VISIBLE_DEVICES leaves */

/* The kernel's driver: on Linux, and in Windows' Linux. */
static const char *const device_nodes[] = {"/dev/nvidiactl", "/dev/dxg", NULL};

/* The driver's library where distributions, containers and Windows' Linux put it. */
static const char *const driver_libraries[] = {
	"/usr/lib/x86_64-linux-gnu/libcuda.so.1", "/usr/lib/aarch64-linux-gnu/libcuda.so.1", "/usr/lib64/libcuda.so.1",
	"/usr/lib/libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1", NULL,
};

static bool any_is_there(const char *const *paths)
{
	for (; *paths; paths++)
		if (file_exists(*paths))
			return true;
	return false;
}

static const char *named_module(void)
{
	const char *name = getenv("REVUE_CUDA_MODULE");

	return name && name[0] ? name : NULL;
}

/* In a build folder beside the program, of an installed program as it was installed. */
static bool module_find(char *out, size_t capacity)
{
	static const char *const beside[] = {".", "../lib/revue"};
	char program[PATH_MAX], folder[PATH_MAX];

	proc_program_folder(program, sizeof program);
	for (size_t i = 0; program[0] && i < sizeof beside / sizeof *beside; i++)
		if (path_join(folder, sizeof folder, program, beside[i], NULL) &&
		    path_join(out, capacity, folder, MODULE, NULL) && file_exists(out))
			return true;
	return path_join(out, capacity, REVUE_PKGLIBDIR, MODULE, NULL) && file_exists(out);
}

static bool module_place(char *out, size_t capacity, struct error *error)
{
	if (named_module())
		return (size_t)snprintf(out, capacity, "%s", named_module()) < capacity ||
		       error_set(error, ERROR_FAILED, "REVUE_CUDA_MODULE is too long");
	if (module_find(out, capacity))
		return true;
	RETURN_IF(!REVUE_WITH_CUDA, error, ERROR_FAILED, "this build has no CUDA module");
	return error_set(error, ERROR_FAILED, "the CUDA module %s is neither beside the program nor in %s", MODULE, REVUE_PKGLIBDIR);
}

/* What can be said without opening the module, which is large and would say less. */
static bool driver_is_there(struct error *error)
{
	if (named_module() || any_is_there(device_nodes))
		return true;
	RETURN_IF(any_is_there(driver_libraries), error, ERROR_FAILED,
	          "no NVIDIA GPU: the driver's library is here, %s is not", device_nodes[0]);
	return error_set(error, ERROR_FAILED, "no NVIDIA driver: neither %s nor libcuda.so.1 is here", device_nodes[0]);
}

static bool check_versions(const struct cuda_module *module, const char *path, struct error *error)
{
	RETURN_IF(module->version != CUDA_MODULE_VERSION || module->backend_version != BACKEND_VERSION, error, ERROR_FAILED,
	          "%s: its versions are %d and %d, this program needs %d and %d: build both from the same sources", path,
	          module->version, module->backend_version, CUDA_MODULE_VERSION, BACKEND_VERSION);
	return true;
}

/* It stays loaded: what CUDA starts in a process may not lose its code. */
static const struct cuda_module *module_load(struct error *error)
{
	__typeof__(revue_cuda_module) *entry;
	char path[PATH_MAX];
	void *handle, *symbol;

	if (!module_place(path, sizeof path, error) || !driver_is_there(error))
		return NULL;
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!handle) {
		error_set(error, ERROR_FAILED, "the CUDA module could not be opened: %s", dlerror());
		return NULL;
	}
	symbol = dlsym(handle, CUDA_MODULE_ENTRY);
	if (!symbol) {
		error_set(error, ERROR_FAILED, "%s is no CUDA module of revue: it lacks %s", path, CUDA_MODULE_ENTRY);
		return NULL;
	}
	memcpy(&entry, &symbol, sizeof entry);
	return check_versions(entry(), path, error) ? entry() : NULL;
}

/* Found out once in a process. */
const struct cuda_module *backend_cuda_module(struct error *error)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static const struct cuda_module *module;
	static struct error failure;

	pthread_mutex_lock(&lock);
	if (!module && failure.kind == ERROR_NONE)
		module = module_load(&failure);
	if (!module && error)
		*error = failure;
	pthread_mutex_unlock(&lock);
	return module;
}

bool backend_cuda_is_likely(void)
{
	char path[PATH_MAX];

	return named_module() || (any_is_there(device_nodes) && module_find(path, sizeof path));
}

bool backend_cuda_look(struct cuda_device *device, struct error *error)
{
	const struct cuda_module *module = backend_cuda_module(error);

	return module && module->probe(DEVICE, device, error);
}

bool backend_cuda_read(struct cuda_readings *readings)
{
	const struct cuda_module *module = backend_cuda_module(NULL);

	return module && module->read(DEVICE, readings);
}

struct backend *backend_cuda_open(int threads, struct error *error)
{
	const struct cuda_module *module = backend_cuda_module(error);
	struct cuda_host host = {
		.pool_free = pool_free,
		.check_types = backend_check_types,
		.four_bits_codes = four_bits_codes,
		.four_bits_size = four_bits_size,
		.four_bits_scales_at = four_bits_scales_at,
	};
	struct cuda_device device;
	struct backend *backend;

	if (!module || !module->probe(DEVICE, &device, error) || !(host.pool = pool_new(cpu_threads(threads), error)))
		return NULL;
	backend = module->open(DEVICE, &host, error);
	if (!backend)
		pool_free(host.pool);
	return backend;
}
