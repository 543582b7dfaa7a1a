/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hostile names of columns and labels change nothing but their own cells. The program runs twice, on two terminals of an
 * emulator, with a model of those labels: once the names are random hostile texts, once so many times one letter as they
 * take columns. Both get the same keys; where the harmless screen has not that letter, the other one must be the same.
 *
 *   REVUE_HOSTILE_NAMES   how many files, of three columns and four labels (12)
 *   REVUE_HOSTILE_SEED    which names (1); a failure tells the seed and the file with which it comes again */
#ifdef REVUE_TEST_EMULATOR

#include "tests/ui/pty_check.h"

#include "engine/clock.h"
#include "engine/text/unicode.h"
#include "tests/ui/emulated_side.h"
#include "tests/ui/emulated_text.h"
#include "tests/ui/hostile_text.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define ROWS 40
#define COLUMNS 120
#define OWN '@' /* what harmless names are made of; it stands nowhere else on the screens */
#define NAMES 7 /* three columns, four labels */
#define LABELS 4
#define PATIENCE 20.0

static const struct view {
	const char *name, *enter, *leave;
	bool has_names;
} views[] = {
	{"Data", "1", "", true},
	{"the dialect", "1d", "\033", true},
	{"Reviews", "2", "", true},
	{"a review", "2\r", "\r", true},
	{"the row that follows", "2j", "", true},
	{"the form", "3", "1", false},
	{"Score", "4good", "\0331", true},
};

struct name {
	char text[HOSTILE_TEXT_MAX + 4];
	size_t size;
	int columns;
};

struct pair {
	struct side hostile, harmless;
	struct name names[NAMES];
	struct scrubbed text;
	uint64_t seed, file;
	const struct view *view;
	int row, column; /* the cell that is wrong */
};

/* Names */

/* As the program reads it: what is not UTF-8 has become U+FFFD. No line breaks, which the pane of a review keeps. */
static size_t decode(const char *bytes, size_t size, char *out)
{
	const unsigned char *at = (const unsigned char *)bytes, *end = at + size;
	size_t used = 0;

	while (at < end) {
		const uint32_t c = unicode_decode(&at, end);

		used += unicode_encode(c == '\n' || c == '\r' ? '\t' : c, (unsigned char *)out + used);
	}
	return used;
}

static int columns_of(const struct scrubbed *text, size_t count)
{
	int columns = 0;

	for (size_t i = 0; i < count; i++)
		columns += text->glyphs[i].width;
	return columns;
}

/* A letter, so that names differ and their order is known, some glyphs of up to so many columns, and a letter, so that no
 * space is trimmed. False: nothing is left between them, or the emulator counts other columns than the program does. */
static bool make_name(struct pair *pair, uint64_t number, char letter, int columns, struct name *out)
{
	char raw[HOSTILE_TEXT_MAX], text[3 * HOSTILE_TEXT_MAX];
	size_t count = 0, size = decode(raw, hostile_text(pair->seed, number, raw), text);

	if (!emulated_agrees(&pair->text, (struct span){text, size}))
		return false;
	while (count < pair->text.count && columns_of(&pair->text, count + 1) <= columns)
		count++;
	size = count < pair->text.count ? pair->text.glyphs[count].source : size;
	if (size > HOSTILE_TEXT_MAX)
		return false;
	out->size = (size_t)snprintf(out->text, sizeof out->text, "%c%.*sz", letter, (int)size, text);
	if (!emulated_agrees(&pair->text, (struct span){out->text, out->size}))
		return false;
	out->columns = columns_of(&pair->text, pair->text.count) - 2;
	return out->columns > 0;
}

static void make_names(struct pair *pair)
{
	for (int i = 0; i < NAMES; i++) {
		const uint64_t number = pair->file * NAMES + (uint64_t)i;
		const int columns = 1 + (int)hostile_number(pair->seed, number, 0x10000, 50);
		uint64_t again = 0;

		while (!make_name(pair, number + (++again << 32), "xyzabcd"[i], columns, &pair->names[i]))
			;
	}
}

/* Files */

