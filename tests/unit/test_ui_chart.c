/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/charts/chart.c: from points to cells, and ui/charts/reliability.c, without a terminal. */
#include "tests/unit/check.h"

#include "ui/charts/reliability.h"

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

/* Each test says what it shows along the bottom, or all there is. */
static void draw(struct chart *chart, const double *points, size_t count, int rows, int columns, struct chart_cell *cells)
{
	const struct chart_source sources[CHART_SERIES] = {{.points = points, .count = count, .at = at}};

	if (chart->x.high == 0)
		chart->x.high = (double)count;
	assert_true(chart_draw(chart, sources, rows, columns, cells));
}

static void draw_smoothed(struct chart *chart, const double *points, size_t count, int rows, int columns,
                          struct chart_cell *cells)
{
	const struct chart_source sources[CHART_SERIES] = {
		{.points = points, .count = count, .at = at, .smoothing = 0.9, .shaded = true}};

	if (chart->x.high == 0)
		chart->x.high = (double)count;
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
	struct chart chart = {.glyphs = CHART_ASCII, .x = {.high = 8}};
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
	chart.series[0].seen = 0;
	draw_smoothed(&chart, points, POINTS, 12, 40, cells);
	top = false;
	for (int column = 0; column < 40; column++)
		top |= cells[column].kind == CHART_SHADE;
	assert_true(top);
	chart_free(&chart);
	free(points);
}

static void a_new_point_changes_one_column(void **state)
{
	struct chart chart = {.glyphs = CHART_BRAILLE, .x = {.high = 1000}};
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
	struct chart slow = {.glyphs = CHART_BRAILLE, .x = {.high = 700}}, fast = {.glyphs = CHART_BRAILLE, .x = {.high = 700}};
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
	struct chart chart = {.glyphs = CHART_ASCII, .x = {.high = 8}};
	const double points[] = {1, 1, 1, NAN, INFINITY, 1, 1, 1};
	struct chart_cell cells[3 * 8];
	int marks = 0;

	(void)state;
	draw(&chart, points, 8, 3, 8, cells);
	for (int i = 0; i < 3 * 8; i++)
		marks += cells[i].kind == CHART_BAD;
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
	int marks = 0;

	(void)state;
	draw(&chart, points, 3, 4, 10, cells);
	for (int i = 0; i < 30; i++)
		assert_int_equal(cells[i].series, -1);
	for (int i = 30; i < 40; i++)
		marks += cells[i].kind == CHART_BAD;
	assert_int_equal(marks, 3);
	chart_free(&chart);
}

static void the_marks_of_a_second_series_lie_on_top(void **state)
{
	struct chart chart = {.glyphs = CHART_ASCII, .x = {.high = 4}};
	const double first[] = {1, 1, 1, 1}, second[] = {1, 0, 1, 0};
	const struct chart_source sources[CHART_SERIES] = {{.points = first, .count = 4, .at = at},
	                                                    {.points = second, .count = 4, .at = at, .mark = 'o'}};
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
	struct chart chart = {.glyphs = CHART_ASCII, .x = {.high = 8}};
	const double first[] = {1, 2, 3, 4, 5, 6, 7, 8}, second[] = {1, 2, 3};
	struct chart_cell cells[3 * 8], fresh[3 * 8];
	struct chart other = {.glyphs = CHART_ASCII, .x = {.high = 8}};

	(void)state;
	draw(&chart, first, 8, 3, 8, cells);
	draw(&chart, second, 3, 3, 8, cells);
	other.y = chart.y;
	draw(&other, second, 3, 3, 8, fresh);
	assert_same_cells(cells, fresh, 3 * 8);
	chart_free(&chart);
	chart_free(&other);
}

/* Noise of a thousand steps: a line that is a dot or two thick, on a shade. */
static void a_smoothed_line_is_no_solid_block(void **state)
{
	struct chart chart = {.glyphs = CHART_BRAILLE};
	double points[1000];
	struct chart_cell cells[10 * 40];
	unsigned noise = 1;
	int dots = 0, shade = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		noise = noise * 1103515245u + 12345u;
		points[i] = 1 + (double)(noise >> 16 & 1023) / 1023;
	}
	draw_smoothed(&chart, points, 1000, 10, 40, cells);
	for (int i = 0; i < 10 * 40; i++) {
		dots += cells[i].kind == CHART_LINE ? __builtin_popcount(cells[i].glyph & 0xFF) : 0;
		shade += cells[i].kind == CHART_SHADE;
	}
	assert_true(dots > 0 && dots < 80 * 10);
	assert_true(shade > 100);
	chart_free(&chart);
}

