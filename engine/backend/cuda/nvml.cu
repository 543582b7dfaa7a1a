/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Declared here as in NVIDIA's nvml.h, which not every toolkit brings. */
#include "engine/backend/cuda/nvml.h"

#include "engine/backend/cuda/library.h"

#include <cuda_runtime.h>

#define SUCCESS 0
#define OF_THE_CHIP 0 /* NVML_TEMPERATURE_GPU */

struct nvml_memory {
	unsigned long long total, free, used;
};

struct nvml {
	int (*init)(void);
	int (*driver_version)(char *version, unsigned capacity);
	int (*device)(const char *bus, void **device);
	int (*power)(void *device, unsigned *milliwatts);
	int (*temperature)(void *device, int sensor, unsigned *celsius);
	int (*memory)(void *device, struct nvml_memory *memory);
};

#define FUNCTION(field, symbol) {offsetof(struct nvml, field), symbol}
static const struct library_function functions[] = {
	FUNCTION(init, "nvmlInit_v2"),
	FUNCTION(driver_version, "nvmlSystemGetDriverVersion"),
	FUNCTION(device, "nvmlDeviceGetHandleByPciBusId_v2"),
	FUNCTION(power, "nvmlDeviceGetPowerUsage"),
	FUNCTION(temperature, "nvmlDeviceGetTemperature"),
	FUNCTION(memory, "nvmlDeviceGetMemoryInfo"),
};

struct opened {
	bool there;
	struct nvml call;
};

static struct opened open_nvml()
{
	static const char *const names[] = {"libnvidia-ml.so.1", nullptr};
	struct opened nvml = {};
	void *library = library_open(names);

	nvml.there = library && !library_fill(library, functions, &nvml.call) && nvml.call.init() == SUCCESS;
	return nvml;
}

/* Opened once, whichever thread comes first. NULL: it is not there. */
static const struct nvml *nvml_get()
{
	static const struct opened nvml = open_nvml();

	return nvml.there ? &nvml.call : nullptr;
}

void nvml_driver(char *out, size_t capacity)
{
	const struct nvml *nvml = nvml_get();

	if (!nvml || nvml->driver_version(out, static_cast<unsigned>(capacity)) != SUCCESS)
		*out = '\0';
}

bool nvml_read(int index, struct cuda_readings *readings)
{
	const struct nvml *nvml = nvml_get();
	char bus[32];
	void *device;
	unsigned milliwatts, celsius;
	struct nvml_memory memory;

	*readings = {};
	if (!nvml || cudaDeviceGetPCIBusId(bus, sizeof bus, index) != cudaSuccess || nvml->device(bus, &device) != SUCCESS)
		return false;
	if (nvml->power(device, &milliwatts) == SUCCESS)
		readings->watts = milliwatts / 1000.0;
	if (nvml->temperature(device, OF_THE_CHIP, &celsius) == SUCCESS)
		readings->temperature = static_cast<int>(celsius);
	if (nvml->memory(device, &memory) == SUCCESS)
		readings->memory_used = memory.used;
	return true;
}
