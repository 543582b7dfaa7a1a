/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What CUDA says, in words for whoever has the GPU. */
#include "engine/backend/cuda/operations.h"

#include <cstdarg>
#include <cstdio>

/* The least driver that does a major version of CUDA, as NVIDIA's table of compatibility has it. */
static const struct {
	int major;
	const char *driver;
} drivers[] = {{11, "450"}, {12, "525"}, {13, "580"}};

bool cuda_error(struct error *error, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return false;
	error->kind = ERROR_FAILED;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	return false;
}

bool cuda_driver_error(struct error *error, int driver, int runtime)
{
	if (driver == 0)
		return cuda_error(error, "no NVIDIA driver is here, or it does not answer: nvidia-smi tells more");
	for (const auto &row : drivers)
		if (row.major == runtime / 1000)
			return cuda_error(error,
			                  "the NVIDIA driver is too old: it does CUDA %d.%d, this module needs driver %s or newer, "
			                  "for CUDA %d",
			                  driver / 1000, driver % 1000 / 10, row.driver, row.major);
	return cuda_error(error, "the NVIDIA driver is too old: it does CUDA %d.%d, this module needs %d.%d", driver / 1000,
	                  driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
}

/* What happened to a device whose operation gave that result. */
static const char *event_of(cudaError_t result)
{
	switch (result) {
	case cudaErrorMemoryAllocation:
		return "the GPU has no memory left";
	case cudaErrorDevicesUnavailable:
		return "the GPU is busy: another process has it for itself";
	case cudaErrorNoDevice:
	case cudaErrorInvalidDevice:
		return "the GPU is gone";
	case cudaErrorNoKernelImageForDevice:
		return "the module has no code for this GPU";
	case cudaErrorIllegalAddress:
	case cudaErrorLaunchFailure:
	case cudaErrorLaunchTimeout:
	case cudaErrorECCUncorrectable:
	case cudaErrorUnknown:
		return "the GPU was lost";
	default:
		return "the GPU failed";
	}
}

bool cuda_memory_error(struct error *error, const char *what)
{
	size_t available = 0, total = 0;

	if (cudaMemGetInfo(&available, &total) != cudaSuccess)
		return cuda_error(error, "%s", what);
	return cuda_error(error, "%s: %zu MB of %zu are free, the rest is taken by this program and others (nvidia-smi tells which)", what,
	                  available / 1000000, total / 1000000);
}

bool cuda_result_error(struct error *error, cudaError_t result, const char *what)
{
	char text[200];

	snprintf(text, sizeof text, "%s (%s: %s)", event_of(result), what, cudaGetErrorString(result));
	return result == cudaErrorMemoryAllocation ? cuda_memory_error(error, text) : cuda_error(error, "%s", text);
}
