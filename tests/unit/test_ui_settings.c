/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/settings.c, ui/config.c, ui/config_write.c, ui/keymap.c, ui/terminal/pace.c: what a person sets and maps, and the file that keeps it. */
#include "tests/unit/check.h"

#include "ui/action.h"
#include "ui/config.h"
#include "ui/keymap.h"
#include "ui/terminal/key.h"
#include "ui/terminal/pace.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/revue-settings-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(path, sizeof path, "%s/config", mkdtemp(folder));
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static int forget_keys(void **state)
{
	(void)state;
	keymap_clear();
	unlink(path);
	return 0;
}

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
}

static void check_text(const char *expected)
{
	FILE *file = fopen(path, "r");
	char text[4096];
	size_t size;

	assert_non_null(file);
	size = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[size] = '\0';
	assert_string_equal(text, expected);
}

static char complaints[2048];

static void complain(void *context, const struct error *error)
{
	(void)context;
	snprintf(complaints + strlen(complaints), sizeof complaints - strlen(complaints), "%s\n", error->text);
}

static struct settings read_back(void)
{
	struct settings settings;

	settings_init(&settings);
	complaints[0] = '\0';
	config_read(path, &settings, complain, NULL);
	return settings;
}

static void every_row_has_a_default_that_it_takes(void **state)
{
	struct settings settings;
	char value[SETTING_TEXT_MAX];

	(void)state;
	settings_init(&settings);
	for (int i = 0; i < SETTING_COUNT; i++) {
		assert_true(setting_set(&settings, i, setting_rows[i].preset, NULL));
		setting_format(&settings, i, value);
		assert_string_equal(value, setting_rows[i].preset);
		assert_true(setting_is_default(&settings, i));
		assert_int_equal(setting_find(setting_rows[i].name, strlen(setting_rows[i].name)), i);
		assert_false(setting_rows[i].help[strlen(setting_rows[i].help) - 1] == '.');
	}
}

static void a_value_that_is_not_allowed_is_refused_with_what_is(void **state)
{
	struct settings settings;
	struct error error = {0};

	(void)state;
	settings_init(&settings);
	assert_false(setting_set(&settings, SETTING_COLORS, "17", &error));
	assert_string_equal(error.text, "colors: \"17\" is none of auto|none|8|16|256");
	assert_false(setting_set(&settings, SETTING_FRAME_RATE, "0", &error));
	assert_string_equal(error.text, "frame-rate: \"0\" is not a whole number from 1 to 60");
	assert_false(setting_set(&settings, SETTING_FRAME_RATE, "99999999999999999999", &error));
	assert_false(setting_set(&settings, SETTING_FRAME_RATE, "5 ", &error));
	assert_true(setting_set(&settings, SETTING_MOUSE, "false", &error));
	assert_int_equal(settings.values[SETTING_MOUSE], 0);
	assert_true(setting_set(&settings, SETTING_MOUSE, "yes", &error));
	assert_int_equal(settings.values[SETTING_MOUSE], 1);
	assert_int_equal(setting_find("frame_rate", 10), SETTING_FRAME_RATE);
	assert_int_equal(setting_find("frame", 5), -1);
	assert_int_equal(setting_find("", 0), -1);
}

static void a_file_is_read_line_by_line_and_its_mistakes_name_their_line(void **state)
{
	struct settings settings;

	(void)state;
	write_text("# mine\n\n  set frame-rate 4\nset frame-rat 5\nmap F6 nonsence\nset mouse perhaps\nfoo\nmap reviews x whole\n"
	           "map NoKey open\nunmap o\nset theme\n\377\376 \n");
	settings = read_back();
	assert_int_equal(settings.values[SETTING_FRAME_RATE], 4);
	assert_int_equal(action_for_key(IN_REVIEWS, 'x'), ACTION_WHOLE);
	assert_int_equal(action_for_key(IN_DATA, 'x'), ACTION_NONE);
	assert_int_equal(action_for_key(IN_DATA, 'o'), ACTION_NONE);
	assert_non_null(strstr(complaints, "config: line 4: no setting is called \"frame-rat\"; did you mean \"frame-rate\"?\n"));
	assert_non_null(strstr(complaints, "config: line 5: no action is called \"nonsence\""));
	assert_non_null(strstr(complaints, "config: line 6: mouse: \"perhaps\" is none of off|on\n"));
	assert_non_null(strstr(complaints, "config: line 7: a line begins with set, map, unmap or #\n"));
	assert_non_null(strstr(complaints, "config: line 9: no key is called NoKey"));
	assert_non_null(strstr(complaints, "config: line 11: theme: \"\" is none of "));
	assert_non_null(strstr(complaints, "config: line 12: "));
}