static void put_name(FILE *file, const struct name *name, bool harmless)
{
	putc('"', file);
	if (harmless) {
		putc(name->text[0], file);
		for (int i = 0; i < name->columns; i++)
			putc(OWN, file);
		putc('z', file);
	}
	for (size_t i = 0; i < name->size && !harmless; i++) {
		if (name->text[i] == '"')
			putc('"', file);
		putc(name->text[i], file);
	}
	putc('"', file);
}

/* As many rows of a label as no other has. */
static void write_file(const struct pair *pair, FILE *file, bool harmless)
{
	static const char *const texts[LABELS] = {"good, and so good", "bad, and so bad", "so so", "neither of it"};

	for (int i = 0; i < 3; i++) {
		fputs(i ? "," : "", file);
		put_name(file, &pair->names[i], harmless);
	}
	putc('\n', file);
	for (int label = 0; label < LABELS; label++) {
		for (int i = 0; i < 10 + 2 * label; i++) {
			fprintf(file, "\"%s, %d\",", texts[label], i);
			put_name(file, &pair->names[3 + label], harmless);
			fprintf(file, ",%d\n", i);
		}
	}
}

static void make_model(const struct side *side)
{
	char command[2000];

	snprintf(command, sizeof command,
	         "cd '%s' && '%s' baseline reviews.csv -o model --text-column 1 --label-column 2 --input-format csv --delimiter comma --encoding utf-8 "
	         "--header yes --validation 0 >/dev/null 2>&1",
	         side->session.folder, getenv("REVUE"));
	assert_int_equal(system(command), 0); /* NOLINT: all of it is our own */
}

static void side_open(const struct pair *pair, struct side *side, bool harmless)
{
	static const char *const arguments[] = {"-m", "model", "--text-column", "1", "--label-column", "2", "--input-format", "csv",
	                                 "--delimiter", "comma", "--encoding", "utf-8", "--header", "yes", NULL};
	char *bytes = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&bytes, &size);

	assert_non_null(file);
	write_file(pair, file, harmless);
	fclose(file);
	pty_prepare(&side->session, bytes, size);
	free(bytes);
	/* In its folder, so that both see the same paths. */
	snprintf(side->session.file, sizeof side->session.file, "reviews.csv");
	make_model(side);
	side->session.arguments = arguments;
	side->session.rows = ROWS;
	side->session.columns = COLUMNS;
	side->emulator = emulator_open(ROWS, COLUMNS);
	pty_launch(&side->session, "xterm-256color", false);
}

static void side_close(struct side *side)
{
	pty_finish(&side->session);
	emulator_close(side->emulator);
}

/* Comparing */

static bool is_blank(const VTermScreenCell *cell)
{
	return cell->chars[0] == 0 || cell->chars[0] == ' ';
}

/* Where a name does not fit an ellipsis stands for the rest of it, one column earlier where a wide character is there. */
static bool is_own(struct pair *pair, int row, int column)
{
	VTermScreenCell cell, next;

	emulator_cell(pair->harmless.emulator, row, column, &cell);
	if (cell.chars[0] == OWN)
		return true;
	emulator_cell(pair->harmless.emulator, row, column > 0 ? column - 1 : 0, &next);
	return cell.chars[0] == 0x2026 && next.chars[0] == OWN;
}

/* A row that tells how large the file is, or how long something took. */
static bool is_measure(struct pair *pair, int row)
{
	char line[COLUMNS * 24];

	emulator_row(pair->harmless.emulator, row, line, sizeof line);
	return strstr(line, " ms") || strstr(line, " kB");
}

static bool same_row(struct pair *pair, int row)
{
	for (int x = 0; x < COLUMNS; x++) {
		VTermScreenCell hostile, harmless;

		if (is_own(pair, row, x))
			continue;
		emulator_cell(pair->hostile.emulator, row, x, &hostile);
		emulator_cell(pair->harmless.emulator, row, x, &harmless);
		if ((hostile.chars[0] != harmless.chars[0] && !(is_blank(&hostile) && is_blank(&harmless))) ||
		    !emulator_same_look(&hostile, &harmless)) {
			pair->row = row;
			pair->column = x;
			return false;
		}
	}
	return true;
}