/* What is drawn of the first points is the same when more have come. */
static void smoothing_does_not_depend_on_the_part_that_is_shown(void **state)
{
	struct chart all = {.glyphs = CHART_ASCII}, part = {.glyphs = CHART_ASCII};
	double points[600];
	struct chart_cell cells[8 * 30];

	(void)state;
	for (int i = 0; i < 600; i++)
		points[i] = sin(i) + 0.01 * i;
	draw_smoothed(&all, points, 600, 8, 30, cells);
	part.x.low = 400;
	part.x.high = 500;
	draw_smoothed(&part, points, 600, 8, 30, cells);
	for (size_t i = 0; i < 600; i++)
		assert_true(chart_smoothed(&all, 0, i) == chart_smoothed(&part, 0, i));
	chart_free(&all);
	chart_free(&part);
}

static void a_part_shows_its_own_points_only(void **state)
{
	struct chart chart = {.glyphs = CHART_ASCII, .x = {.low = 101, .high = 108}};
	double points[200];
	struct chart_cell cells[3 * 8];

	(void)state;
	for (int i = 0; i < 200; i++)
		points[i] = i == 50 ? 1000 : 1;
	draw(&chart, points, 200, 3, 8, cells);
	assert_true(chart.y.high < 10);
	for (int i = 0; i < 8; i++)
		assert_int_equal(chart.series[0].raw[i].finite, 1);
	chart_free(&chart);
}

static void the_best_point_has_a_mark(void **state)
{
	struct chart chart = {.glyphs = CHART_ASCII, .x = {.low = 1, .high = 5}};
	const double points[] = {4, 2, 1, 2, 3};
	const struct chart_source sources[CHART_SERIES] = {{.points = points, .count = 5, .at = at, .better = -1}};
	struct chart_cell cells[3 * 5];

	(void)state;
	assert_true(chart_draw(&chart, sources, 3, 5, cells));
	assert_int_equal(cells[2 * 5 + 2].kind, CHART_BEST);
	assert_int_equal(chart.series[0].best, 2);
	chart_free(&chart);
}

static void what_is_not_above_0_is_left_out_of_a_logarithmic_chart(void **state)
{
	struct chart chart = {.glyphs = CHART_ASCII, .x = {.low = 1, .high = 4}, .y = {.log = true}};
	const double points[] = {-1, 0, 0.1, 10};
	struct chart_cell cells[3 * 4];

	(void)state;
	draw(&chart, points, 4, 3, 4, cells);
	assert_true(chart.y.low == -1 && chart.y.high == 1);
	for (int i = 0; i < 3; i++)
		assert_true(cells[i * 4].series < 0 && cells[i * 4 + 1].series < 0);
	assert_true(cells[3].series == 0 && cells[2 * 4 + 2].series == 0);
	chart_free(&chart);
}

static void scattered_points_are_not_joined(void **state)
{
	struct chart chart = {.glyphs = CHART_ASCII, .x = {.low = 1, .high = 5}};
	const double points[] = {1, NAN, NAN, NAN, 9};
	const struct chart_source sources[CHART_SERIES] = {{.points = points, .count = 5, .at = at, .scattered = true}};
	struct chart_cell cells[3 * 5];
	int drawn = 0;

	(void)state;
	assert_true(chart_draw(&chart, sources, 2, 5, cells));
	for (int i = 0; i < 10; i++)
		drawn += cells[i].kind == CHART_LINE;
	assert_int_equal(drawn, 2);
	chart_free(&chart);
}

static void every_size_is_drawn(void **state)
{
	double points[50];
	struct chart_cell *cells = calloc(100 * 120, sizeof *cells);

	(void)state;
	for (int i = 0; i < 50; i++)
		points[i] = i % 7 == 3 ? NAN : i * 1e3;
	for (int glyphs = CHART_BRAILLE; glyphs < CHART_GLYPHS; glyphs++) {
		struct chart chart = {.glyphs = (enum chart_glyphs)glyphs};

		for (int rows = 0; rows <= 100; rows += 3) {
			for (int columns = 0; columns <= 120; columns++)
				draw(&chart, points, 50, rows, columns, cells);
		}
		chart_free(&chart);
	}
	free(cells);
}

