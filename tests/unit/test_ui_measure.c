/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/charts/measure.c, ui/charts/run_marks.c, ui/charts/run_charts.c and ui/charts/crosshair.c: what charts show of a run, without a terminal. */
#include "tests/unit/check.h"

#include "ui/charts/crosshair.h"

#include <sys/stat.h>

#define STEPS 1000

struct folder {
	char path[256];
	struct run *run;
};

static FILE *open_file(const struct folder *folder, const char *name)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	file = fopen(path, "w");
	assert_non_null(file);
	return file;
}

/* The rate falls in a line, but for one jump after step 600; step 300 has no loss; evaluations every 250 steps. */
static void write_log(FILE *log)
{
	for (int step = 0; step <= STEPS; step++) {
		const double rate = (step <= 600 ? 2e-4 : 1e-4) * (1 - step / 2e3);

		if (step > 0)
			fprintf(log, "{\"type\":\"step\",\"step\":%d,\"epoch\":%g,\"time\":%g,\"loss\":%s,\"learning_rate\":%.17g,"
			        "\"grad_norm\":%d,\"tokens_per_second\":900}\n", step, step / 500.0, step / 4.0,
			        step == 300 ? "null" : step % 2 ? "1.5" : "0.5", rate, step % 7);
		if (step % 250 == 0)
			fprintf(log, "{\"type\":\"evaluation\",\"step\":%d,\"epoch\":%g,\"time\":%g,\"loss\":%g,\"accuracy\":%g,"
			        "\"f1\":0.5}\n", step, step / 500.0, step / 4.0, 1 - step / 2e3, 0.5 + step / 4e3);
		if (step == 500)
			fputs("{\"type\":\"event\",\"step\":510,\"time\":127,\"state\":\"note\",\"text\":\"checkpoint-000500 written\"}\n"
			      "{\"type\":\"event\",\"step\":510,\"time\":127,\"state\":\"running\",\"text\":\"goes on from checkpoint-000500\"}\n",
			      log);
	}
	fprintf(log, "{\"type\":\"event\",\"step\":%d,\"time\":250,\"state\":\"finished\",\"text\":\"finished early after step %d, as "
	        "eval_loss did not improve in 2 evaluations: the model is in r/model\"}\n", STEPS, STEPS);
}

static int make_run(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);
	struct error error = {0};
	FILE *file;

	check_folder(folder->path, sizeof folder->path);
	file = open_file(folder, "run.json");
	fprintf(file, "{\"format\": 1, \"data\": {\"path\": \"a\"}, \"model\": {\"path\": \"b\"}, \"validation\": {\"path\": \"\"},"
	        " \"options\": {}, \"labels\": [\"x\", \"y\"], \"steps\": %d, \"steps_per_epoch\": 500, \"held_out\": 9}", STEPS);
	assert_int_equal(fclose(file), 0);
	file = open_file(folder, "metrics.jsonl");
	write_log(file);
	assert_int_equal(fclose(file), 0);
	folder->run = run_open(folder->path, &error);
	assert_non_null(folder->run);
	*state = folder;
	return 0;
}

static int remove_run(void **state)
{
	struct folder *folder = *state;

	run_close(folder->run);
	check_folder_remove(folder->path);
	free(folder);
	return 0;
}

static void a_metric_stands_against_steps_epochs_and_time(void **state)
{
	const struct folder *folder = *state;
	struct curve curve = {folder->run, MEASURE_LOSS, MEASURE_AGAINST_STEP, false, 0};
	double x;

	assert_int_equal(curve_count(&curve), STEPS);
	assert_true(curve_at(&curve, 9, &x) == 0.5 && x == 10);
	curve.axis = MEASURE_AGAINST_EPOCH;
	assert_true(curve_at(&curve, 499, &x) == 0.5 && x == 1);
	curve.axis = MEASURE_AGAINST_TIME;
	assert_true(curve_at(&curve, 499, &x) == 0.5 && x == 125);
	assert_false(curve_is_scattered(&curve));
	curve.evaluated = true;
	assert_int_equal(curve_count(&curve), 5);
	assert_true(curve_at(&curve, 0, &x) == 1 && x == 0);
	assert_int_equal(curve_find(&curve, 600), 2);
	assert_int_equal(curve_step(&curve, 2), 500);
}

static void any_metric_stands_against_any_other(void **state)
{
	const struct folder *folder = *state;
	struct curve curve = {folder->run, MEASURE_GRAD_NORM, MEASURE_LEARNING_RATE, false, 0};
	double x;

	assert_true(curve_is_scattered(&curve));
	assert_int_equal(curve_count(&curve), STEPS);
	assert_true(curve_at(&curve, 9, &x) == 3 && x == 2e-4 * (1 - 10 / 2e3));
	/* What is measured at steps against what is measured at evaluations: at these. */
	curve.axis = MEASURE_ACCURACY;
	assert_int_equal(curve_count(&curve), 5);
	assert_true(isnan(curve_at(&curve, 0, &x)) && x == 0.5);
	assert_true(curve_at(&curve, 1, &x) == 250 % 7 && x == 0.5 + 250 / 4e3);
}

