/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hostile text changes nothing but its own cells. The program runs twice, on two terminals of an emulator: with random
 * hostile reviews, and with harmless ones, made of one letter, that take the same lines. Both get the same keys. After each
 * of them every cell where the harmless screen has that letter must show what engine/scrub.h makes of the hostile text,
 * and every other cell, the cursor and the state of the terminal must be the same.
 *
 *   REVUE_HOSTILE_TEXTS   how many texts (1000)
 *   REVUE_HOSTILE_SEED    which ones (1), and
 *   REVUE_HOSTILE_FIRST   from which on (0); a failure names the seed and the first text with which it comes again
 *
 * Half of the texts have only characters whose columns this terminal counts as the program does. Of the others only
 * what is outside of their lines is looked at: where a terminal's columns differ, the rest of a line cannot be right. */
#ifdef REVUE_TEST_EMULATOR

#include "tests/ui/pty_check.h"

#include "engine/clock.h"
#include "engine/dataset.h"
#include "engine/scrub.h"
#include "engine/text/unicode.h"
#include "tests/ui/emulated_side.h"
#include "tests/ui/emulated_text.h"
#include "tests/ui/hostile_text.h"
#include "ui/reviews/review_words.h"
#include "ui/terminal/glyph.h"
#include "ui/terminal/layout.h"
#include "ui/terminal/text.h"

#include <poll.h>
#include <unistd.h>

#define ROWS 120
#define COLUMNS 160
#define BATCH 2500 /* texts of one file */
#define OWN '@'    /* what harmless reviews are made of; it stands nowhere else on the screens */
#define PATIENCE 20.0
#define TYPED_COLUMNS 100
#define PASTES 20 /* of each file, on two screens */

struct pair {
	struct side hostile, harmless;
	struct dataset *dataset; /* of the hostile reviews */
	struct row *row;
	struct scrubbed text;
	struct text_lines lines;
	struct review_words whole;
	uint64_t seed, first; /* the first text of the file */
	uint64_t count;
	bool agreed; /* all characters have the columns that the emulator gives them */
	uint64_t chosen; /* the row that both are told to show, from 1 */
	bool is_whole;
	const char *typed, *said; /* what was typed or pasted, and how the message or the prompt begins */
	size_t typed_size;
	struct emulated_cell want[COLUMNS];
	char reason[512];
	int at; /* the row that is wrong; -1: none in particular */
};

/* Texts */

/* Columns of the emulator for what the program draws for a glyph; *wide: some of it takes two. */
static int emulator_columns(const struct scrubbed *text, const struct glyph *glyph, bool *wide)
{
	const unsigned char *at = (const unsigned char *)text->text + glyph->offset;
	const unsigned char *end = at + glyph_drawable((const char *)at, glyph->size, glyph->width);
	int sum = at < end ? 0 : glyph->width;

	while (at < end) {
		const int columns = emulator_width(unicode_decode(&at, end));

		sum += columns > 0 ? columns : 0;
		*wide = *wide || columns == 2;
	}
	return sum;
}

/* libvterm puts a wide character for which there is no room into the next line whatever the mode: not where the emulator
 * has not counted more columns before than the program. */
static bool stays_in_line(struct scrubbed *text, struct span bytes)
{
	int excess = 0;

	assert_true(scrub_text(text, bytes, (struct scrub_options){SCRUB_NEWLINE_SPACE, false}));
	for (size_t i = 0; i < text->count; i++) {
		bool wide = false;

		excess += emulator_columns(text, &text->glyphs[i], &wide) - text->glyphs[i].width;
		if (wide && excess > 0)
			return false;
	}
	return true;
}

static void wrap(struct pair *pair, struct span text, int columns)
{
	assert_true(scrub_text(&pair->text, text, (struct scrub_options){SCRUB_NEWLINE_KEEP, false}));
	assert_true(text_wrap(&pair->lines, &pair->text, columns));
}

