/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/system.h: the machine. */
#include "tests/unit/check.h"

#include "engine/base/meminfo.h"
#include "engine/system.h"

#include <sched.h>
#include <sys/resource.h>

static void the_processors_are_at_most_those_of_the_affinity_mask(void **state)
{
	cpu_set_t set, one;
	int before = system_processors();

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
	assert_in_range(before, 1, CPU_COUNT(&set));
	CPU_ZERO(&one);
	for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &set))
			CPU_SET(i, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	assert_int_equal(system_processors(), 1);
	assert_int_equal(sched_setaffinity(0, sizeof set, &set), 0);
	assert_int_equal(system_processors(), before);
}

static void the_memory_that_is_free_is_less_than_all(void **state)
{
	struct system_info info;

	(void)state;
	system_info(&info);
	assert_true(info.memory_total > 16u << 20);
	assert_true(info.memory_available > 0);
	assert_true(info.memory_available < info.memory_total);
}

static const char machine[] =
	"MemTotal:       24682924 kB\nMemFree:        15965468 kB\nMemAvailable:   19645672 kB\nBuffers:          155760 kB\n"
	"Cached:          5945652 kB\nSwapCached:            0 kB\nShmem:           2202288 kB\n";

static void what_the_kernel_says_of_memory_is_read(void **state)
{
	struct meminfo memory;

	(void)state;
	assert_true(meminfo_parse(machine, &memory));
	assert_true(memory.total == 24682924ull * 1024 && memory.available == 19645672ull * 1024);
	/* An old kernel: free, and the pages of files that are no shared memory. */
	assert_true(meminfo_parse("MemTotal: 100 kB\nMemFree: 20 kB\nBuffers: 3 kB\nCached: 40 kB\nShmem: 10 kB\n", &memory));
	assert_true(memory.available == 53 * 1024);
	assert_true(meminfo_parse("MemTotal: 100 kB\nMemAvailable: 200 kB\n", &memory));
	assert_true(memory.available == 100 * 1024);
}

/* However little of it came, no part of a number is taken for all of it, nor its absence for 0. */
static void a_text_of_memory_that_was_cut_is_not_believed(void **state)
{
	const size_t whole = (size_t)(strstr(machine, "MemAvailable:") - machine) + strlen("MemAvailable:   19645672");
	char text[sizeof machine];
	struct meminfo memory;

	(void)state;
	for (size_t size = 0; size < sizeof machine; size++) {
		snprintf(text, size + 1, "%s", machine);
		if (meminfo_parse(text, &memory))
			assert_true(size > whole && memory.available == 19645672ull * 1024 && memory.total == 24682924ull * 1024);
		else
			assert_true(size <= whole);
	}
	assert_false(meminfo_parse("MemTotal: x kB\nMemAvailable: 5 kB\n", &memory));
	assert_false(meminfo_parse("MemTotal: 0 kB\nMemAvailable: 0 kB\n", &memory));
	assert_false(meminfo_parse("MemTotal: 100 kB\nMemAvailable: kB\n", &memory));
	assert_false(meminfo_parse("MemTotal: 99999999999999999999 kB\nMemAvailable: 1 kB\n", &memory));
}

/* A group that is at its limit because it has read many files is not out of memory. */
static void pages_of_files_count_as_free_within_a_limit(void **state)
{
	static const char first[] = "cache 900\ntotal_shmem 50\ntotal_inactive_file 100\ntotal_active_file 700\n";
	static const char second[] = "anon 80\nfile 820\nshmem 20\ninactive_file 100\nactive_file 700\n";
	struct meminfo memory = {2000, 1500};

	(void)state;
	meminfo_limit(&memory, 1000, 1000, first, false);
	assert_true(memory.total == 1000 && memory.available == 800);
	memory = (struct meminfo){2000, 1500};
	meminfo_limit(&memory, 1000, 990, second, true);
	assert_true(memory.total == 1000 && memory.available == 810);
	memory = (struct meminfo){2000, 300}; /* the machine has less than the group may take */
	meminfo_limit(&memory, 1000, 100, second, true);
	assert_true(memory.total == 1000 && memory.available == 300);
	memory = (struct meminfo){2000, 1500};
	meminfo_limit(&memory, 1000, 1001, "", true);
	assert_true(memory.available == 0);
	memory = (struct meminfo){2000, 1500};
	meminfo_limit(&memory, UINT64_MAX, 100, "inactive_file 18446744073709551615\nactive_file 2\n", true);
	assert_true(memory.total == 2000 && memory.available == 1500);
}

/* Without a descriptor for /proc/meminfo. */
static void without_descriptors_memory_is_known_all_the_same(void **state)
{
	struct rlimit before, none;
	uint64_t total = system_memory_total(), available, blind;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &before);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	available = system_memory_available();
	blind = system_memory_total();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(available > 0 && available < blind);
	assert_true(blind >= total && blind < UINT64_MAX);
}

static void the_machine_has_names(void **state)
{
	struct system_info info;
	char blas[128];

	(void)state;
	system_info(&info);
	system_blas(blas, sizeof blas);
	assert_non_null(strstr(info.kernel, "Linux "));
	assert_non_null(strstr(blas, "OpenBLAS "));
	assert_true(strlen(info.processor) > 0);
	assert_true(strlen(info.isa) > 0);
	assert_true(strlen(info.backend) > 0);
	assert_int_equal(strncmp(system_version(), "revue ", 6), 0);
}

/* What a GPU is told of is in tests/cli/test_cuda.sh. */
static void a_machine_has_a_gpu_or_a_reason(void **state)
{
	struct system_gpu gpu;

	(void)state;
	system_gpu(&gpu);
	assert_true((gpu.why[0] != '\0') != (gpu.name[0] != '\0'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_processors_are_at_most_those_of_the_affinity_mask),
		cmocka_unit_test(the_memory_that_is_free_is_less_than_all),
		cmocka_unit_test(what_the_kernel_says_of_memory_is_read),
		cmocka_unit_test(a_text_of_memory_that_was_cut_is_not_believed),
		cmocka_unit_test(pages_of_files_count_as_free_within_a_limit),
		cmocka_unit_test(without_descriptors_memory_is_known_all_the_same),
		cmocka_unit_test(the_machine_has_names),
		cmocka_unit_test(a_machine_has_a_gpu_or_a_reason),
	};

	return cmocka_run_group_tests_name("system", tests, NULL, NULL);
}
