/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every size of the window, from 1x1 to 300 columns and 100 rows, on a terminal emulator. After each change of the size the
 * screen has to be what it is when one comes there by another way and all of it is drawn anew (Ctrl-L), and nothing but
 * drawing may have been written.
 *
 *   REVUE_SIZES         how many sizes, in a fixed random order (96); 30000 are all
 *   REVUE_SIZES_FIRST   from which of them on (0) */
#ifdef REVUE_TEST_EMULATOR

#include "tests/ui/pty_check.h"

#include "engine/base/random.h"
#include "tests/ui/emulator.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#define ROWS_MAX 100
#define COLUMNS_MAX 300
#define SIZES (ROWS_MAX * COLUMNS_MAX)
#define ON_ONE_SCREEN 12 /* sizes, before the next screen */

/* The keys that lead to a screen, and those that lead back to where all of them begin. */
static const struct view {
	const char *name, *enter, *leave;
} views[] = {
	{"Data", "1", ""},
	{"the dialect", "1d", "\033"},
	{"Reviews", "2", ""},
	{"a review", "2\r", "\r"},
	{"the form", "3", "1"},
	{"Score", "4not bad at all, and that for \xE4\xB8\xAD\xE6\x96\x87", "\0331"},
	{"help", "?", "\033"},
	{"the palette", "\020", "\033"},
};

struct window {
	struct session session;
	struct emulator *emulator;
	VTermScreenCell *before; /* what is shown of `emulator` */
	const struct view *view;
};

static void feed(struct window *window, int quiet)
{
	window->session.size = 0;
	pty_drain(&window->session, quiet);
	emulator_feed(window->emulator, window->session.output, window->session.size);
}

/* Until Ctrl-L has had its answer, which begins with the clearing of the screen. */
static void redraw(struct window *window, int quiet)
{
	window->session.size = 0;
	assert_int_equal(write(window->session.master, "\f", 1), 1);
	pty_drain_until(&window->session, "\033[H\033[2J");
	pty_drain(&window->session, quiet);
	emulator_feed(window->emulator, window->session.output, window->session.size);
}

static void keep(struct window *window)
{
	const struct emulator *emulator = window->emulator;

	for (int i = 0; i < emulator->rows * emulator->columns; i++)
		emulator_cell(emulator, i / emulator->columns, i % emulator->columns, &window->before[i]);
}

/* The first cell that is another one than before, from 0; -1: none is. */
static int other_cell(const struct window *window)
{
	const struct emulator *emulator = window->emulator;

	for (int i = 0; i < emulator->rows * emulator->columns; i++) {
		VTermScreenCell cell;
		const VTermScreenCell *before = &window->before[i];

		emulator_cell(emulator, i / emulator->columns, i % emulator->columns, &cell);
		if ((cell.chars[0] != before->chars[0] && (cell.chars[0] | before->chars[0] | ' ') != ' ') ||
		    !emulator_same_look(&cell, before))
			return i;
	}
	return -1;
}

/* A size that is the present one already would not be told to the program. */
static void go_to(struct window *window, int rows, int columns, int quiet)
{
	const struct winsize size = {(unsigned short)rows, (unsigned short)columns, 0, 0};

	if (rows == window->emulator->rows && columns == window->emulator->columns)
		return;
	emulator_resize(window->emulator, rows, columns);
	assert_int_equal(ioctl(window->session.master, TIOCSWINSZ, &size), 0);
	feed(window, quiet);
}

static void report(struct window *window, int cell)
{
	const struct emulator *emulator = window->emulator;
	char line[COLUMNS_MAX * 24];

	emulator_row(emulator, cell / emulator->columns, line, sizeof line);
	print_error("drawn anew: [%s]\n", line);
	fail_msg("%s at %d columns and %d rows: row %d, column %d is not what it is when all is drawn anew", window->view->name,
	         emulator->columns, emulator->rows, cell / emulator->columns + 1, cell % emulator->columns + 1);
}

/* From one size to the next, and after a detour there again, with all drawn anew. A busy machine may draw later than one
 * waits: what differs is looked at again with more patience. */
static void check_size(struct window *window, int rows, int columns)
{
	const int rows_before = window->emulator->rows, columns_before = window->emulator->columns;
	int cell = 0;

	for (int quiet = 15; quiet < 2000 && cell >= 0; quiet *= 5) {
		go_to(window, rows_before, columns_before, quiet);
		go_to(window, rows, columns, quiet);
		keep(window);
		go_to(window, 1 + (rows + 40) % ROWS_MAX, 1 + (columns + 110) % COLUMNS_MAX, quiet);
		go_to(window, rows, columns, quiet);
		redraw(window, quiet);
		cell = other_cell(window);
		if (*window->emulator->fault)
			fail_msg("%s at %d columns and %d rows: %s", window->view->name, columns, rows, window->emulator->fault);
	}
	if (cell >= 0)
		report(window, cell);
	assert_int_equal(waitpid(window->session.pid, NULL, WNOHANG), 0);
}

static void press(struct window *window, const char *keys)
{
	assert_int_equal(write(window->session.master, keys, strlen(keys)), strlen(keys));
	feed(window, 100);
}

/* All sizes in a random order (Fisher and Yates), the same each time. */
static void shuffle(uint16_t order[SIZES])
{
	uint32_t random[4];

	for (uint32_t i = 0; i < SIZES; i++) {
		philox(1, (uint32_t[4]){i, 0, 0, 0x512E}, random);
		const uint32_t other = (uint32_t)((uint64_t)random[0] * (i + 1) >> 32);

		order[i] = order[other];
		order[other] = (uint16_t)i;
	}
}

static void window_open(struct window *window)
{
	*window = (struct window){.before = calloc(SIZES, sizeof *window->before)};
	assert_non_null(window->before);
	pty_prepare(&window->session, pty_reviews, strlen(pty_reviews));
	window->emulator = emulator_open(24, 80);
	pty_launch(&window->session, "xterm-256color", false);
	pty_drain_until(&window->session, "3 used");
	pty_drain(&window->session, 200);
	emulator_feed(window->emulator, window->session.output, window->session.size);
	window->emulator->strict = true;
}

static void window_close(struct window *window)
{
	pty_finish(&window->session);
	emulator_close(window->emulator);
	free(window->before);
}

static void at_every_size_the_screen_is_what_it_is_by_another_way_and_drawn_anew(void **state)
{
	const long wanted = (long)pty_number("REVUE_SIZES", 96), first = (long)pty_number("REVUE_SIZES_FIRST", 0);
	static uint16_t order[SIZES];
	struct window window;
	long count = 0;

	(void)state;
	shuffle(order);
	window_open(&window);
	for (long i = first; i < first + wanted && i < SIZES; i++, count++) {
		window.view = &views[i / ON_ONE_SCREEN % (long)(sizeof views / sizeof *views)];
		if (i % ON_ONE_SCREEN == 0 || i == first)
			press(&window, window.view->enter);
		check_size(&window, 1 + order[i] / COLUMNS_MAX, 1 + order[i] % COLUMNS_MAX);
		if (i % ON_ONE_SCREEN == ON_ONE_SCREEN - 1)
			press(&window, window.view->leave);
	}
	printf("# %ld sizes\n", count);
	window_close(&window);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_every_size_the_screen_is_what_it_is_by_another_way_and_drawn_anew),
	};

	return pty_main(tests, sizeof tests / sizeof *tests);
}

#else

#include "tests/ui/pty_check.h"

int main(void)
{
	return pty_main(NULL, 0);
}

#endif
