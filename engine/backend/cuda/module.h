/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the module backend_cuda.so gives the program: one function, which returns this table. The program is built without
 * CUDA and links nothing of it; it opens the module when a GPU is wanted (engine/backend/cuda_open.c). C and C++. */
#ifndef REVUE_BACKEND_CUDA_MODULE_H
#define REVUE_BACKEND_CUDA_MODULE_H

#include "engine/backend/backend.h"
#include "engine/base/four_bits.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CUDA_MODULE_VERSION 1
#define CUDA_MODULE_ENTRY "revue_cuda_module"

/* A GPU as the driver describes it. */
struct cuda_device {
	int count;                     /* of all devices that the driver shows */
	char name[128];
	uint64_t memory_total, memory_free;
	int major, minor;              /* compute capability */
	int driver, runtime;           /* 1000 * major + 10 * minor, as CUDA counts: of the driver the newest it can */
	char driver_name[32];          /* "580.65.06"; "" where it does not tell */
	int processors;                /* multiprocessors */
};

/* What can be read of a GPU at any time; 0: not known. */
struct cuda_readings {
	double watts;
	int temperature;      /* degrees Celsius */
	uint64_t memory_used; /* bytes, of all processes */
};

/* What the program lends a backend: its pool, and functions of its own, of which the module has no copies. */
struct cuda_host {
	struct pool *pool;             /* becomes the backend's own */
	void (*pool_free)(struct pool *pool);
	bool (*check_types)(const struct backend *b, const struct backend_needs *needs, struct error *error);
	const float *(*four_bits_codes)(enum four_bits_type type);
	size_t (*four_bits_size)(size_t count);
	size_t (*four_bits_scales_at)(size_t count);
};

struct cuda_module {
	int version;         /* CUDA_MODULE_VERSION as the module was built with */
	int backend_version; /* BACKEND_VERSION likewise */

	/* What device `index` is. False with one line: no driver, one that is too old and which would do, no device, one for
	 * which the module has no code. Starts no work and keeps nothing. */
	bool (*probe)(int index, struct cuda_device *device, struct error *error);

	/* The backend on device `index`. NULL with one line; the pool is then still the caller's. Closed with ops->close. */
	struct backend *(*open)(int index, const struct cuda_host *host, struct error *error);

	/* Of device `index`, by the driver's library of management; false, silently, where that is not there. */
	bool (*read)(int index, struct cuda_readings *readings);

	/* For tests, whose arrays the host writes and reads: memory that both sides may touch (NULL: none left), and a wait
	 * until the devices have done all that was asked of them; false when they failed. */
	void *(*managed_alloc)(size_t bytes);
	void (*managed_free)(void *memory);
	bool (*wait)(void);
};

/* The one symbol that the module exports. */
const struct cuda_module *revue_cuda_module(void);

#ifdef __cplusplus
}
#endif

#endif
