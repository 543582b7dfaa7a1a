/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/system.h: the machine. */
#include "tests/unit/check.h"

#include "engine/system.h"

#include <sched.h>

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
		cmocka_unit_test(the_machine_has_names),
		cmocka_unit_test(a_machine_has_a_gpu_or_a_reason),
	};

	return cmocka_run_group_tests_name("system", tests, NULL, NULL);
}
