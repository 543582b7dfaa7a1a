/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/chart.c: from points to cells, without a terminal. */
#include "tests/unit/check.h"

#include "ui/chart.h"

#define POINTS 100000

static int reallocs_left = -1; /* that succeed; -1: all do */
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_realloc(void *memory, size_t size)
{
	if (reallocs_left == 0)
		return NULL;
	reallocs_left -= reallocs_left > 0;
	return __real_realloc(memory, size);
}

static double at(const void *points, size_t index, double *x)
{
	*x = (double)(index + 1);
	return ((const double *)points)[index];
}

static void draw(struct chart *chart, const double *points, size_t count, int rows, int columns, struct chart_cell *cells)
{
	const struct chart_source sources[CHART_SERIES] = {{points, count, at, false}};

	assert_true(chart_draw(chart, sources, rows, columns, cells));
}

static void assert_same_cells(const struct chart_cell *a, const struct chart_cell *b, int count)
{
	for (int i = 0; i < count; i++) {
		assert_int_equal(a[i].glyph, b[i].glyph);
		assert_int_equal(a[i].series, b[i].series);
	}
}

/* A picture with a line feed after each row. */
static void picture(const struct chart_cell *cells, int rows, int columns, char *out)
{
	for (int i = 0; i < rows * columns; i++) {
		*out++ = (char)cells[i].glyph;
		if ((i + 1) % columns == 0)
			*out++ = '\n';
	}
	*out = '\0';
}

static void a_falling_line_is_drawn_in_ascii(void **state)
{
	struct chart chart = {.glyphs = CHART_ASCII, .x_limit = 8};
	const double points[] = {8, 7, 6, 5, 4, 3, 2, 1};
	struct chart_cell cells[3 * 8];
	char text[64];

	(void)state;
	draw(&chart, points, 8, 3, 8, cells);
	picture(cells, 3, 8, text);
	assert_string_equal(text, "'-.     \n"
	                          "   '-.  \n"
	                          "      '-\n");
	chart_free(&chart);
}

static void braille_cells_stay_in_their_block(void **state)
{
	struct chart chart = {.glyphs = CHART_BRAILLE};
	double points[200];
	struct chart_cell cells[10 * 40];

	(void)state;
	for (int i = 0; i < 200; i++)
		points[i] = sin(i * 0.1);
	draw(&chart, points, 200, 10, 40, cells);
	for (int i = 0; i < 400; i++)
		assert_true(cells[i].glyph == ' ' || (cells[i].glyph > 0x2800 && cells[i].glyph <= 0x28FF));
	chart_free(&chart);
}

static void a_single_spike_among_many_points_is_never_dropped(void **state)
{
	struct chart chart = {.glyphs = CHART_BRAILLE};
	double *points = calloc(POINTS, sizeof *points);
	struct chart_cell cells[12 * 40];
	bool top = false;

	(void)state;
	points[77777] = 10;
	draw(&chart, points, POINTS, 12, 40, cells);
	for (int column = 0; column < 40; column++)
		top |= cells[column].series == 0;
	assert_true(top);
	chart_free(&chart);
	free(points);
}

static void a_new_point_changes_one_column(void **state)
{
	struct chart chart = {.glyphs = CHART_BRAILLE};
	double points[1000];
	struct chart_cell before[12 * 60], after[12 * 60];

	(void)state;
	for (int i = 0; i < 1000; i++)
		points[i] = 1 + 0.5 * sin(i * 0.7);
	for (size_t count = 600; count < 1000; count++) {
		int changed[60] = {0}, columns = 0;

		draw(&chart, points, count, 12, 60, before);
		draw(&chart, points, count + 1, 12, 60, after);
		for (int i = 0; i < 12 * 60; i++)
			changed[i % 60] |= before[i].glyph != after[i].glyph;
		for (int i = 0; i < 60; i++)
			columns += changed[i];
		assert_true(columns <= 1);
	}
	chart_free(&chart);
}

static void points_that_came_one_by_one_look_as_if_they_came_at_once(void **state)
{
	struct chart slow = {.glyphs = CHART_BRAILLE}, fast = {.glyphs = CHART_BRAILLE};
	double points[700];
	struct chart_cell one[8 * 30], all[8 * 30];

	(void)state;
	for (int i = 0; i < 700; i++)
		points[i] = 2 / (1 + i * 0.01) + 0.1 * sin(i);
	for (size_t count = 1; count <= 700; count++)
		draw(&slow, points, count, 8, 30, one);
	fast.y = slow.y;
	draw(&fast, points, 700, 8, 30, all);
	assert_same_cells(one, all, 8 * 30);
	chart_free(&slow);
	chart_free(&fast);
}