/* Whether a text has as many lines where another one follows it as it has alone: harmless texts do. */
static bool keeps_lines(struct pair *pair, struct span bytes)
{
	char text[4 * HOSTILE_TEXT_MAX];
	size_t alone;

	wrap(pair, bytes, COLUMNS);
	alone = pair->lines.count;
	snprintf(text, sizeof text, "%.*s\n\nlabel", (int)bytes.size, bytes.data);
	wrap(pair, span_of(text), COLUMNS);
	return pair->lines.count == alone + 2;
}

/* As the program reads it: what is not UTF-8 has become U+FFFD, which takes marks. */
static struct span decode(struct span bytes, char out[3 * HOSTILE_TEXT_MAX])
{
	const unsigned char *at = (const unsigned char *)bytes.data, *end = at + bytes.size;
	size_t size = 0;

	while (at < end)
		size += unicode_encode(unicode_decode(&at, end), (unsigned char *)out + size);
	return (struct span){out, size};
}

static bool is_wanted(struct pair *pair, struct span raw)
{
	char text[3 * HOSTILE_TEXT_MAX];
	const struct span bytes = decode(raw, text);

	return keeps_lines(pair, bytes) && (pair->agreed ? emulated_agrees(&pair->text, bytes) : stays_in_line(&pair->text, bytes));
}

/* Text `number` of the pair: of a row of them the first that is wanted. */
static size_t make_text(struct pair *pair, uint64_t number, char out[HOSTILE_TEXT_MAX])
{
	size_t size = hostile_text(pair->seed, number, out);

	for (uint64_t again = 1; !is_wanted(pair, (struct span){out, size}); again++)
		size = hostile_text(pair->seed + (again << 32), number, out);
	return size;
}

static void write_field(FILE *file, const char *text, size_t size)
{
	putc('"', file);
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"')
			putc('"', file);
		putc(text[i], file);
	}
	putc('"', file);
}

static void write_hostile(struct pair *pair, FILE *file)
{
	char text[HOSTILE_TEXT_MAX];

	fputs("text,label\n", file);
	for (uint64_t i = 0; i < pair->count; i++) {
		const size_t size = make_text(pair, pair->first + i, text);

		write_field(file, text, size);
		fputs(i % 3 ? ",good\n" : ",bad\n", file);
	}
}

static void read_row(struct pair *pair, uint64_t index)
{
	struct error error = {0};

	if (!dataset_read(pair->dataset, index, pair->row, &error))
		fail_msg("%s", error.text);
}

static void put_own(FILE *file, size_t count)
{
	for (size_t i = 0; i < count; i++)
		putc(OWN, file);
}

/* The same number of lines, in the file and in the pane, each of them full. */
static void write_harmless(struct pair *pair, FILE *file)
{
	uint64_t line, next;

	fputs("text,label\n", file);
	for (uint64_t i = 0; i < pair->count; i++) {
		read_row(pair, i < pair->count - 1 ? i + 1 : i);
		next = pair->row->line;
		read_row(pair, i);
		line = pair->row->line;
		wrap(pair, pair->row->text, COLUMNS);
		putc('"', file);
		for (uint64_t left = i < pair->count - 1 ? next - line - 1 : 0; left > 0 && pair->lines.count > 1; left--) {
			put_own(file, COLUMNS);
			putc('\n', file);
			pair->lines.count--;
		}
		put_own(file, COLUMNS * pair->lines.count);
		fputs(i % 3 ? "\",good\n" : "\",bad\n", file);
	}
}

static const char *const arguments[] = {"--encoding", "utf-8", "--input-format", "csv", "--delimiter", "comma", "--quote", "\"",
                                        "--header", "yes", NULL};

static void prepare(struct pair *pair, struct side *side, void (*write)(struct pair *, FILE *))
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&bytes, &size);

	assert_non_null(file);
	write(pair, file);
	fclose(file);
	pty_prepare(&side->session, bytes, size);
	free(bytes);
	side->session.arguments = arguments;
	side->session.rows = ROWS;
	side->session.columns = COLUMNS;
	side->emulator = emulator_open(ROWS, COLUMNS);
}

