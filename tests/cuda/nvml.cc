/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NVML of the emulated device, a library of its own beside the module: figures that a test knows. */
#include <cstdio>
#include <cstring>

#define FACE extern "C" __attribute__((visibility("default")))

struct memory {
	unsigned long long total, free, used;
};

static char device;

FACE int nvmlInit_v2()
{
	return 0;
}

FACE int nvmlSystemGetDriverVersion(char *version, unsigned capacity)
{
	return static_cast<unsigned>(snprintf(version, capacity, "580.1.2")) < capacity ? 0 : 7;
}

FACE int nvmlDeviceGetHandleByPciBusId_v2(const char *bus, void **handle)
{
	*handle = &device;
	return strcmp(bus, "0000:01:00.0") == 0 ? 0 : 6;
}

FACE int nvmlDeviceGetPowerUsage(void *, unsigned *milliwatts)
{
	*milliwatts = 71500;
	return 0;
}

/* Some GPUs have no sensor. */
FACE int nvmlDeviceGetTemperature(void *handle, int sensor, unsigned *celsius)
{
	*celsius = 33;
	return handle == &device && sensor == 0 ? 0 : 3;
}

FACE int nvmlDeviceGetMemoryInfo(void *handle, struct memory *memory)
{
	*memory = {8ull << 30, 7ull << 30, 1ull << 30};
	return handle == &device ? 0 : 2;
}