/* The second series gets no memory for the wider chart: what is kept must still fit what there is. */
static void a_chart_that_memory_was_too_short_for_stays_as_it_was(void **state)
{
	struct chart chart = {.glyphs = CHART_ASCII, .x = {.high = 8}}, fresh = chart;
	const double points[] = {8, 7, 6, 5, 4, 3, 2, 1};
	const struct chart_source sources[CHART_SERIES] = {{.points = points, .count = 8, .at = at}};
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

/* Half of ten rows are in a bin that is surer than right, three in one that is less sure, two are as they say. */
static void make_bins(struct calibration_bin bins[CALIBRATION_BINS])
{
	for (int i = 0; i < CALIBRATION_BINS; i++)
		bins[i] = (struct calibration_bin){(double)NAN, (double)NAN, 0};
	bins[8] = (struct calibration_bin){0.55, 0.75, 3};
	bins[11] = (struct calibration_bin){0.75, 0.75, 2};
	bins[14] = (struct calibration_bin){0.95, 0.65, 5};
}

static void a_calibration_has_two_sides(void **state)
{
	struct calibration_bin bins[CALIBRATION_BINS];
	struct reliability_sides sides;

	(void)state;
	make_bins(bins);
	sides = reliability_sides(bins);
	assert_int_equal(sides.rows, 10);
	assert_int_equal(sides.surer, 5);
	assert_int_equal(sides.less_sure, 3);
	assert_true(fabs(sides.surer_by - 0.3) < 1e-9 && fabs(sides.less_sure_by - 0.2) < 1e-9);
	assert_int_equal(sides.fullest, 14);
	for (int i = 0; i < CALIBRATION_BINS; i++)
		bins[i].rows = 0;
	sides = reliability_sides(bins);
	assert_true(sides.fullest == -1 && isnan(sides.surer_by));
}

static void bins_without_rows_have_no_point_of_the_curve(void **state)
{
	struct calibration_bin bins[CALIBRATION_BINS];
	struct reliability_point points[CALIBRATION_BINS], ideal[RELIABILITY_IDEAL];
	double x;

	(void)state;
	make_bins(bins);
	assert_int_equal(reliability_curve(bins, points), 3);
	assert_true(reliability_at(points, 2, &x) == 0.65 && x == 0.95);
	reliability_ideal(ideal);
	assert_true(ideal[0].x == 0 && ideal[0].y == 0 && ideal[RELIABILITY_IDEAL - 1].x == 1 && ideal[RELIABILITY_IDEAL - 1].y == 1);
	assert_true(ideal[7].x == ideal[7].y);
}

/* Each column of dots gets its own point, and its bar is as high as the share of its bin. */
static void shares_are_bars_over_their_bins(void **state)
{
	struct calibration_bin bins[CALIBRATION_BINS];
	struct chart chart = {.glyphs = CHART_ASCII, .rule = {0.05, 0, 0, 1}, .x = {.high = 1}};
	struct reliability_point points[2 * 30], wide[2 * 4 * CALIBRATION_BINS];
	struct chart_cell cells[4 * 30];
	char drawn[4 * 31 + 1];

	(void)state;
	make_bins(bins);
	reliability_bars(bins, 30, points);
	assert_true(chart_draw(&chart, (struct chart_source[CHART_SERIES]){{.points = points, .count = 60, .at = reliability_at}}, 4, 30,
	                       cells));
	picture(cells, 4, 30, drawn);
	assert_string_equal(drawn, "                            ..\n"
	                           "                            ||\n"
	                           "                ||    ||    ||\n"
	                           "................||....||....||\n");
	chart_free(&chart);
	/* Where a bin has four columns, the last of them is a gap. */
	reliability_bars(bins, 4 * CALIBRATION_BINS, wide);
	assert_true(wide[2 * 34].y == 0.3 && wide[2 * 35].y == 0 && wide[2 * 59].y == 0.5);
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
		cmocka_unit_test(the_marks_of_a_second_series_lie_on_top),
		cmocka_unit_test(points_that_were_taken_back_are_drawn_anew),
		cmocka_unit_test(a_smoothed_line_is_no_solid_block),
		cmocka_unit_test(smoothing_does_not_depend_on_the_part_that_is_shown),
		cmocka_unit_test(a_part_shows_its_own_points_only),
		cmocka_unit_test(the_best_point_has_a_mark),
		cmocka_unit_test(what_is_not_above_0_is_left_out_of_a_logarithmic_chart),
		cmocka_unit_test(scattered_points_are_not_joined),
		cmocka_unit_test(every_size_is_drawn),
		cmocka_unit_test(a_chart_that_memory_was_too_short_for_stays_as_it_was),
		cmocka_unit_test(a_calibration_has_two_sides),
		cmocka_unit_test(bins_without_rows_have_no_point_of_the_curve),
		cmocka_unit_test(shares_are_bars_over_their_bins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
