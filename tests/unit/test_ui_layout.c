/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/terminal/layout.c over every size a terminal may have. */
#include "tests/unit/check.h"

#include "ui/terminal/layout.h"

#define ROWS 300
#define COLUMNS 300
#define COLUMN_STEP 7 /* a prime: all residues of small widths are met */

static bool inside(struct rect inner, struct rect outer)
{
	if (rect_is_empty(inner))
		return inner.rows >= 0 && inner.columns >= 0;
	return inner.y >= outer.y && inner.x >= outer.x && inner.y + inner.rows <= outer.y + outer.rows
	       && inner.x + inner.columns <= outer.x + outer.columns;
}

static bool apart(struct rect a, struct rect b)
{
	return rect_is_empty(a) || rect_is_empty(b) || a.y + a.rows <= b.y || b.y + b.rows <= a.y
	       || a.x + a.columns <= b.x || b.x + b.columns <= a.x;
}

static void check_rects(const struct rect *rects, int count, struct rect outer)
{
	for (int i = 0; i < count; i++) {
		assert_true(inside(rects[i], outer));
		for (int j = 0; j < i; j++)
			assert_true(apart(rects[i], rects[j]));
	}
}

static void over_all_sizes(void (*check)(struct rect body))
{
	for (int rows = 1; rows <= ROWS; rows++) {
		for (int columns = 1; columns <= 100; columns++)
			check((struct rect){1, 2, rows, columns});
		for (int columns = 101; columns <= COLUMNS; columns += COLUMN_STEP)
			check((struct rect){1, 2, rows, columns});
	}
}

static void the_frame_fits_every_size(void **state)
{
	(void)state;
	for (int rows = 0; rows <= ROWS; rows++) {
		for (int columns = 0; columns <= COLUMNS; columns++) {
			const struct layout_frame frame = layout_frame(rows, columns);
			const struct rect rects[] = {frame.tabs, frame.body, frame.message, frame.footer};

			check_rects(rects, 4, (struct rect){0, 0, rows, columns});
			assert_int_equal(frame.too_small, rows < 10 || columns < 40);
			assert_true(frame.too_small || frame.body.rows == rows - 3);
		}
	}
}

static void a_strip_leaves_the_body_what_it_needs(void **state)
{
	(void)state;
	for (int rows = 0; rows <= ROWS; rows++) {
		for (int wanted = 0; wanted <= 10; wanted++) {
			struct layout_frame frame = layout_frame(rows, 80);
			const int whole = frame.body.rows;

			layout_take_strip(&frame, wanted);
			const struct rect rects[] = {frame.tabs, frame.body, frame.strip, frame.message, frame.footer};

			check_rects(rects, 5, (struct rect){0, 0, rows, 80});
			assert_int_equal(frame.body.rows + frame.strip.rows, whole);
			assert_true(frame.strip.rows == 0 || (frame.strip.rows > 1 && frame.body.rows >= LAYOUT_BODY_MIN));
			assert_true(whole < LAYOUT_BODY_MIN + 10 || wanted < 2 || frame.strip.rows == wanted);
		}
	}
}

static void a_terminal_beyond_the_limit_is_used_up_to_it(void **state)
{
	const struct layout_frame frame = layout_frame(65535, 65535);

	(void)state;
	assert_int_equal(frame.body.rows, LAYOUT_SIZE_MAX - 3);
	assert_int_equal(frame.body.columns, LAYOUT_SIZE_MAX);
}

static void check_data(struct rect body)
{
	for (int columns = 0; columns < 40; columns = 3 * columns + 1) {
		for (int others = 0; others < 40; others = 3 * others + 1) {
			const struct layout_data data = layout_data(body, columns, others, 3 * columns % 7);
			const struct rect rects[] = {data.facts, data.columns, data.labels, data.lengths, data.notes};

			check_rects(rects, 5, body);
		}
	}
}

static void check_dialect(struct rect body)
{
	for (int fields = 1; fields < 20; fields += 4) {
		const struct layout_dialect dialect = layout_dialect(body, fields);
		const struct rect rects[] = {dialect.title, dialect.fields, dialect.help, dialect.told, dialect.preview};

		check_rects(rects, 5, body);
	}
}

static void the_form_of_a_dialect_fits_every_size_and_its_preview_gives_way(void **state)
{
	const struct layout_frame small = layout_frame(LAYOUT_ROWS_MIN, LAYOUT_COLUMNS_MIN), usual = layout_frame(24, 80);

	(void)state;
	over_all_sizes(check_dialect);
	assert_int_equal(layout_dialect(usual.body, 9).fields.rows, 9);
	assert_true(layout_dialect(usual.body, 9).preview.rows >= 6);
	assert_true(layout_dialect(small.body, 9).fields.rows >= 3);
	assert_true(layout_dialect(small.body, 9).told.rows == 1 && layout_dialect(small.body, 9).help.rows == 1);
}

