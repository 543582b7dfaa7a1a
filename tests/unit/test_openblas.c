/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * OpenBLAS is opened by the path that calls it, and only by that one. dlopen is wrapped to take the library away. */
#include "tests/unit/check.h"

#include "engine/backend/cpu/paths.h"
#include "engine/system.h"

#include <dlfcn.h>

static const char *instead; /* the library that dlopen opens, or NULL: the one it was asked for */
static int opened;

void *__real_dlopen(const char *name, int flags);
void *__wrap_dlopen(const char *name, int flags);

void *__wrap_dlopen(const char *name, int flags)
{
	opened++;
	return __real_dlopen(instead ? instead : name, flags);
}

static struct backend *open_path(const char *path, struct error *error)
{
	opened = 0;
	setenv("REVUE_CPU", path, 1);
	return backend_cpu_open(1, error);
}

static void other_paths_do_not_open_it(void **state)
{
	static const char *const paths[] = {"reference", "avx2", "avx512"};
	struct error error = {0};
	struct system_info info;

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct backend *b = open_path(paths[i], &error);

		if (!b)
			continue; /* not this processor's */
		system_info(&info);
		assert_int_equal(opened, 0);
		assert_string_equal(info.blas, "not used");
		b->ops->close(b);
	}
}

static void its_path_opens_it_and_info_names_it(void **state)
{
	struct error error = {0};
	struct system_info info;
	struct backend *b = open_path("openblas", &error);
	char name[128];

	(void)state;
	assert_non_null(b);
	assert_true(opened > 0);
	system_info(&info);
	assert_non_null(strstr(info.blas, "OpenBLAS "));
	b->ops->close(b);
	setenv("REVUE_CPU", "reference", 1);
	system_blas(name, sizeof name);
	assert_string_equal(name, info.blas);
}

static void a_missing_library_is_an_error_of_its_path_alone(void **state)
{
	struct error error = {0};
	struct backend *b;
	char name[128];

	(void)state;
	instead = "libno-such-blas.so.0";
	assert_null(open_path("openblas", &error));
	assert_int_equal(error.kind, ERROR_FAILED);
	assert_non_null(strstr(error.text, "OpenBLAS could not be opened (libno-such-blas.so.0"));
	assert_non_null(strstr(error.text, "REVUE_CPU=reference"));
	system_blas(name, sizeof name);
	assert_non_null(strstr(name, "OpenBLAS could not be opened"));
	b = open_path("reference", &error);
	assert_non_null(b);
	b->ops->close(b);
}

static void a_library_of_another_kind_is_refused(void **state)
{
	struct error error = {0};

	(void)state;
	instead = "libm.so.6";
	assert_null(open_path("openblas", &error));
	assert_non_null(strstr(error.text, "is no OpenBLAS: it lacks cblas_sgemm"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_paths_do_not_open_it),
		cmocka_unit_test(its_path_opens_it_and_info_names_it),
		cmocka_unit_test(a_missing_library_is_an_error_of_its_path_alone),
		cmocka_unit_test(a_library_of_another_kind_is_refused),
	};

	return cmocka_run_group_tests_name("openblas", tests, NULL, NULL);
}
