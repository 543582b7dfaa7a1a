/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/charts/axis.c, ui/charts/window.c, ui/charts/smooth.c and ui/terminal/dots.c: what charts are made of, without a terminal. */
#include "tests/unit/check.h"

#include "ui/charts/axis.h"
#include "ui/charts/smooth.h"
#include "ui/charts/window.h"
#include "ui/terminal/dots.h"

static const struct axis_rule no_rule = {0, 0, 0, 0};

static void ranges_move_in_steps_of_1_2_or_5(void **state)
{
	static const double spans[][2] = {{0, 1}, {0.21, 0.93}, {-3, 7}, {1e-5, 5e-5}, {100, 100000}, {5, 5}, {0, 0},
	                                  {-1e300, 1e300}, {0.999999, 1.000001}};

	(void)state;
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		struct axis axis = {0};
		double digit;

		axis_fit(&axis, &no_rule, spans[i][0], spans[i][1]);
		digit = axis.step / pow(10, floor(log10(axis.step) + 1e-9));
		assert_true(fabs(digit - 1) < 1e-6 || fabs(digit - 2) < 1e-6 || fabs(digit - 5) < 1e-6);
		assert_true(axis.low <= spans[i][0] + axis.step * 1e-6);
		assert_true(axis.high >= spans[i][1] - axis.step * 1e-6);
		assert_true((axis.high - axis.low) / axis.step < 6.5);
	}
}

static void a_range_is_kept_while_the_values_fill_it_well(void **state)
{
	struct axis axis = {0}, before;

	(void)state;
	axis_fit(&axis, &no_rule, 0.2, 0.9);
	before = axis;
	axis_fit(&axis, &no_rule, 0.25, 0.7);
	assert_memory_equal(&axis, &before, sizeof axis);
	axis_fit(&axis, &no_rule, 0.5, 0.6);
	assert_true(axis.high - axis.low < before.high - before.low);
}

static void an_accuracy_that_hardly_moves_looks_flat(void **state)
{
	const struct axis_rule share = {0.1, 0, 0, 1};
	struct axis axis = {0};

	(void)state;
	axis_fit(&axis, &share, 0.869, 0.873);
	assert_true(axis.high - axis.low >= 0.1 - 1e-9);
	assert_true(fabs(axis_place(&axis, 0.873) - axis_place(&axis, 0.869)) < 0.05);
	axis = (struct axis){0};
	axis_fit(&axis, &share, 0.995, 1);
	assert_true(axis.high <= 1 + 1e-9 && axis.low <= 0.9 + 1e-9);
}

static void a_logarithmic_axis_shows_whole_decades(void **state)
{
	struct axis axis = {.log = true};
	double tick;

	(void)state;
	axis_fit(&axis, &no_rule, 0.003, 20);
	assert_true(axis.low == -3 && axis.high == 2);
	assert_true(fabs(axis_place(&axis, 0.001)) < 1e-9 && fabs(axis_place(&axis, 100) - 1) < 1e-9);
	assert_true(isnan(axis_place(&axis, 0)) && isnan(axis_place(&axis, -1)));
	assert_true(axis_tick(&axis, 0, &tick) && fabs(tick - 0.001) < 1e-12);
	assert_true(axis_tick(&axis, 5, &tick) && fabs(tick - 100) < 1e-9);
	assert_false(axis_tick(&axis, 6, &tick));
}