static void a_key_can_be_told_words_and_names_where_it_counts(void **state)
{
	struct settings settings;
	char keys[ACTION_KEYS_MAX];

	(void)state;
	settings_init(&settings);
	assert_true(config_do(&settings, "map F9 open /data/x y.csv", NULL));
	assert_int_equal(action_for_key(IN_DATA, UI_KEY_F1 + 8), ACTION_OPEN_FILE);
	assert_string_equal(action_argument_for_key(IN_DATA, UI_KEY_F1 + 8), "/data/x y.csv");
	assert_int_equal(action_for_key(IN_SCORE, UI_KEY_F1 + 8), ACTION_NONE);
	assert_true(config_do(&settings, "map everywhere F7 open", NULL));
	assert_int_equal(action_for_key(IN_SCORE, UI_KEY_F1 + 6), ACTION_OPEN_FILE);
	assert_false(config_do(&settings, "map data F7 whole", NULL));
	assert_true(config_do(&settings, "map Ctrl-T help", NULL));
	action_keys(ACTION_HELP, keys);
	assert_string_equal(keys, "Ctrl-T ? F1");
	assert_true(config_do(&settings, "map ? quit", NULL));
	action_keys(ACTION_HELP, keys);
	assert_string_equal(keys, "Ctrl-T F1");
	assert_int_equal(action_for_key(IN_FORM, '?'), ACTION_QUIT);
}

static void every_action_can_be_mapped_wherever_it_can_be_done(void **state)
{
	struct settings settings;
	char line[128];

	(void)state;
	settings_init(&settings);
	for (int i = 0; i < ACTION_COUNT; i++) {
		keymap_clear();
		snprintf(line, sizeof line, "map Alt-z %s", action_rows[i].name);
		assert_true(config_do(&settings, line, NULL));
		for (unsigned context = 1; context & ANYWHERE; context <<= 1)
			assert_int_equal(action_for_key(context, 'z' | UI_ALT), action_rows[i].contexts & context ? i : ACTION_NONE);
	}
}

