/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What every unit test includes: cmocka with the headers that it wants first, scratch folders, and the
 * real data that may lie beside the sources (REVUE_DATA and REVUE_MODELS name the folders; without
 * them tests that need real files skip). */
#ifndef REVUE_TESTS_CHECK_H
#define REVUE_TESTS_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A fresh folder under $TMPDIR; its path in out. */
static inline void check_folder(char *out, size_t capacity)
{
	const char *base = getenv("TMPDIR");

	snprintf(out, capacity, "%s/revue-test-XXXXXX", base && *base ? base : "/tmp");
	assert_non_null(mkdtemp(out));
}

/* Removes what check_folder made, with everything in it. */
static inline void check_folder_remove(const char *folder)
{
	char command[512];

	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
}

/* Where REVUE_TEST_FILTER is set, only the tests whose names it matches (with * and ?) are run. */
static inline void check_filter(void)
{
	const char *pattern = getenv("REVUE_TEST_FILTER");

	if (pattern && *pattern)
		cmocka_set_test_filter(pattern);
}

/* The path of a file that lies in the source tree. */
static inline const char *check_source(const char *name)
{
	static char path[4096];
	const char *source = getenv("REVUE_SOURCE");

	snprintf(path, sizeof path, "%s/%s", source && *source ? source : ".", name);
	return path;
}

/* The path of a real model or data file, or NULL after a skip message: `return` then. */
static inline const char *check_real(const char *variable, const char *name)
{
	static char path[4096];
	const char *folder = getenv(variable);
	FILE *file;

	if (folder && *folder) {
		snprintf(path, sizeof path, "%s/%s", folder, name);
		file = fopen(path, "r");
		if (file) {
			fclose(file);
			return path;
		}
	}
	return NULL;
}

#endif