static bool same_screen(struct pair *pair)
{
	bool own = pair->view && !pair->view->has_names;

	for (int row = 0; row < ROWS; row++) {
		if (!is_measure(pair, row) && !same_row(pair, row))
			return false;
		for (int x = 0; x < COLUMNS && !own; x++)
			own = is_own(pair, row, x);
	}
	pair->row = pair->column = 0;
	return own;
}

static void report(struct pair *pair, const char *reason)
{
	char line[COLUMNS * 24], escaped[4 * HOSTILE_TEXT_MAX + 16];

	print_error("ERROR: REVUE_HOSTILE_SEED=%llu, file %llu, %s, row %d, column %d: %s\n", (unsigned long long)pair->seed,
	            (unsigned long long)pair->file, pair->view ? pair->view->name : "the start", pair->row + 1, pair->column + 1, reason);
	for (int row = pair->row > 0 ? pair->row - 1 : 0; row <= pair->row; row++) {
		emulator_row(pair->harmless.emulator, row, line, sizeof line);
		print_error("row %d harmless: [%s]\n", row + 1, line);
		emulator_row(pair->hostile.emulator, row, line, sizeof line);
		hostile_escape(line, strlen(line), escaped, sizeof escaped);
		print_error("row %d hostile:  [%s]\n", row + 1, escaped);
	}
	for (int i = 0; i < NAMES; i++) {
		hostile_escape(pair->names[i].text, pair->names[i].size, escaped, sizeof escaped);
		print_error("%s: \"%s\"\n", i < 3 ? "column" : "label", escaped);
	}
	fail_msg("%s", reason);
}

/* Until both screens are the same, but for the names. */
static void settle(struct pair *pair)
{
	const double until = clock_seconds() + PATIENCE;

	for (;;) {
		if (side_read(&pair->hostile, 0) + side_read(&pair->harmless, 0) > 0)
			continue;
		if (*pair->hostile.emulator->fault || *pair->harmless.emulator->fault)
			report(pair, *pair->hostile.emulator->fault ? pair->hostile.emulator->fault : pair->harmless.emulator->fault);
		if (same_screen(pair))
			return;
		if (clock_seconds() > until)
			report(pair, "a cell outside of the names is another one");
		poll((struct pollfd[]){{pair->hostile.session.master, POLLIN, 0}, {pair->harmless.session.master, POLLIN, 0}}, 2, 50);
	}
}

static void press(struct pair *pair, const char *keys)
{
	assert_int_equal(write(pair->hostile.session.master, keys, strlen(keys)), strlen(keys));
	assert_int_equal(write(pair->harmless.session.master, keys, strlen(keys)), strlen(keys));
	for (int quiet = 0; quiet < 3;)
		quiet = side_read(&pair->hostile, 10) + side_read(&pair->harmless, 10) > 0 ? 0 : quiet + 1;
}

static void check_file(uint64_t seed, uint64_t file)
{
	struct pair pair = {.seed = seed, .file = file};

	make_names(&pair);
	side_open(&pair, &pair.hostile, false);
	side_open(&pair, &pair.harmless, true);
	side_read_until(&pair.hostile, "Words: mean");
	side_read_until(&pair.harmless, "Words: mean");
	settle(&pair);
	pair.hostile.emulator->strict = pair.harmless.emulator->strict = true;
	for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
		pair.view = &views[i];
		press(&pair, pair.view->enter);
		settle(&pair);
		press(&pair, pair.view->leave);
	}
	side_close(&pair.hostile);
	side_close(&pair.harmless);
	scrubbed_free(&pair.text);
}

static void hostile_names_of_columns_and_labels_change_nothing_but_their_own_cells(void **state)
{
	const uint64_t seed = pty_number("REVUE_HOSTILE_SEED", 1), count = pty_number("REVUE_HOSTILE_NAMES", 12);

	(void)state;
	for (uint64_t file = 0; file < count; file++)
		check_file(seed, file);
	printf("# %llu files of seed %llu, %d names each\n", (unsigned long long)count, (unsigned long long)seed, NAMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_names_of_columns_and_labels_change_nothing_but_their_own_cells),
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