static void the_data_screen_fits_every_size(void **state)
{
	(void)state;
	over_all_sizes(check_data);
}

static void notes_have_what_rows_the_labels_and_lengths_leave(void **state)
{
	const struct layout_frame small = layout_frame(12, 40), usual = layout_frame(24, 80);

	(void)state;
	assert_int_equal(layout_data(usual.body, 3, 2, 3).notes.rows, 4);
	assert_int_equal(layout_data(usual.body, 3, 2, 9).notes.rows, 4);
	assert_int_equal(layout_data(usual.body, 3, 2, 0).notes.rows, 0);
	assert_int_equal(layout_data(usual.body, 3, 20, 3).notes.rows, 0);
	assert_int_equal(layout_data(small.body, 3, 2, 3).notes.rows, 0);
}

static void check_reviews(struct rect body)
{
	for (int labels = 0; labels < 100; labels = 5 * labels + 1) {
		for (int whole = 0; whole < 2; whole++) {
			const struct layout_reviews reviews = layout_reviews(body, labels, whole);
			const struct rect rects[] = {reviews.summary, reviews.header, reviews.table, reviews.rule, reviews.scores,
			                             reviews.text};

			check_rects(rects, 5, body);
		}
	}
}

static void the_reviews_screen_fits_every_size(void **state)
{
	(void)state;
	over_all_sizes(check_reviews);
}

static void at_80x24_reviews_show_ten_rows_and_text(void **state)
{
	const struct layout_frame frame = layout_frame(24, 80);
	const struct layout_reviews reviews = layout_reviews(frame.body, 2, false);

	(void)state;
	assert_true(reviews.table.rows >= 10);
	assert_true(reviews.text.rows >= 4);
	assert_int_equal(reviews.scores.rows, 2);
}

static void check_train(struct rect body)
{
	const struct layout_form form = layout_form(body);
	const struct rect fields[] = {form.title, form.fields, form.help, form.estimate};

	check_rects(fields, 4, body);
	for (int count = 0; count <= 12; count++) {
		const struct layout_run run = layout_run(body, count);
		struct rect rects[LAYOUT_CHARTS + 2] = {run.summary, run.event};

		assert_true(run.shown <= LAYOUT_CHARTS && run.shown <= count && (run.shown > 0 || count == 0));
		memcpy(&rects[2], run.charts, (size_t)run.shown * sizeof *rects);
		check_rects(rects, run.shown + 2, body);
	}
}

static void the_train_screen_fits_every_size(void **state)
{
	(void)state;
	over_all_sizes(check_train);
}

static void at_80x24_four_charts_are_shown_and_on_a_large_screen_all(void **state)
{
	const struct layout_run run = layout_run(layout_frame(24, 80).body, 7);

	(void)state;
	assert_int_equal(run.shown, 4);
	for (int i = 0; i < run.shown; i++)
		assert_true(run.charts[i].rows >= 7 && run.charts[i].columns >= 36);
	assert_int_equal(layout_run(layout_frame(60, 200).body, 7).shown, 7);
	assert_int_equal(layout_run(layout_frame(24, 80).body, 1).charts[0].columns, 80);
}

static void check_score(struct rect body)
{
	for (int labels = 0; labels < 100; labels = 5 * labels + 1) {
		const struct layout_score score = layout_score(body, labels);
		const struct rect rects[] = {score.title, score.text, score.facts, score.bars, score.rule, score.list};

		check_rects(rects, 6, body);
	}
}

static void the_score_screen_fits_every_size(void **state)
{
	(void)state;
	over_all_sizes(check_score);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_frame_fits_every_size),
		cmocka_unit_test(a_strip_leaves_the_body_what_it_needs),
		cmocka_unit_test(a_terminal_beyond_the_limit_is_used_up_to_it),
		cmocka_unit_test(the_data_screen_fits_every_size),
		cmocka_unit_test(the_form_of_a_dialect_fits_every_size_and_its_preview_gives_way),
		cmocka_unit_test(notes_have_what_rows_the_labels_and_lengths_leave),
		cmocka_unit_test(the_reviews_screen_fits_every_size),
		cmocka_unit_test(at_80x24_reviews_show_ten_rows_and_text),
		cmocka_unit_test(the_train_screen_fits_every_size),
		cmocka_unit_test(at_80x24_four_charts_are_shown_and_on_a_large_screen_all),
		cmocka_unit_test(the_score_screen_fits_every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
