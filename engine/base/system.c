/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What this process may use of the machine: processors and memory, the limits of its control group included
 * (version 1 and 2; every level from its own group up to the root counts). */
#include "engine/system.h"

#include "engine/base/meminfo.h"
#include "engine/base/proc.h"

#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "config.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

const char *system_version(void)
{
	return PACKAGE_STRING;
}

/* Where the file cannot be had, as without a free descriptor: what the kernel answers without one, in which pages of files are
 * not free. Nothing at all: as if there were no end of it, so that memory decides itself when it is asked for. */
static struct meminfo memory_of_machine(void)
{
	struct meminfo memory;
	struct sysinfo from_kernel;
	char text[8192];

	if (proc_read_text("/proc/meminfo", text, sizeof text) && meminfo_parse(text, &memory))
		return memory;
	if (sysinfo(&from_kernel) != 0)
		return (struct meminfo){UINT64_MAX, UINT64_MAX};
	return (struct meminfo){
		.total = (uint64_t)from_kernel.totalram * from_kernel.mem_unit,
		.available = (uint64_t)(from_kernel.freeram + from_kernel.bufferram) * from_kernel.mem_unit,
	};
}

/* Whether `controller` is one of "cpu,cpuacct". */
static bool lists_controller(const char *names, size_t size, const char *controller)
{
	size_t length = strlen(controller);

	for (const char *name = names, *end = names + size; name < end; name += strcspn(name, ",:") + 1)
		if (strcspn(name, ",:") == length && memcmp(name, controller, length) == 0)
			return true;
	return false;
}

/* The path of this process in the hierarchy of `controller`; *unified tells that it is version 2's. Lines are
 * "4:cpu,cpuacct:/path", version 2 is "0::/path". */
static bool find_group(const char *controller, char *path, size_t capacity, bool *unified)
{
	char text[8192];
	bool found = false;

	if (!proc_read_text("/proc/self/cgroup", text, sizeof text))
		return false;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *names = line + strcspn(line, ":\n");
		size_t size = *names == ':' ? strcspn(++names, ":\n") : 0;
		bool listed = lists_controller(names, size, controller);

		if (names[size] != ':' || (!listed && (size > 0 || found)))
			continue;
		snprintf(path, capacity, "%.*s", (int)strcspn(names + size + 1, "\n"), names + size + 1);
		*unified = !listed;
		found = true;
		if (listed)
			break;
	}
	return found;
}

/* Calls visit(folder) for the group of this process and each group above it. */
static void visit_groups(const char *controller, void (*visit)(const char *folder, bool unified, void *context),
                         void *context)
{
	char group[2048], folder[4096];
	bool unified = true;
	char *slash;

	if (!find_group(controller, group, sizeof group, &unified))
		return;
	for (;;) {
		snprintf(folder, sizeof folder, CGROUP_ROOT "%s%s%s", unified ? "" : "/", unified ? "" : controller,
		         strcmp(group, "/") == 0 ? "" : group);
		visit(folder, unified, context);
		slash = strrchr(group, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
}

static bool group_number(const char *folder, const char *file, const char *key, uint64_t *out)
{
	char path[4352], text[8192];

	snprintf(path, sizeof path, "%s/%s", folder, file);
	if (!proc_read_text(path, text, sizeof text) || (!key[0] && (text[0] < '0' || text[0] > '9')))
		return false;
	return meminfo_number(text, key, out);
}

static void visit_processors(const char *folder, bool unified, void *context)
{
	int *processors = context;
	uint64_t quota = 0, period = 0, allowed;

	if (unified) {
		char path[4352], text[128], *end;

		snprintf(path, sizeof path, "%s/cpu.max", folder);
		if (!proc_read_text(path, text, sizeof text))
			return;
		quota = strtoull(text, &end, 10); /* "max 100000": 0 */
		period = strtoull(end, NULL, 10);
	} else if (!group_number(folder, "cpu.cfs_quota_us", "", &quota) ||
	           !group_number(folder, "cpu.cfs_period_us", "", &period)) {
		return;
	}
	if (quota == 0 || period == 0)
		return;
	allowed = quota / period + (quota % period != 0);
	if (allowed < (uint64_t)*processors)
		*processors = (int)allowed;
}

int system_processors(void)
{
	cpu_set_t set;
	int processors;

	if (sched_getaffinity(0, sizeof set, &set) == 0) {
		processors = CPU_COUNT(&set);
	} else {
		long online = sysconf(_SC_NPROCESSORS_ONLN);

		processors = online > 0 && online < INT_MAX ? (int)online : 1;
	}
	visit_groups("cpu", visit_processors, &processors);
	return processors > 0 ? processors : 1;
}

static void visit_memory(const char *folder, bool unified, void *context)
{
	char path[4352], stat[8192];
	uint64_t limit, used = 0;

	if (!group_number(folder, unified ? "memory.max" : "memory.limit_in_bytes", "", &limit) ||
	    !group_number(folder, unified ? "memory.current" : "memory.usage_in_bytes", "", &used))
		return;
	snprintf(path, sizeof path, "%s/memory.stat", folder);
	if (!proc_read_text(path, stat, sizeof stat))
		stat[0] = '\0';
	meminfo_limit(context, limit, used, stat, unified);
}

static struct meminfo memory_limits(void)
{
	struct meminfo memory = memory_of_machine();

	visit_groups("memory", visit_memory, &memory);
	return memory;
}

uint64_t system_memory_used(void)
{
	unsigned long long pages = 0;
	char text[128];

	if (!proc_read_text("/proc/self/statm", text, sizeof text) || sscanf(text, "%*u %llu", &pages) != 1)
		return 0;
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t system_memory_available(void)
{
	return memory_limits().available;
}

uint64_t system_memory_total(void)
{
	return memory_limits().total;
}