static void pair_start(struct pair *pair)
{
	const struct dataset_options options = {
		.dialect = {.format = DATASET_CSV, .delimiter = ',', .quote = '"', .encoding = "utf-8", .header = 1}};
	struct error error = {0};

	prepare(pair, &pair->hostile, write_hostile);
	pair->dataset = dataset_open(pair->hostile.session.file, &options, &error);
	if (!pair->dataset || !dataset_index(pair->dataset, NULL, &error))
		fail_msg("%s", error.text);
	pair->row = row_new(&error);
	assert_non_null(pair->row);
	pair->count = dataset_rows(pair->dataset, &(bool){false});
	prepare(pair, &pair->harmless, write_harmless);
	pty_launch(&pair->hostile.session, "xterm-256color", false);
	pty_launch(&pair->harmless.session, "xterm-256color", false);
}

static void pair_end(struct pair *pair)
{
	pty_finish(&pair->hostile.session);
	pty_finish(&pair->harmless.session);
	emulator_close(pair->hostile.emulator);
	emulator_close(pair->harmless.emulator);
	row_free(pair->row);
	dataset_close(pair->dataset);
	scrubbed_free(&pair->text);
	text_lines_free(&pair->lines);
	review_words_free(&pair->whole);
}

/* What has to be seen */

static void want_nothing(struct pair *pair, bool known)
{
	for (int i = 0; i < COLUMNS; i++)
		pair->want[i] = (struct emulated_cell){.known = known};
}

/* Glyphs from `column` on, up to `end`; where one has other columns here the rest of the line is unknown. Returns where
 * they end. */
static int want_glyphs(struct pair *pair, const struct scrubbed *text, size_t first, size_t count, int column, int end)
{
	for (size_t i = first; i < first + count && i < text->count && column + text->glyphs[i].width <= end; i++) {
		if (!pair->agreed || !emulated_lay(text, &text->glyphs[i], pair->want + column)) {
			want_nothing(pair, false);
			return end;
		}
		column += text->glyphs[i].width;
	}
	return column;
}

static int width_of(const struct scrubbed *text, size_t count)
{
	int width = 0;

	for (size_t i = 0; i < count && i < text->count; i++)
		width += text->glyphs[i].width;
	return width;
}

/* A text in one line, cut with an ellipsis where it does not fit. */
static void want_line(struct pair *pair, struct span bytes, enum scrub_newline newline, int column, int end)
{
	int used = 0;
	size_t count = 0;

	assert_true(scrub_text(&pair->text, bytes, (struct scrub_options){newline, false}));
	if (width_of(&pair->text, pair->text.count) > end - column) {
		while (used + pair->text.glyphs[count].width <= end - column - 1)
			used += pair->text.glyphs[count++].width;
		want_glyphs(pair, &pair->text, 0, count, column, end);
		if (pair->want[column].known || count == 0)
			pair->want[column + used] = (struct emulated_cell){.chars = {0x2026}, .known = pair->agreed};
	} else {
		want_glyphs(pair, &pair->text, 0, pair->text.count, column, end);
	}
}

/* A line of a text that was wrapped. */
static void want_wrapped(struct pair *pair, size_t line)
{
	if (line < pair->lines.count)
		want_glyphs(pair, &pair->text, pair->lines.lines[line].first, pair->lines.lines[line].count, 0, COLUMNS);
}

/* Comparing */

static bool complain(struct pair *pair, int row, const char *what, int column)
{
	pair->at = row;
	snprintf(pair->reason, sizeof pair->reason, "%s (row %d, column %d)", what, row + 1, column + 1);
	return false;
}

static bool same_text(const uint32_t *a, const uint32_t *b)
{
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL; i++) {
		if (a[i] != b[i] && !(i == 0 && (a[0] == 0 || a[0] == ' ') && (b[0] == 0 || b[0] == ' ')))
			return false;
		if (a[i] == 0 || b[i] == 0 || a[i] == UINT32_MAX)
			break;
	}
	return true;
}

static bool is_blank(const struct emulated_cell *want)
{
	return want->chars[0] == 0 || want->chars[0] == ' ';
}

