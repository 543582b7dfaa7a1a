/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The machine and this build in words. Stands here because it asks the backend and OpenBLAS. */
#include "engine/system.h"

#include "engine/backend/cpu/openblas.h"
#include "engine/backend/cpu/paths.h"
#include "engine/backend/cuda_open.h"
#include "engine/backend/peak.h"
#include "engine/base/proc.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* "model name	: AMD EPYC ..." of the first processor. */
static void processor_name(char *out, size_t capacity)
{
	static const char key[] = "model name";
	char text[4096];
	const char *line;

	snprintf(out, capacity, "unknown");
	if (!proc_read_text("/proc/cpuinfo", text, sizeof text) || !(line = strstr(text, key)))
		return;
	line += strlen(key);
	line += strspn(line, " \t:");
	snprintf(out, capacity, "%.*s", (int)strcspn(line, "\n"), line);
}

#if defined __x86_64__ || defined __i386__
static void instruction_sets(char *out, size_t capacity)
{
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f"))
		snprintf(out, capacity, "AVX-512%s%s", __builtin_cpu_supports("avx512bf16") ? " BF16" : "",
		         __builtin_cpu_supports("avx512vnni") ? " VNNI" : "");
	else if (__builtin_cpu_supports("avx2"))
		snprintf(out, capacity, "AVX2%s", __builtin_cpu_supports("fma") ? " FMA" : "");
	else
		snprintf(out, capacity, "SSE");
}
#else
static void instruction_sets(char *out, size_t capacity)
{
	struct utsname kernel;

	snprintf(out, capacity, "%s", uname(&kernel) == 0 ? kernel.machine : "unknown");
}
#endif

void system_blas(char *out, size_t capacity)
{
	backend_cpu_blas(out, capacity);
}

void system_info(struct system_info *info)
{
	struct error error = {0};
	struct utsname kernel;
	const char *path = backend_cpu_path(&error);

	memset(info, 0, sizeof *info);
	processor_name(info->processor, sizeof info->processor);
	instruction_sets(info->isa, sizeof info->isa);
	info->processors = system_processors();
	info->memory_total = system_memory_total();
	info->memory_available = system_memory_available();
	if (uname(&kernel) == 0)
		snprintf(info->kernel, sizeof info->kernel, "%.31s %.90s", kernel.sysname, kernel.release);
	if (path && strcmp(path, "openblas") == 0)
		backend_cpu_blas(info->blas, sizeof info->blas);
	else
		snprintf(info->blas, sizeof info->blas, "not used");
	snprintf(info->backend, sizeof info->backend, "%.63s", path ? path : error.text);
}

static void driver_words(char *out, size_t capacity, const struct cuda_device *device)
{
	snprintf(out, capacity, "%.31s%sfor CUDA %d.%d", device->driver_name, device->driver_name[0] ? ", " : "",
	         device->driver / 1000, device->driver % 1000 / 10);
}

void system_gpu(struct system_gpu *gpu)
{
	struct error error = {0};
	struct cuda_readings readings = {0};
	struct cuda_device device;

	memset(gpu, 0, sizeof *gpu);
	if (!backend_cuda_look(&device, &error)) {
		snprintf(gpu->why, sizeof gpu->why, "%.255s", error.text);
		return;
	}
	snprintf(gpu->name, sizeof gpu->name, "%.127s", device.name);
	gpu->memory_total = device.memory_total;
	gpu->memory_free = device.memory_free;
	driver_words(gpu->driver, sizeof gpu->driver, &device);
	snprintf(gpu->capability, sizeof gpu->capability, "%d.%d", device.major, device.minor);
	backend_cuda_read(&readings);
	gpu->memory_used = readings.memory_used;
	gpu->peak_f32 = backend_peak(device.name, PRECISION_F32);
	gpu->peak_half = backend_peak(device.name, PRECISION_BF16);
	gpu->watts = readings.watts;
	gpu->temperature = readings.temperature;
}
