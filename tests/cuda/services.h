/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the emulated cuBLASLt, a library of its own as the real one, asks the emulated device in the module: found beside
 * itself. The device's own names stay hidden. */
#ifndef REVUE_TESTS_CUDA_SERVICES_H
#define REVUE_TESTS_CUDA_SERVICES_H

#include <cuda_runtime.h>

#include <mutex>

struct cuda_services {
	std::recursive_mutex *lock;
	cudaError_t (*call)();              /* as every call of the runtime: planned faults */
	void (*begin)(cudaStream_t stream); /* what was put off is done */
	bool (*keeps)(cudaStream_t stream, const std::function<cudaError_t()> &work); /* for a graph */
	bool (*is_live)(const void *at, size_t bytes);
	void (*describe)(const void *at, size_t bytes, char *out, size_t capacity);
	void (*fault)(const char *line); /* may return, to tests */
	void (*open)(bool open);
};

#define CUDA_SERVICES "cuda_emulator_services"
extern "C" const struct cuda_services *cuda_emulator_services();

#endif