/* A row whose own cells begin at `column` and end before `end`; all of it where there are none. */
static bool same_row(struct pair *pair, int row, int column, int end)
{
	VTermScreenCell hostile, harmless;

	for (int x = 0; x < COLUMNS; x++) {
		emulator_cell(pair->hostile.emulator, row, x, &hostile);
		emulator_cell(pair->harmless.emulator, row, x, &harmless);
		if (x < column || x >= end) {
			if (!same_text(hostile.chars, harmless.chars))
				return complain(pair, row, "a cell outside of the text has changed", x);
			if (!emulator_same_look(&hostile, &harmless))
				return complain(pair, row, "a cell outside of the text looks different", x);
		} else if (pair->want[x].known) {
			if (!same_text(hostile.chars, pair->want[x].chars))
				return complain(pair, row, "the text is not shown as it is meant", x);
			if (!is_blank(&pair->want[x]) && pair->want[x].chars[0] != UINT32_MAX && !pair->want[x].substitute &&
			    !emulator_same_look(&hostile, &harmless))
				return complain(pair, row, "the text looks different", x);
		}
	}
	return true;
}

/* The first column of the harmless screen that belongs to the text, and the one after the last; false: none does. */
static bool own_cells(const struct pair *pair, int row, int *column, int *end)
{
	VTermScreenCell cell;

	*column = *end = COLUMNS;
	for (int x = COLUMNS - 1; x >= 0; x--) {
		emulator_cell(pair->harmless.emulator, row, x, &cell);
		if (cell.chars[0] == OWN) {
			*column = x;
			*end = *end == COLUMNS ? x + 1 : *end;
		}
	}
	return *column < COLUMNS;
}

static bool same_cursor(struct pair *pair)
{
	const struct emulator *hostile = pair->hostile.emulator, *harmless = pair->harmless.emulator;

	const bool visible = hostile->properties[VTERM_PROP_CURSORVISIBLE];

	if (visible != harmless->properties[VTERM_PROP_CURSORVISIBLE])
		return complain(pair, hostile->cursor.row, "the cursor is shown or hidden", hostile->cursor.col);
	if (visible && (hostile->cursor.row != harmless->cursor.row ||
	        (pair->agreed && hostile->cursor.col != harmless->cursor.col)))
		return complain(pair, hostile->cursor.row, "the cursor stands elsewhere", hostile->cursor.col);
	return true;
}

/* The number in the first digits of a row; 0: there is none. */
static uint64_t leading_number(const struct emulator *emulator, int row)
{
	VTermScreenCell cell;
	uint64_t number = 0;

	for (int x = 0; x < 12; x++) {
		emulator_cell(emulator, row, x, &cell);
		if (cell.chars[0] >= '0' && cell.chars[0] <= '9')
			number = 10 * number + cell.chars[0] - '0';
		else if (number > 0)
			break;
	}
	return number;
}

/* The row of "Row 1,234 of" and its number; -1: there is none. */
static int find_rule(const struct emulator *emulator, uint64_t *number)
{
	char line[COLUMNS * 24];

	for (int row = 0; row < ROWS; row++) {
		const char *at;

		emulator_row(emulator, row, line, sizeof line);
		at = strstr(line, "\u2500 Row ");
		if (!at)
			continue;
		*number = 0;
		for (at += strlen("\u2500 Row "); *at && strncmp(at, " of", 3) != 0; at++) {
			if (*at >= '0' && *at <= '9')
				*number = 10 * *number + (uint64_t)(*at - '0');
		}
		return row;
	}
	return -1;
}

/* The rows of the table, above the rule. */
static bool same_table(struct pair *pair, int rule)
{
	int column, end;

	for (int row = 0; row < rule; row++) {
		want_nothing(pair, pair->agreed);
		if (own_cells(pair, row, &column, &end)) {
			const uint64_t number = leading_number(pair->harmless.emulator, row);

			if (number < 1 || number > pair->count)
				return complain(pair, row, "a row without a number", column);
			read_row(pair, number - 1);
			end = COLUMNS;
			want_line(pair, pair->row->text, SCRUB_NEWLINE_SPACE, column, end);
		}
		if (!same_row(pair, row, column, end))
			return false;
	}
	return true;
}