static void labels_have_the_decimals_of_their_step(void **state)
{
	static const struct {
		struct axis axis;
		double value;
		const char *label;
	} rows[] = {
		{{0, 1, 0.1, false, AXIS_PLAIN}, 0.5, "0.5"},
		{{0, 1, 0.05, false, AXIS_PLAIN}, 0.5, "0.50"},
		{{0, 100, 20, false, AXIS_PLAIN}, 40, "40"},
		{{0, 5e-5, 1e-5, false, AXIS_PLAIN}, 2e-5, "2e-05"},
		{{-1, 1, 0.5, false, AXIS_PLAIN}, -1e-17, "0"},
		{{4e-5, 5e-5, 2e-6, false, AXIS_PLAIN}, 4.2e-5, "4.2e-05"},
		{{0, 600, 120, false, AXIS_SECONDS}, 240, "4:00"},
		{{0, 2e9, 5e8, false, AXIS_BYTES}, 1.5e9, "1.5 GB"},
		{{-3, 2, 1, true, AXIS_PLAIN}, 0.01, "0.01"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char label[32];

		axis_label(&rows[i].axis, rows[i].value, label, sizeof label);
		assert_string_equal(label, rows[i].label);
	}
}

static void an_end_that_grows_leaves_at_most_a_third_empty_and_seldom_moves(void **state)
{
	double before = 0;
	int moves = 0;

	(void)state;
	for (int last = 1; last <= 100000; last++) {
		const double end = axis_end(last, 0);

		assert_true(end >= last && (last < 4 || end <= last * 1.5));
		assert_true(end >= before);
		moves += end != before;
		before = end;
	}
	assert_true(moves < 60);
	assert_true(axis_end(98, 99) == 99);
	assert_true(axis_end(30, 375) < 50);
}

static void ticks_of_time_are_whole_minutes(void **state)
{
	struct axis axis = {.low = 0, .high = 1000, .unit = AXIS_SECONDS};

	(void)state;
	axis_divide(&axis, 5);
	assert_true(axis.step == 300);
}

/* The window */

static void the_window_fits_follows_zooms_and_pans(void **state)
{
	const struct window_data live = {0, 1000, 5000, true, 4}, over = {0, 1000, 5000, false, 4};
	struct window window = {0};
	struct window_range range = window_range(&window, &over);

	(void)state;
	assert_true(range.low == 0 && range.high == 1000);
	window_zoom_in(&window, &over, true, 250);
	range = window_range(&window, &over);
	assert_true(range.low == 125 && range.high == 625);
	window_pan(&window, &over, 1);
	range = window_range(&window, &over);
	assert_true(range.low == 250 && range.high == 750);
	window_pan(&window, &over, -1);
	window_pan(&window, &over, -1);
	assert_true(window_range(&window, &over).low == 0);
	window_zoom_out(&window, &over, true, 250);
	assert_int_equal(window.mode, WINDOW_FIT);
	window_zoom_in(&window, &live, false, 0);
	assert_int_equal(window.mode, WINDOW_FOLLOW);
	range = window_range(&window, &live);
	assert_true(range.high >= 1000 && range.low > 300);
}

static void a_window_that_follows_moves_by_ticks(void **state)
{
	struct window_data data = {0, 500, 0, true, 4};
	struct window window = {.mode = WINDOW_FOLLOW, .span = 100};
	int moves = 0;
	double before = 0;

	(void)state;
	for (; data.last <= 700; data.last++) {
		const struct window_range range = window_range(&window, &data);

		assert_true(range.high - range.low == 100 && range.high >= data.last && range.high < data.last + 25);
		moves += range.low != before;
		before = range.low;
	}
	assert_true(moves <= 11);
}

static void a_window_never_gets_smaller_than_the_least(void **state)
{
	const struct window_data data = {0, 1000, 0, false, 4};
	struct window window = {0};
	struct window_range range;

	(void)state;
	for (int i = 0; i < 100; i++)
		window_zoom_in(&window, &data, true, 1000);
	range = window_range(&window, &data);
	assert_true(range.high - range.low == 4 && range.high <= 1000);
}

/* Smoothing */

static void smoothing_has_no_bias_and_never_changes_the_past(void **state)
{
	struct smooth few = {0}, many = {0};

	(void)state;
	smooth_begin(&few, 0.9);
	smooth_begin(&many, 0.9);
	for (int i = 0; i < 10; i++)
		assert_true(smooth_add(&few, 5));
	for (int i = 0; i < 10; i++)
		assert_true(fabs(few.values[i] - 5) < 1e-12);
	for (int i = 0; i < 1000; i++)
		assert_true(smooth_add(&many, i < 10 ? 5 : i));
	assert_memory_equal(few.values, many.values, 10 * sizeof *few.values);
	smooth_free(&few);
	smooth_free(&many);
}

/* 0.5 * 1 + 0.5 * 3 weighed against the start: (0.25 * 1 + 0.5 * 3) / 0.75. */
static void smoothing_is_the_average_of_its_definition(void **state)
{
	struct smooth smooth = {0};

	(void)state;
	smooth_begin(&smooth, 0.5);
	assert_true(smooth_add(&smooth, 1) && smooth_add(&smooth, 3));
	assert_true(smooth.values[0] == 1 && fabs(smooth.values[1] - 1.75 / 0.75) < 1e-12);
	assert_true(smooth_add(&smooth, NAN) && isnan(smooth.values[2]));
	assert_true(smooth_add(&smooth, 3) && isfinite(smooth.values[3]));
	smooth_begin(&smooth, 0);
	assert_true(smooth_add(&smooth, 7) && smooth_add(&smooth, 2) && smooth.values[1] == 2);
	smooth_free(&smooth);
}

/* Dots */

static void every_set_of_glyphs_tells_its_dots_apart(void **state)
{
	(void)state;
	for (int glyphs = CHART_BRAILLE; glyphs < CHART_ASCII; glyphs++) {
		const uint32_t bits = 1u << (dots_across(glyphs) * dots_down(glyphs));

		assert_int_equal(dots_glyph((enum chart_glyphs)glyphs, 0, 0), ' ');
		for (uint32_t a = 0; a < bits; a++)
			for (uint32_t b = a + 1; b < bits; b++)
				assert_int_not_equal(dots_glyph((enum chart_glyphs)glyphs, a, 0), dots_glyph((enum chart_glyphs)glyphs, b, 0));
	}
	assert_int_equal(dots_glyph(CHART_BRAILLE, 0xFF, 0), 0x28FF);
	assert_int_equal(dots_glyph(CHART_QUADRANT, 1 | 8, 0), 0x259A);
	assert_int_equal(dots_glyph(CHART_HALF, 1, 0), 0x2580);
	assert_int_not_equal(dots_glyph(CHART_ASCII, 7, 1), dots_glyph(CHART_ASCII, 7, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_move_in_steps_of_1_2_or_5),
		cmocka_unit_test(a_range_is_kept_while_the_values_fill_it_well),
		cmocka_unit_test(an_accuracy_that_hardly_moves_looks_flat),
		cmocka_unit_test(a_logarithmic_axis_shows_whole_decades),
		cmocka_unit_test(labels_have_the_decimals_of_their_step),
		cmocka_unit_test(an_end_that_grows_leaves_at_most_a_third_empty_and_seldom_moves),
		cmocka_unit_test(ticks_of_time_are_whole_minutes),
		cmocka_unit_test(the_window_fits_follows_zooms_and_pans),
		cmocka_unit_test(a_window_that_follows_moves_by_ticks),
		cmocka_unit_test(a_window_never_gets_smaller_than_the_least),
		cmocka_unit_test(smoothing_has_no_bias_and_never_changes_the_past),
		cmocka_unit_test(smoothing_is_the_average_of_its_definition),
		cmocka_unit_test(every_set_of_glyphs_tells_its_dots_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