static void more_keys_than_there_is_room_for_are_refused(void **state)
{
	struct error error = {0};

	(void)state;
	for (int i = 0; i < KEYMAP_MAX; i++)
		assert_true(keymap_bind(IN_DATA, 0x4E00 + i, ACTION_HELP, ""));
	assert_false(keymap_bind(IN_DATA, 'x', ACTION_HELP, ""));
	assert_true(keymap_bind(IN_DATA, 0x4E00, ACTION_QUIT, ""));
	assert_int_equal(keymap_count(), KEYMAP_MAX);
	keymap_clear();
	assert_false(config_do(NULL, "map x open aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	                       "aaaaaaaaaaaa", &error));
}

static void writing_keeps_comments_and_lines_and_what_was_not_understood(void **state)
{
	struct settings settings;

	(void)state;
	write_text("# mine\nset frame-rate 4\n\n# keys\nmap reviews x whole\nmap F6 open a.csv\nset fram 5\nset mouse off\n");
	settings = read_back();
	assert_true(setting_set(&settings, SETTING_FRAME_RATE, "2", NULL));
	assert_true(setting_set(&settings, SETTING_THEME, "light", NULL));
	assert_true(config_do(&settings, "map F6 open b.csv", NULL));
	assert_true(config_do(&settings, "unmap data o", NULL));
	assert_true(config_do(&settings, "map lists F8 help", NULL));
	assert_true(config_write(path, &settings, NULL));
	check_text("# mine\nset frame-rate 2\n\n# keys\nmap reviews x whole\nmap F6 open b.csv\nset fram 5\nset mouse off\n"
	           "set theme light\nunmap data o\nmap lists F8 help\n");
	assert_true(config_write(path, &settings, NULL));
	check_text("# mine\nset frame-rate 2\n\n# keys\nmap reviews x whole\nmap F6 open b.csv\nset fram 5\nset mouse off\n"
	           "set theme light\nunmap data o\nmap lists F8 help\n");
}

static void what_was_written_is_read_back(void **state)
{
	struct settings settings, again;

	(void)state;
	settings_init(&settings);
	for (int i = 0; i < SETTING_COUNT; i++)
		settings.values[i] = setting_rows[i].words[0] ? 1 : setting_rows[i].most;
	assert_true(config_do(&settings, "map Space quit", NULL));
	assert_true(config_do(&settings, "map data Alt-Enter open x", NULL));
	assert_true(config_do(&settings, "map score Ctrl-T save-screen a b.svg", NULL));
	assert_true(config_write(path, &settings, NULL));
	keymap_clear();
	again = read_back();
	assert_string_equal(complaints, "");
	assert_memory_equal(&again, &settings, sizeof settings);
	assert_int_equal(action_for_key(IN_SCORE, ' '), ACTION_QUIT);
	assert_string_equal(action_argument_for_key(IN_DATA, UI_KEY_ENTER | UI_ALT), "x");
	assert_string_equal(action_argument_for_key(IN_SCORE, UI_CTRL('T')), "a b.svg");
	assert_int_equal(action_for_key(IN_DATA, UI_CTRL('T')), ACTION_NONE);
}

static void a_file_that_cannot_be_written_stays_and_a_link_stays_one(void **state)
{
	struct settings settings;
	struct error error = {0};
	struct stat status;
	char real[80];

	(void)state;
	settings_init(&settings);
	assert_false(config_write("/proc/nowhere/config", &settings, &error));
	assert_non_null(strstr(error.text, "/proc/nowhere/config"));
	snprintf(real, sizeof real, "%s/real", folder);
	write_text("# here\n");
	assert_int_equal(rename(path, real), 0);
	assert_int_equal(chmod(real, 0640), 0);
	assert_int_equal(symlink("real", path), 0);
	assert_true(config_write(path, &settings, &error));
	assert_int_equal(lstat(path, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	check_text("# here\n");
	assert_int_equal(stat(real, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	unlink(real);
}

static void what_is_written_is_paid_by_time(void **state)
{
	struct pace pace = {0};

	(void)state;
	pace_charge(&pace, 100000, 10);
	assert_true(pace_wait(&pace, 10) == 0);
	pace_set(&pace, 200);
	pace_charge(&pace, 100, 10);
	assert_true(pace_wait(&pace, 10) == 0.5 && pace_wait(&pace, 10.25) == 0.25 && pace_wait(&pace, 11) == 0);
	/* An answer to a key that did not wait comes on top. */
	pace_charge(&pace, 100, 10.25);
	assert_true(pace_wait(&pace, 10.25) == 0.75);
	/* The same rate again changes nothing, another one begins anew. */
	pace_set(&pace, 200);
	assert_true(pace_wait(&pace, 10.25) == 0.75);
	pace_charge(&pace, 1 << 30, 10.25);
	assert_true(pace_wait(&pace, 10.25) == PACE_WAIT_MAX);
	pace_set(&pace, 100);
	assert_true(pace_wait(&pace, 10.25) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_a_default_that_it_takes),
		cmocka_unit_test(a_value_that_is_not_allowed_is_refused_with_what_is),
		cmocka_unit_test_teardown(a_file_is_read_line_by_line_and_its_mistakes_name_their_line, forget_keys),
		cmocka_unit_test_teardown(a_key_can_be_told_words_and_names_where_it_counts, forget_keys),
		cmocka_unit_test_teardown(every_action_can_be_mapped_wherever_it_can_be_done, forget_keys),
		cmocka_unit_test_teardown(more_keys_than_there_is_room_for_are_refused, forget_keys),
		cmocka_unit_test_teardown(writing_keeps_comments_and_lines_and_what_was_not_understood, forget_keys),
		cmocka_unit_test_teardown(what_was_written_is_read_back, forget_keys),
		cmocka_unit_test_teardown(a_file_that_cannot_be_written_stays_and_a_link_stays_one, forget_keys),
		cmocka_unit_test(what_is_written_is_paid_by_time),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