/* The pane below the rule, and the rest of the screen. */
static bool same_pane(struct pair *pair, int rule)
{
	size_t line = 0, count;
	int column, end;

	read_row(pair, pair->chosen - 1);
	assert_true(review_words_whole(&pair->whole, pair->dataset, pair->row));
	wrap(pair, pair->row->text, COLUMNS);
	count = pair->lines.count;
	wrap(pair, pair->is_whole ? (struct span){pair->whole.text, pair->whole.size} : pair->row->text, COLUMNS);
	for (int row = rule; row < (pair->typed ? ROWS - 2 : ROWS); row++) {
		want_nothing(pair, pair->agreed);
		if (own_cells(pair, row, &column, &end)) {
			column = 0;
			end = COLUMNS;
			want_wrapped(pair, line++);
		}
		if (!same_row(pair, row, column, end))
			return false;
	}
	return line > 0 && line <= count ? true : complain(pair, rule, "no line of the review is there", 0);
}

static bool same_reviews(struct pair *pair)
{
	uint64_t harmless = 0, hostile = 0;
	const int rule = find_rule(pair->harmless.emulator, &harmless);

	if (rule < 0 || harmless != pair->chosen)
		return complain(pair, rule < 0 ? 0 : rule, "the row is not shown that was to be chosen", 0);
	if (find_rule(pair->hostile.emulator, &hostile) != rule || hostile != harmless)
		return complain(pair, rule, "another row is shown", 0);
	return same_table(pair, rule) && same_pane(pair, rule) && same_cursor(pair);
}

/* A prompt or a message: in one row, and nowhere else, what was typed. */
static bool same_said(struct pair *pair, enum scrub_newline newline)
{
	char line[COLUMNS * 24];
	int column, end, found = 0;

	for (int row = ROWS - 2; row < ROWS; row++) {
		want_nothing(pair, pair->agreed);
		emulator_row(pair->harmless.emulator, row, line, sizeof line);
		if (own_cells(pair, row, &column, &end)) {
			found += strstr(line, pair->said) != NULL;
			want_line(pair, (struct span){pair->typed, pair->typed_size}, newline, column, end);
			end = pair->agreed ? end : COLUMNS;
		}
		if (!same_row(pair, row, column, end))
			return false;
	}
	return found == 1 ? same_cursor(pair) : complain(pair, ROWS - 2, "what was typed is not there", 0);
}

static bool same_prompt(struct pair *pair)
{
	return same_said(pair, SCRUB_NEWLINE_SYMBOL) && same_reviews(pair);
}

/* The box with what was typed, and below it the list of what was typed before. */
static bool same_score(struct pair *pair)
{
	const struct rect text = layout_score(layout_frame(ROWS, COLUMNS).body, 1).text;
	int column, end, found = 0;
	size_t top;

	wrap(pair, (struct span){pair->typed, pair->typed_size}, COLUMNS);
	top = pair->lines.count > (size_t)text.rows ? pair->lines.count - (size_t)text.rows : 0;
	for (int row = 0; row < ROWS; row++) {
		const bool box = row >= text.y && row < text.y + text.rows;

		want_nothing(pair, box && pair->agreed);
		if (own_cells(pair, row, &column, &end)) {
			found += box;
			column = 0;
			end = COLUMNS;
			if (box)
				want_wrapped(pair, top + (size_t)(row - text.y));
		}
		if (!same_row(pair, row, column, end))
			return false;
	}
	return found > 0 || pair->typed_size == 0 ? same_cursor(pair) : complain(pair, text.y, "what was typed is not there", 0);
}

/* Running */

static void side_send(struct side *side, const char *bytes, size_t size)
{
	while (size > 0) {
		const size_t part = size < 512 ? size : 512;

		assert_int_equal(write(side->session.master, bytes, part), part);
		bytes += part;
		size -= part;
		side_read(side, 0);
	}
}

static void press(struct pair *pair, const char *keys)
{
	side_send(&pair->hostile, keys, strlen(keys));
	side_send(&pair->harmless, keys, strlen(keys));
}

