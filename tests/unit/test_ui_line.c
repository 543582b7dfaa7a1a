/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/terminal/line.c: readline fed with keys, without a terminal. */
#include "tests/unit/check.h"

#include "ui/terminal/key.h"
#include "ui/terminal/line.h"

#include <locale.h>

/* readline keeps what it has for the life of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libreadline\n";
}

#define KEYS 50000

static struct line *line;

static void begin(const char *initial, enum line_history history)
{
	line_begin(line, &(struct line_options){.prompt = "> ", .initial = initial, .history = history});
}

static enum line_state keys(const char *names)
{
	enum line_state state = LINE_EDITING;
	const char *name;
	size_t size;

	while ((name = key_list_next(&names, &size))) {
		assert_int_not_equal(key_parse(name, size), UI_KEY_NONE);
		state = line_key(line, key_parse(name, size));
	}
	return state;
}

static void assert_text(const char *wanted)
{
	const struct span text = line_text(line);

	assert_int_equal(text.size, strlen(wanted));
	assert_memory_equal(text.data, wanted, text.size);
}

static int setup(void **state)
{
	struct error error = {0};

	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	line = line_new(false, &error);
	return line ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	line_free(line);
	return 0;
}

static void what_is_typed_is_there_at_once(void **state)
{
	(void)state;
	begin(NULL, LINE_HISTORY_NONE);
	keys("g o o d");
	assert_text("good");
	assert_int_equal(line_point(line), 4);
	assert_int_equal(keys("Enter"), LINE_ACCEPTED);
	assert_string_equal(line_result(line), "good");
	assert_false(line_is_active(line));
}

static void arrows_move_over_whole_characters(void **state)
{
	(void)state;
	begin("caf\xC3\xA9", LINE_HISTORY_NONE);
	keys("Left");
	assert_int_equal(line_point(line), 3);
	keys("Home x End y Backspace Del");
	assert_text("xcaf\xC3\xA9");
	line_cancel(line);
}

static void escape_cancels_at_once(void **state)
{
	(void)state;
	begin("text", LINE_HISTORY_NONE);
	assert_int_equal(keys("Esc"), LINE_CANCELLED);
	assert_false(line_is_active(line));
	begin(NULL, LINE_HISTORY_NONE);
	keys("f");
	assert_text("f");
	line_cancel(line);
}

static void a_paste_of_several_lines_is_one_text(void **state)
{
	(void)state;
	begin("<", LINE_HISTORY_NONE);
	line_paste(line, span_of("one\ntwo\nthree"));
	assert_true(line_is_active(line));
	assert_text("<one\ntwo\nthree");
	assert_int_equal(keys("Enter"), LINE_ACCEPTED);
	assert_string_equal(line_result(line), "<one\ntwo\nthree");
}

static void alt_enter_begins_a_line(void **state)
{
	(void)state;
	begin("a", LINE_HISTORY_NONE);
	assert_int_equal(keys("Alt-Enter b"), LINE_EDITING);
	assert_text("a\nb");
	line_cancel(line);
}

static void emacs_keys_and_undo_work(void **state)
{
	(void)state;
	begin("one two", LINE_HISTORY_NONE);
	keys("Ctrl-W");
	assert_text("one ");
	keys("Ctrl-Y Ctrl-A Alt-f Ctrl-K");
	assert_text("one");
	keys("Ctrl-_");
	assert_text("one two");
	line_cancel(line);
}

static void each_kind_has_a_history_of_its_own(void **state)
{
	(void)state;
	line_remember(line, LINE_HISTORY_SEARCH, "noodles");
	line_remember(line, LINE_HISTORY_REVIEW, "a fine film");
	begin(NULL, LINE_HISTORY_SEARCH);
	keys("Up");
	assert_text("noodles");
	line_cancel(line);
	begin(NULL, LINE_HISTORY_REVIEW);
	keys("Up Up");
	assert_text("a fine film");
	line_cancel(line);
}

static void the_history_is_searched_with_characters_of_several_bytes(void **state)
{
	(void)state;
	line_remember(line, LINE_HISTORY_COMMAND, "caf\xC3\xA9 one");
	line_remember(line, LINE_HISTORY_COMMAND, "other");
	begin(NULL, LINE_HISTORY_COMMAND);
	keys("Ctrl-R \xC3\xA9");
	assert_non_null(strstr(line_prompt(line), "search"));
	keys("Esc");
	assert_text("caf\xC3\xA9 one");
	assert_int_equal(keys("Esc"), LINE_CANCELLED);
}

static char *complete(const char *word, int index, void *context)
{
	static const char *const words[] = {"next", "new"};
	int matches = 0;

	(void)context;
	for (int i = 0; i < 2; i++) {
		if (strncmp(words[i], word, strlen(word)) == 0 && matches++ == index)
			return strdup(words[i]);
	}
	return NULL;
}

static void tab_completes_and_lists_what_is_left(void **state)
{
	(void)state;
	line_begin(line, &(struct line_options){.prompt = ":", .complete = complete});
	keys("n Tab");
	assert_text("ne");
	assert_int_equal(line_candidates(line), 2);
	keys("x");
	assert_int_equal(line_candidates(line), 0);
	keys("Tab");
	assert_text("next ");
	line_cancel(line);
}

static void files_are_completed(void **state)
{
	char folder[256], path[300], initial[300];
	FILE *file;

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/two words.csv", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	snprintf(initial, sizeof initial, "%s/tw", folder);
	line_begin(line, &(struct line_options){.prompt = ":", .initial = initial, .files = true});
	keys("Tab");
	assert_text(path);
	line_cancel(line);
	check_folder_remove(folder);
}

static void any_key_in_any_order_leaves_a_line_that_works(void **state)
{
	static const int extra[] = {UI_KEY_UP, UI_KEY_LEFT, UI_KEY_TAB, UI_KEY_ENTER, UI_KEY_ESCAPE, UI_KEY_DELETE, 0xE9,
	                            0x1F600, UI_KEY_ENTER | UI_ALT, UI_KEY_PAGE_DOWN};
	unsigned random = 12345;

	(void)state;
	for (int i = 0; i < KEYS; i++) {
		int key;

		if (!line_is_active(line))
			begin(i % 3 ? "some text" : NULL, (enum line_history)(i % LINE_HISTORY_COUNT));
		random = random * 1103515245u + 12345u;
		key = (int)(random >> 16 & 0x7F);
		if (random >> 28 == 3)
			key = extra[(random >> 8) % 10];
		line_key(line, key == 0x1A ? 'z' : random >> 30 == 1 && key < 0x80 ? key | UI_ALT : key);
	}
	begin(NULL, LINE_HISTORY_NONE);
	keys("o k");
	assert_text("ok");
	line_cancel(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_typed_is_there_at_once),
		cmocka_unit_test(arrows_move_over_whole_characters),
		cmocka_unit_test(escape_cancels_at_once),
		cmocka_unit_test(a_paste_of_several_lines_is_one_text),
		cmocka_unit_test(alt_enter_begins_a_line),
		cmocka_unit_test(emacs_keys_and_undo_work),
		cmocka_unit_test(each_kind_has_a_history_of_its_own),
		cmocka_unit_test(the_history_is_searched_with_characters_of_several_bytes),
		cmocka_unit_test(tab_completes_and_lists_what_is_left),
		cmocka_unit_test(files_are_completed),
		cmocka_unit_test(any_key_in_any_order_leaves_a_line_that_works),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