static void a_value_that_is_not_a_number_is_a_gap_with_a_mark(void **state)
{
	struct chart chart = {.glyphs = CHART_ASCII, .x_limit = 8};
	const double points[] = {1, 1, 1, NAN, INFINITY, 1, 1, 1};
	struct chart_cell cells[3 * 8];
	int marks = 0;

	(void)state;
	draw(&chart, points, 8, 3, 8, cells);
	for (int i = 0; i < 3 * 8; i++)
		marks += cells[i].bad;
	assert_int_equal(marks, 2);
	assert_int_equal(chart.series[0].bad, 2);
	assert_int_equal(cells[8 + 3].series, -1);
	assert_int_equal(cells[8 + 4].series, -1);
	chart_free(&chart);
}

static void only_bad_values_draw_only_marks(void **state)
{
	struct chart chart = {.glyphs = CHART_BRAILLE};
	const double points[] = {NAN, NAN, -INFINITY};
	struct chart_cell cells[4 * 10];

	(void)state;
	draw(&chart, points, 3, 4, 10, cells);
	for (int i = 0; i < 30; i++)
		assert_int_equal(cells[i].series, -1);
	assert_true(cells[30].bad);
	chart_free(&chart);
}

static void the_x_range_doubles_up_to_its_limit(void **state)
{
	(void)state;
	assert_true(chart_x_end(1, 0) == 64);
	assert_true(chart_x_end(64, 0) == 64);
	assert_true(chart_x_end(65, 0) == 128);
	assert_true(chart_x_end(1000, 0) == 1024);
	assert_true(chart_x_end(100, 375) == 128);
	assert_true(chart_x_end(300, 375) == 375);
	assert_true(chart_x_end(30, 40) == 40);
}

static void the_y_range_moves_in_steps_of_1_2_or_5(void **state)
{
	static const double spans[][2] = {{0, 1}, {0.21, 0.93}, {-3, 7}, {1e-5, 5e-5}, {100, 100000}, {5, 5}, {0, 0},
	                                  {-1e300, 1e300}, {0.999999, 1.000001}};

	(void)state;
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		struct chart_range range = {0};
		double digit;

		chart_fit(&range, spans[i][0], spans[i][1]);
		digit = range.step / pow(10, floor(log10(range.step) + 1e-9));
		assert_true(fabs(digit - 1) < 1e-6 || fabs(digit - 2) < 1e-6 || fabs(digit - 5) < 1e-6);
		assert_true(range.low <= spans[i][0] + range.step * 1e-6);
		assert_true(range.high >= spans[i][1] - range.step * 1e-6);
		assert_true((range.high - range.low) / range.step < 6.5);
	}
}

static void the_y_range_is_kept_while_the_values_fill_it_well(void **state)
{
	struct chart_range range = {0}, before;

	(void)state;
	chart_fit(&range, 0.2, 0.9);
	before = range;
	chart_fit(&range, 0.25, 0.7);
	assert_memory_equal(&range, &before, sizeof range);
	chart_fit(&range, 0.5, 0.6);
	assert_true(range.high - range.low < before.high - before.low);
}

static void a_second_series_lies_on_top_with_marks(void **state)
{
	struct chart chart = {.glyphs = CHART_ASCII, .x_limit = 4};
	const double first[] = {1, 1, 1, 1}, second[] = {1, 0, 1, 0};
	const struct chart_source sources[CHART_SERIES] = {{first, 4, at, false}, {second, 4, at, true}};
	struct chart_cell cells[3 * 4];

	(void)state;
	assert_true(chart_draw(&chart, sources, 3, 4, cells));
	assert_int_equal(cells[0].glyph, 'o');
	assert_int_equal(cells[0].series, 1);
	assert_int_equal(cells[8 + 3].glyph, 'o');
	chart_free(&chart);
}