static void names_find_metrics_and_axes(void **state)
{
	(void)state;
	assert_int_equal(measure_find("grad"), MEASURE_GRAD_NORM);
	assert_int_equal(measure_find("Gradient n"), MEASURE_GRAD_NORM);
	assert_int_equal(measure_find("tokens/s"), MEASURE_SPEED);
	assert_int_equal(measure_find(""), -1);
	assert_int_equal(measure_axis_find("time"), MEASURE_AGAINST_TIME);
	assert_int_equal(measure_axis_find("loss"), MEASURE_LOSS);
	assert_int_equal(measure_axis_find("colour"), -1);
}

static size_t count_marks(const struct run_marks *marks, enum run_mark_kind kind, uint64_t step)
{
	size_t count = 0;

	for (size_t i = 0; i < marks->count; i++)
		if (marks->marks[i].kind == kind) {
			assert_int_equal(marks->marks[i].step, step);
			count++;
		}
	return count;
}

static void marks_tell_what_happened_and_when(void **state)
{
	const struct folder *folder = *state;
	struct run_marks marks = {0};

	run_marks_update(&marks, folder->run);
	run_marks_update(&marks, folder->run);
	assert_int_equal(count_marks(&marks, RUN_MARK_BAD, 300), 1);
	assert_int_equal(count_marks(&marks, RUN_MARK_CHECKPOINT, 500), 1);
	assert_int_equal(count_marks(&marks, RUN_MARK_RESUME, 500), 1);
	assert_int_equal(count_marks(&marks, RUN_MARK_RATE, 601), 1);
	assert_int_equal(count_marks(&marks, RUN_MARK_EARLY, STEPS), 1);
	run_marks_free(&marks);
}

/* As they are drawn: 50 columns of cells, 100 of dots. */
static void draw_loss(struct run_charts *charts, const struct run *run)
{
	const struct window_data data = run_charts_extent(charts, run);
	struct chart *chart = &charts->charts[MEASURE_LOSS];
	struct chart_cell cells[10 * 50];
	struct chart_frame frame;

	run_charts_frame(charts, run, MEASURE_LOSS, &frame);
	run_charts_set_x(charts, chart, &frame, window_range(&charts->window, &data));
	chart->glyphs = CHART_BRAILLE;
	assert_true(chart_draw(chart, frame.sources, 10, 50, cells));
}

static void the_crosshair_reads_exact_values_of_a_column(void **state)
{
	const struct folder *folder = *state;
	struct run_charts charts;
	char text[300];

	run_charts_init(&charts);
	draw_loss(&charts, folder->run);
	run_marks_update(&charts.marks, folder->run);
	assert_true(crosshair_go(&charts, folder->run, 500));
	crosshair_format(&charts, folder->run, 0, text, sizeof text);
	assert_non_null(strstr(text, "step 500  loss 0.5  smoothed 0.97"));
	assert_non_null(strstr(text, "  0.5 to 1.5 of 1"));
	assert_non_null(strstr(text, "valid 0.75 at 500  checkpoint  resumed"));
	assert_true(crosshair_move(&charts, folder->run, 1));
	assert_true(charts.cross > 500 && charts.cross <= 520);
	while (crosshair_move(&charts, folder->run, 1))
		;
	assert_int_equal(charts.cross, STEPS);
	run_charts_free(&charts);
}

static void the_crosshair_stays_in_sight_of_a_part(void **state)
{
	const struct folder *folder = *state;
	struct run_charts charts;
	struct window_range range;
	struct window_data data;

	run_charts_init(&charts);
	charts.window = (struct window){.mode = WINDOW_FIXED, .low = 100, .high = 200};
	draw_loss(&charts, folder->run);
	assert_true(crosshair_go(&charts, folder->run, 700));
	data = run_charts_extent(&charts, folder->run);
	range = window_range(&charts.window, &data);
	assert_true(range.high - range.low == 100 && range.low <= 700 && range.high >= 700);
	run_charts_free(&charts);
}

static void figures_in_words_move_once_a_second(void **state)
{
	const struct folder *folder = *state;
	struct run_charts charts;

	run_charts_init(&charts);
	run_charts_settle(&charts, folder->run, 10, false);
	assert_int_equal(run_charts_point(&charts, folder->run)->step, STEPS);
	charts.told = 500;
	assert_int_equal(run_charts_point(&charts, folder->run)->step, 500);
	assert_false(run_charts_is_late(&charts, folder->run, 10.5));
	assert_true(run_charts_is_late(&charts, folder->run, 11));
	run_charts_settle(&charts, folder->run, 11, false);
	assert_int_equal(charts.told, STEPS);
	run_charts_free(&charts);
}

#define WITH_RUN(test) cmocka_unit_test_setup_teardown(test, make_run, remove_run)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RUN(a_metric_stands_against_steps_epochs_and_time),
		WITH_RUN(any_metric_stands_against_any_other),
		cmocka_unit_test(names_find_metrics_and_axes),
		WITH_RUN(marks_tell_what_happened_and_when),
		WITH_RUN(the_crosshair_reads_exact_values_of_a_column),
		WITH_RUN(the_crosshair_stays_in_sight_of_a_part),
		WITH_RUN(figures_in_words_move_once_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