static void print_text(const struct pair *pair, uint64_t number)
{
	char text[HOSTILE_TEXT_MAX], escaped[4 * HOSTILE_TEXT_MAX + 16];
	struct pair copy = {.seed = pair->seed, .agreed = pair->agreed};
	const size_t size = make_text(&copy, pair->first + number, text);

	hostile_escape(text, size, escaped, sizeof escaped);
	print_error("text %llu of the file: \"%s\"\n", (unsigned long long)number + 1, escaped);
	scrubbed_free(&copy.text);
	text_lines_free(&copy.lines);
}

static void report(struct pair *pair)
{
	char line[COLUMNS * 24], escaped[4 * HOSTILE_TEXT_MAX + 16];
	const uint64_t number = leading_number(pair->harmless.emulator, pair->at);

	print_error("REVUE_HOSTILE_SEED=%llu, texts %llu to %llu, %s: %s\n", (unsigned long long)pair->seed,
	            (unsigned long long)pair->first, (unsigned long long)(pair->first + pair->count - 1),
	            pair->agreed ? "of columns that agree" : "of any columns", pair->reason);
	if (pair->typed) {
		hostile_escape(pair->typed, pair->typed_size, escaped, sizeof escaped);
		print_error("typed: \"%s\"\n", escaped);
	}
	for (int row = pair->at > 0 ? pair->at - 1 : 0; row <= pair->at; row++) {
		emulator_row(pair->harmless.emulator, row, line, sizeof line);
		print_error("row %d harmless: [%s]\n", row + 1, line);
		emulator_row(pair->hostile.emulator, row, line, sizeof line);
		hostile_escape(line, strlen(line), escaped, sizeof escaped);
		print_error("row %d hostile:  [%s]\n", row + 1, escaped);
	}
	if (number > 1 && number <= pair->count)
		print_text(pair, number - 2);
	if (number > 0 && number <= pair->count)
		print_text(pair, number - 1);
	else if (pair->chosen > 0)
		print_text(pair, pair->chosen - 1);
	fail_msg("%s", pair->reason);
}

/* All is drawn anew (Ctrl-L); the answer begins with the clearing of the screen. */
static void redraw(struct side *side)
{
	side->session.size = 0;
	assert_int_equal(write(side->session.master, "\f", 1), 1);
	side_read_until(side, "\033[H\033[2J");
}

/* Until both screens are as they have to be. */
static void settle(struct pair *pair, bool (*check)(struct pair *))
{
	const double until = clock_seconds() + PATIENCE;

	for (;;) {
		if (side_read(&pair->hostile, 0) + side_read(&pair->harmless, 0) > 0)
			continue;
		if (*pair->hostile.emulator->fault || *pair->harmless.emulator->fault) {
			snprintf(pair->reason, sizeof pair->reason, "%s%s", pair->hostile.emulator->fault,
			         *pair->hostile.emulator->fault ? "" : pair->harmless.emulator->fault);
			report(pair);
		}
		if (check(pair))
			return;
		if (clock_seconds() > until)
			report(pair);
		poll((struct pollfd[]){{pair->hostile.session.master, POLLIN, 0}, {pair->harmless.session.master, POLLIN, 0}}, 2, 50);
	}
}

static void settle_anew(struct pair *pair, bool (*check)(struct pair *))
{
	redraw(&pair->hostile);
	redraw(&pair->harmless);
	settle(pair, check);
}

static bool is_read(struct pair *pair)
{
	uint64_t number;

	return find_rule(pair->harmless.emulator, &number) >= 0 && find_rule(pair->hostile.emulator, &number) >= 0;
}

static void show_reviews(struct pair *pair)
{
	side_read_until(&pair->hostile, "Words: mean");
	side_read_until(&pair->harmless, "Words: mean");
	press(pair, "2");
	settle(pair, is_read);
	pair->hostile.emulator->strict = pair->harmless.emulator->strict = true;
	pair->chosen = 1;
	settle(pair, same_reviews);
}

