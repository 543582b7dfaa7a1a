/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/data/recent.c: the files that were opened lately, and the file that keeps them. */
#include "tests/unit/check.h"

#include "ui/data/recent.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_state(void **state)
{
	char *folder = strdup("/tmp/revue-recent-XXXXXX");

	*state = folder;
	return folder && mkdtemp(folder) && setenv("XDG_STATE_HOME", folder, 1) == 0 ? 0 : -1;
}

static int remove_state(void **state)
{
	char path[256];

	snprintf(path, sizeof path, "%s/revue/recent-files", (char *)*state);
	unlink(path);
	snprintf(path, sizeof path, "%s/revue", (char *)*state);
	rmdir(path);
	rmdir(*state);
	free(*state);
	return 0;
}

static void the_newest_stands_first_and_each_once(void **state)
{
	struct recent recent = {.count = 0};
	char path[32];

	(void)state;
	assert_true(recent_add(&recent, "/a"));
	assert_true(recent_add(&recent, "/b"));
	assert_false(recent_add(&recent, "/b"));
	assert_true(recent_add(&recent, "/a"));
	assert_int_equal(recent.count, 2);
	assert_string_equal(recent.paths[0], "/a");
	assert_string_equal(recent.paths[1], "/b");
	for (int i = 0; i < 3 * RECENT_MAX; i++) {
		snprintf(path, sizeof path, "/file-%d", i);
		assert_true(recent_add(&recent, path));
	}
	assert_int_equal(recent.count, RECENT_MAX);
	assert_string_equal(recent.paths[RECENT_MAX - 1], "/file-40");
	recent_free(&recent);
}

static void paths_are_absolute_and_of_one_line(void **state)
{
	struct recent recent = {.count = 0};
	char folder[4096], whole[4200];

	(void)state;
	assert_non_null(getcwd(folder, sizeof folder));
	snprintf(whole, sizeof whole, "%s/x.csv", folder);
	assert_true(recent_add(&recent, "x.csv"));
	assert_string_equal(recent.paths[0], whole);
	assert_false(recent_add(&recent, "/two\nlines"));
	assert_int_equal(recent.count, 1);
	recent_free(&recent);
}

static void what_is_kept_comes_back_and_is_nobody_elses(void **state)
{
	struct recent recent = {.count = 0}, again = {.count = 0};
	struct stat status;
	char path[256];

	recent_add(&recent, "/b c.csv");
	recent_add(&recent, "/\033[31m.csv");
	recent_save(&recent);
	recent_load(&again);
	assert_int_equal(again.count, 2);
	assert_string_equal(again.paths[0], "/\033[31m.csv");
	assert_string_equal(again.paths[1], "/b c.csv");
	snprintf(path, sizeof path, "%s/revue/recent-files", (char *)*state);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	recent_free(&recent);
	recent_free(&again);
}

static void a_file_of_anything_is_read_without_harm(void **state)
{
	struct recent recent = {.count = 0};
	char path[256], line[8000];
	FILE *file;

	snprintf(path, sizeof path, "%s/revue", (char *)*state);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/revue/recent-files", (char *)*state);
	file = fopen(path, "w");
	memset(line, 'x', sizeof line);
	line[0] = '/';
	line[sizeof line - 1] = '\0';
	fprintf(file, "relative\n\n%s\n/good\n", line);
	for (int i = 0; i < 100; i++)
		fprintf(file, "/%d\n", i);
	fclose(file);
	recent_load(&recent);
	assert_int_equal(recent.count, RECENT_MAX);
	assert_string_equal(recent.paths[0], "/good");
	recent_free(&recent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_stands_first_and_each_once),
		cmocka_unit_test(paths_are_absolute_and_of_one_line),
		cmocka_unit_test_setup_teardown(what_is_kept_comes_back_and_is_nobody_elses, make_state, remove_state),
		cmocka_unit_test_setup_teardown(a_file_of_anything_is_read_without_harm, make_state, remove_state),
	};

	return cmocka_run_group_tests_name("recent", tests, NULL, NULL);
}
