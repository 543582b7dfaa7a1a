/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/terminal/inputrc.c and ui/terminal/line.c: whatever stands in the place of the person's settings of readline, the line editor comes up
 * at once, with a message. */
#include "tests/unit/check.h"

#include "ui/terminal/inputrc.h"
#include "ui/terminal/key.h"
#include "ui/terminal/line.h"

#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

/* readline keeps what it has for the life of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libreadline\n";
}

static char folder[256], path[300], taken[4096];
static struct error error;

static void write_file(const char *name, const char *text)
{
	char file_path[300];
	FILE *file;

	snprintf(file_path, sizeof file_path, "%s/%s", folder, name);
	file = fopen(file_path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void take(char *line)
{
	const size_t used = strlen(taken);

	snprintf(taken + used, sizeof taken - used, "%s|", line);
}

/* Reads what INPUTRC names; who waits for ever dies. */
static void read_settings(void)
{
	taken[0] = '\0';
	error = (struct error){0};
	alarm(20);
	inputrc_read(take, &error);
	alarm(0);
}

static int begin(void **state)
{
	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/inputrc", folder);
	assert_int_equal(chdir(folder), 0);
	setenv("INPUTRC", path, 1);
	setenv("HOME", folder, 1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	check_folder_remove(folder);
	return 0;
}

static void included_files_stand_in_the_place_of_their_line(void **state)
{
	(void)state;
	write_file("inputrc", "# first\n  $include ~/more\r\n$INCLUDE missing\n$includes\nset a b");
	write_file("more", "$if mode=emacs\nset c d\n$endif\n");
	read_settings();
	assert_string_equal(taken, "# first|$if mode=emacs|set c d|$endif|$includes|set a b|");
	assert_int_equal(error.kind, 0);
}

static void a_file_that_includes_itself_is_read_once_and_that_is_told(void **state)
{
	char wanted[400];

	(void)state;
	write_file("inputrc", "set a b\n$include more\nset c d\n");
	write_file("more", "set e f\n$include inputrc\n");
	read_settings();
	assert_string_equal(taken, "set a b|set e f|set c d|");
	snprintf(wanted, sizeof wanted, "inputrc: includes itself: take that $include out");
	assert_string_equal(error.text, wanted);
}

static void too_long_a_chain_of_files_ends_with_a_message(void **state)
{
	char name[32], text[64];

	(void)state;
	write_file("inputrc", "$include f0\n");
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof name, "f%d", i);
		snprintf(text, sizeof text, "set f%d on\n$include f%d\n", i, i + 1);
		write_file(name, text);
	}
	read_settings();
	assert_non_null(strstr(taken, "set f14 on|"));
	assert_null(strstr(taken, "set f15 on|"));
	assert_non_null(strstr(error.text, "too many files"));
}

/* Each file includes the next one twice: 65,536 times in all. */
static void files_that_multiply_are_read_up_to_a_megabyte(void **state)
{
	char name[32], text[2 << 10];

	(void)state;
	memset(text, '#', sizeof text);
	snprintf(text + sizeof text - 2, 2, "\n");
	write_file("f14", text);
	for (int i = 0; i < 14; i++) {
		snprintf(name, sizeof name, "f%d", i);
		snprintf(text, sizeof text, "$include f%d\n$include f%d\n", i + 1, i + 1);
		write_file(name, text);
	}
	write_file("inputrc", "$include f0\nset a b\n");
	read_settings();
	assert_non_null(strstr(error.text, "longer than 1 MB"));
}

static void a_pipe_a_folder_and_a_huge_file_are_refused_at_once(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	read_settings();
	assert_non_null(strstr(error.text, "is a pipe or the like, not a file"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	read_settings();
	assert_non_null(strstr(error.text, "is a folder, not a file"));
	assert_int_equal(rmdir(path), 0);
	write_file("inputrc", "set a b\n");
	assert_int_equal(truncate(path, (off_t)1 << 30), 0);
	read_settings();
	assert_non_null(strstr(error.text, "is not read: it has 1.1 GB, 1.0 MB at most were expected"));
	assert_string_equal(taken, "");
}

static void a_device_and_a_file_that_is_not_there_are_settings_without_a_line(void **state)
{
	(void)state;
	read_settings();
	assert_int_equal(error.kind, 0);
	setenv("INPUTRC", "/dev/null", 1);
	read_settings();
	assert_int_equal(error.kind, 0);
	assert_string_equal(taken, "");
}

static void without_a_name_the_file_of_the_home_folder_is_read(void **state)
{
	(void)state;
	unsetenv("INPUTRC");
	write_file(".inputrc", "set a b\n");
	read_settings();
	assert_string_equal(taken, "set a b|");
}

/* One line editor in a process: the settings count, and neither its start nor re-read-init-file waits for the pipe. */
static void the_line_editor_takes_the_settings_and_never_waits_for_a_pipe(void **state)
{
	struct line *line;

	(void)state;
	write_file("inputrc", "Control-t: \"bad film\"\n\"\\C-xt\": re-read-init-file\n$include pipe\n");
	assert_int_equal(mkfifo("pipe", 0600), 0);
	alarm(20);
	line = line_new(false, &error);
	assert_non_null(line);
	assert_non_null(line_settings_error(line));
	assert_non_null(strstr(line_settings_error(line)->text, "pipe: is not read"));
	line_begin(line, &(struct line_options){.prompt = "> "});
	line_key(line, UI_CTRL('T'));
	assert_int_equal(line_text(line).size, 8);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	line_key(line, UI_CTRL('X'));
	line_key(line, UI_CTRL('R'));
	line_key(line, UI_CTRL('X'));
	line_key(line, 't');
	assert_int_equal(line_text(line).size, 8);
	line_free(line);
	alarm(0);
}

static void a_history_that_is_a_pipe_is_not_waited_for(void **state)
{
	struct line *line;

	(void)state;
	setenv("XDG_STATE_HOME", folder, 1);
	assert_int_equal(mkdir("revue", 0700), 0);
	assert_int_equal(mkfifo("revue/history-search", 0600), 0);
	alarm(20);
	line = line_new(true, &error);
	assert_non_null(line);
	line_free(line);
	alarm(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(included_files_stand_in_the_place_of_their_line),
		TEST(a_file_that_includes_itself_is_read_once_and_that_is_told),
		TEST(too_long_a_chain_of_files_ends_with_a_message),
		TEST(files_that_multiply_are_read_up_to_a_megabyte),
		TEST(a_pipe_a_folder_and_a_huge_file_are_refused_at_once),
		TEST(a_device_and_a_file_that_is_not_there_are_settings_without_a_line),
		TEST(without_a_name_the_file_of_the_home_folder_is_read),
		TEST(the_line_editor_takes_the_settings_and_never_waits_for_a_pipe),
		TEST(a_history_that_is_a_pipe_is_not_waited_for),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