static uint64_t page_rows(const struct pair *pair)
{
	uint64_t number, rows = 0;
	const int rule = find_rule(pair->harmless.emulator, &number);
	int column, end;

	for (int row = 0; row < rule; row++)
		rows += own_cells(pair, row, &column, &end);
	return rows;
}

/* Page by page to the end; now and then the chosen review alone, and all of it drawn anew. */
static void walk(struct pair *pair)
{
	const uint64_t step = page_rows(pair) - 1;

	for (int page = 0; pair->chosen < pair->count; page++) {
		pair->chosen = pair->chosen + step < pair->count ? pair->chosen + step : pair->count;
		press(pair, " ");
		settle(pair, same_reviews);
		if (page % 4 > 0)
			continue;
		pair->is_whole = true;
		press(pair, "\r");
		settle(pair, same_reviews);
		settle_anew(pair, same_reviews);
		pair->is_whole = false;
		press(pair, "\r");
		settle(pair, same_reviews);
		settle_anew(pair, same_reviews);
	}
}

/* What a paste leaves of a text: no controls but line breaks and tabs. Cut where it takes `columns`. */
static size_t pasted(struct pair *pair, struct span text, int columns, char *out)
{
	int width = 0;
	size_t used = 0;

	for (size_t i = 0; i < text.size; i++) {
		const unsigned char byte = (unsigned char)text.data[i];

		if (byte == '\r')
			out[used++] = '\n';
		else if (byte >= ' ' || byte == '\n' || byte == '\t')
			out[used++] = text.data[i];
	}
	assert_true(scrub_text(&pair->text, (struct span){out, used}, (struct scrub_options){SCRUB_NEWLINE_SYMBOL, false}));
	for (size_t i = 0; i < pair->text.count; i++) {
		width += pair->text.glyphs[i].width;
		if (width > columns)
			return pair->text.glyphs[i].source;
	}
	return used;
}

static void paste(struct side *side, const char *text, size_t size)
{
	side_send(side, "\033[200~", 6);
	side_send(side, text, size);
	side_send(side, "\033[201~", 6);
}

/* As many letters as the text takes columns, after the same beginning. */
static void paste_own(struct side *side, size_t columns)
{
	char text[HOSTILE_TEXT_MAX];

	memset(text, OWN, columns);
	paste(side, text, columns);
}

/* Text `number` of the file as a paste, in pair->typed, after one letter. False: it is none that is wanted
 * without its controls. */
static bool take_paste(struct pair *pair, uint64_t number, int columns, char *text)
{
	read_row(pair, number);
	*text = 'x';
	pair->typed_size = 1 + pasted(pair, pair->row->text, columns, text + 1);
	pair->typed = text;
	return is_wanted(pair, (struct span){text, pair->typed_size});
}

/* In the prompt of a search, which is given up then. */
static void search(struct pair *pair)
{
	char text[2 * HOSTILE_TEXT_MAX];

	for (uint64_t i = 0; i < pair->count && i < PASTES; i++) {
		if (!take_paste(pair, i, TYPED_COLUMNS, text))
			continue;
		assert_true(scrub_text(&pair->text, (struct span){text, pair->typed_size},
		                       (struct scrub_options){SCRUB_NEWLINE_SYMBOL, false}));
		press(pair, "/zq9");
		paste_own(&pair->harmless, (size_t)width_of(&pair->text, pair->text.count));
		paste(&pair->hostile, text, pair->typed_size);
		pair->said = "zq9";
		settle(pair, same_prompt);
		press(pair, "\033");
		pair->typed = NULL;
		settle(pair, same_reviews);
	}
	pair->typed = NULL;
}

/* So much that the harmless text ends in the same line and column. */
static void paste_lines(struct pair *pair)
{
	const struct text_line *last = &pair->lines.lines[pair->lines.count - 1];

	for (size_t line = 0; line + 1 < pair->lines.count; line++) {
		paste_own(&pair->harmless, COLUMNS);
		if (line + 2 == pair->lines.count && last->width == 0)
			paste(&pair->harmless, "\n", 1);
	}
	paste_own(&pair->harmless, (size_t)last->width);
}