static void points_that_were_taken_back_are_drawn_anew(void **state)
{
	struct chart chart = {.glyphs = CHART_ASCII, .x_limit = 8};
	const double first[] = {1, 2, 3, 4, 5, 6, 7, 8}, second[] = {1, 2, 3};
	struct chart_cell cells[3 * 8], fresh[3 * 8];
	struct chart other = {.glyphs = CHART_ASCII, .x_limit = 8};

	(void)state;
	draw(&chart, first, 8, 3, 8, cells);
	draw(&chart, second, 3, 3, 8, cells);
	other.y = chart.y;
	draw(&other, second, 3, 3, 8, fresh);
	assert_same_cells(cells, fresh, 3 * 8);
	chart_free(&chart);
	chart_free(&other);
}

static void every_size_is_drawn(void **state)
{
	double points[50];
	struct chart_cell *cells = calloc(100 * 120, sizeof *cells);

	(void)state;
	for (int i = 0; i < 50; i++)
		points[i] = i % 7 == 3 ? NAN : i * 1e3;
	for (int glyphs = CHART_BRAILLE; glyphs <= CHART_ASCII; glyphs++) {
		struct chart chart = {.glyphs = (enum chart_glyphs)glyphs};

		for (int rows = 0; rows <= 100; rows += 3) {
			for (int columns = 0; columns <= 120; columns++)
				draw(&chart, points, 50, rows, columns, cells);
		}
		chart_free(&chart);
	}
	free(cells);
}

static void labels_have_the_decimals_of_their_step(void **state)
{
	char label[32];

	(void)state;
	chart_label(&(struct chart_range){0, 1, 0.1}, 0.5, label, sizeof label);
	assert_string_equal(label, "0.5");
	chart_label(&(struct chart_range){0, 1, 0.05}, 0.5, label, sizeof label);
	assert_string_equal(label, "0.50");
	chart_label(&(struct chart_range){0, 100, 20}, 40, label, sizeof label);
	assert_string_equal(label, "40");
	chart_label(&(struct chart_range){0, 5e-5, 1e-5}, 2e-5, label, sizeof label);
	assert_string_equal(label, "2e-05");
	chart_label(&(struct chart_range){-1, 1, 0.5}, -1e-17, label, sizeof label);
	assert_string_equal(label, "0");
	chart_label(&(struct chart_range){4e-5, 5e-5, 2e-6}, 4.2e-5, label, sizeof label);
	assert_string_equal(label, "4.2e-05");
}

/* The second series gets no memory for the wider chart: what is kept must still fit what there is. */
static void a_chart_that_memory_was_too_short_for_stays_as_it_was(void **state)
{
	struct chart chart = {.glyphs = CHART_ASCII, .x_limit = 8}, fresh = chart;
	const double points[] = {8, 7, 6, 5, 4, 3, 2, 1};
	const struct chart_source sources[CHART_SERIES] = {{points, 8, at, false}};
	struct chart_cell cells[3 * 80], other[3 * 80];

	(void)state;
	draw(&chart, points, 8, 3, 8, cells);
	reallocs_left = 1;
	assert_false(chart_draw(&chart, sources, 3, 80, cells));
	reallocs_left = -1;
	assert_int_equal(chart.dot_columns, 8);
	draw(&fresh, points, 8, 3, 80, other);
	draw(&chart, points, 8, 3, 80, cells);
	assert_same_cells(cells, other, 3 * 80);
	chart_free(&chart);
	chart_free(&fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_falling_line_is_drawn_in_ascii),
		cmocka_unit_test(braille_cells_stay_in_their_block),
		cmocka_unit_test(a_single_spike_among_many_points_is_never_dropped),
		cmocka_unit_test(a_new_point_changes_one_column),
		cmocka_unit_test(points_that_came_one_by_one_look_as_if_they_came_at_once),
		cmocka_unit_test(a_value_that_is_not_a_number_is_a_gap_with_a_mark),
		cmocka_unit_test(only_bad_values_draw_only_marks),
		cmocka_unit_test(the_x_range_doubles_up_to_its_limit),
		cmocka_unit_test(the_y_range_moves_in_steps_of_1_2_or_5),
		cmocka_unit_test(the_y_range_is_kept_while_the_values_fill_it_well),
		cmocka_unit_test(a_second_series_lies_on_top_with_marks),
		cmocka_unit_test(points_that_were_taken_back_are_drawn_anew),
		cmocka_unit_test(every_size_is_drawn),
		cmocka_unit_test(a_chart_that_memory_was_too_short_for_stays_as_it_was),
		cmocka_unit_test(labels_have_the_decimals_of_their_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
