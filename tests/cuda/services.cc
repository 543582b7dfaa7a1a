/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cuda/services.h"

#include "tests/cuda/emulator.h"

static bool keeps(cudaStream_t stream, const std::function<cudaError_t()> &work)
{
	return stream_keeps(stream, cudaGraphNodeTypeMemcpy, work);
}

static void fault(const char *line)
{
	fault_host("%s", line);
}

__attribute__((visibility("default"))) const struct cuda_services *cuda_emulator_services()
{
	static const struct cuda_services services = {&emulator_lock, runtime_call,  stream_begin, keeps,
	                                              heap_is_live,   heap_describe, fault,        heap_open};

	return &services;
}