/* A text on the Score screen; Enter puts it into the list there. */
static void score(struct pair *pair)
{
	char text[2 * HOSTILE_TEXT_MAX];

	press(pair, "4");
	for (uint64_t i = 0; i < pair->count && i < PASTES; i++) {
		if (!take_paste(pair, i, 10 * COLUMNS, text))
			continue;
		wrap(pair, (struct span){text, pair->typed_size}, COLUMNS);
		paste_lines(pair);
		paste(&pair->hostile, text, pair->typed_size);
		settle(pair, same_score);
		settle_anew(pair, same_score);
		press(pair, "\r");
		pair->typed_size = 0;
		settle(pair, same_score);
	}
	pair->typed = NULL;
}

static void check_batch(uint64_t seed, uint64_t first, uint64_t count, bool agreed)
{
	struct pair pair = {.seed = seed, .first = first, .count = count, .agreed = agreed, .at = -1};

	pair_start(&pair);
	show_reviews(&pair);
	walk(&pair);
	search(&pair);
	score(&pair);
	pair_end(&pair);
}

static void check_texts(bool agreed)
{
	const uint64_t seed = pty_number("REVUE_HOSTILE_SEED", 1), count = pty_number("REVUE_HOSTILE_TEXTS", 1000) / 2;
	const uint64_t from = pty_number("REVUE_HOSTILE_FIRST", 0);
	const double begin = clock_seconds();

	for (uint64_t first = from; first < from + count; first += BATCH)
		check_batch(seed, first, from + count - first < BATCH ? from + count - first : BATCH, agreed);
	printf("# %llu texts of seed %llu, %.0f s\n", (unsigned long long)count, (unsigned long long)seed, clock_seconds() - begin);
}

static void a_hostile_text_is_shown_scrubbed_and_changes_nothing_but_its_own_cells(void **state)
{
	(void)state;
	check_texts(true);
}

static void characters_whose_columns_a_terminal_counts_otherwise_change_no_other_line(void **state)
{
	(void)state;
	check_texts(false);
}

/* The emulator itself: whatever pieces a character and its marks come in, wide or not, before the last column and in it. */
static void marks_that_come_later_are_in_the_cell_of_their_character(void **state)
{
	static const char *const lines[] = {"abcdefgho\u20EB\u0308i\u0301", "abcdefgho\u20EB\u0308", "abcdefgh\u4E2D\u20EB", "abcdefghij"};
	static const uint32_t want[][3] = {{'i', 0x301}, {'o', 0x20EB, 0x308}, {0x4E2D, 0x20EB}, {'j'}};

	(void)state;
	for (size_t line = 0; line < sizeof lines / sizeof *lines; line++) {
		for (size_t size = 1; size < 24; size++) {
			struct emulator *emulator = emulator_open(2, line == 1 ? 9 : 10);
			const size_t length = strlen(lines[line]);
			VTermScreenCell cell;

			emulator_feed(emulator, "\033[?7l\033(B\033[m", 11);
			for (size_t at = 0; at < length; at += size)
				emulator_feed(emulator, lines[line] + at, length - at < size ? length - at : size);
			emulator_cell(emulator, 0, line == 0 || line == 3 ? 9 : 8, &cell);
			assert_memory_equal(cell.chars, want[line], sizeof want[line]);
			assert_string_equal(emulator->fault, "");
			emulator_close(emulator);
		}
	}
}

/* Found among a million: each moved what other lines show, that of 5000 when all was drawn anew. */
static void texts_that_once_changed_other_lines_change_none(void **state)
{
	static const uint64_t first[] = {2500, 5000, 102500};

	(void)state;
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		check_batch(7, first[i], BATCH, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hostile_text_is_shown_scrubbed_and_changes_nothing_but_its_own_cells),
		cmocka_unit_test(characters_whose_columns_a_terminal_counts_otherwise_change_no_other_line),
		cmocka_unit_test(marks_that_come_later_are_in_the_cell_of_their_character),
		cmocka_unit_test(texts_that_once_changed_other_lines_change_none),
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
