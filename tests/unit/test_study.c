/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/study: which trial trains next, the trials that are drawn from a space, the spread of results, and study.json, also
 * one from a stranger. That whole studies go on after kills, tests/cli/test_search.sh shows. */
#include "tests/unit/check.h"

#include "engine/rate_finder.h"
#include "engine/study/halving.h"
#include "engine/study/plan.h"
#include "engine/study/results.h"

#include <math.h>
#include <unistd.h>

static char folder[256];

static int setup(void **state)
{
	(void)state;
	check_folder(folder, sizeof folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	check_folder_remove(folder);
	return 0;
}

static const char *put(const char *name, const char *text)
{
	static char path[400];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return path;
}

/* Halving */

static void rungs_are_as_many_as_the_trials_fill(void **state)
{
	const struct halving nine = halving_plan(9, 3), eight = halving_plan(8, 3), many = halving_plan(1000, 2);

	(void)state;
	assert_int_equal(nine.rungs, 3);
	assert_int_equal(eight.rungs, 2);
	assert_int_equal(many.rungs, STUDY_RUNGS_MAX);
	assert_int_equal(halving_plan(9, 1).rungs, 1);
	assert_int_equal(halving_plan(1, 3).rungs, 1);
	assert_true(halving_share(&nine, 0) == 1.0 / 9 && halving_share(&nine, 1) == 1.0 / 3 && halving_share(&nine, 2) == 1);
	assert_int_equal(halving_places(&nine, 0), 9);
	assert_int_equal(halving_places(&nine, 1), 3);
	assert_int_equal(halving_places(&nine, 2), 1);
	assert_int_equal(halving_places(&many, 3), 125);
}

/* Plays a study in which the objective of trial i is quality[i] at every rung; trial 2 fails. Returns who trained, in order. */
static int play(struct halving halving, const double *quality, bool greater, int failing, int *order)
{
	struct halving_trial trials[16] = {0};
	int room[16], rung, next, count = 0;

	while ((next = halving_next(&halving, trials, greater, room, &rung)) >= 0) {
		assert_in_range(count, 0, 40);
		assert_int_equal(trials[next].reached, rung);
		order[count++] = next;
		trials[next].failed = next == failing;
		trials[next].objective[rung] = quality[next];
		trials[next].reached += next != failing;
	}
	return count;
}

static void the_best_go_on_in_the_order_of_their_numbers(void **state)
{
	static const double quality[] = {0.5, 0.9, 0.6, 0.1, (double)NAN, 0.7, 0.7, 0.2, 0.3};
	static const int expected[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 5, 6, 1}; /* of equal ones both are among three */
	static const int least[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 3, 7, 8, 3};
	int order[40];

	(void)state;
	assert_int_equal(play(halving_plan(9, 3), quality, true, -1, order), 13);
	assert_memory_equal(order, expected, sizeof expected);
	assert_int_equal(play(halving_plan(9, 3), quality, false, -1, order), 13);
	assert_memory_equal(order, least, sizeof least);
}

static void one_that_fails_is_out_and_never_begun_again(void **state)
{
	static const double quality[] = {0.5, 0.9, 0.6};
	int order[40];

	(void)state;
	assert_int_equal(play(halving_plan(3, 3), quality, true, 1, order), 4);
	assert_int_equal(order[3], 2);
	assert_int_equal(play(halving_plan(3, 1), quality, true, 1, order), 3);
}

/* The space */

static int draw(const char *text, int most, struct settings *out, struct error *error)
{
	struct train_options *options = calloc(1, sizeof *options);
	int count;

	train_options_init(options);
	count = space_draw(put("space.json", text), options, most, 42, out, error);
	free(options);
	return count;
}

static void lists_alone_are_tried_in_all_combinations(void **state)
{
	struct settings out[6];
	struct error error = {0};

	(void)state;
	assert_int_equal(draw("{\"seed\": [1, 2], \"optim\": [\"sgd\", \"lion\", \"adafactor\"], \"bf16\": false}", 6, out, &error), 6);
	assert_string_equal(out[0].list[0].value, "1");
	assert_string_equal(out[0].list[1].value, "sgd");
	assert_string_equal(out[5].list[0].value, "2");
	assert_string_equal(out[5].list[1].value, "adafactor");
	assert_string_equal(out[5].list[2].value, "false");
}

static void draws_lie_between_their_bounds_and_are_different(void **state)
{
	struct settings out[40], again[40];
	struct error error = {0};
	int low = 0;

	(void)state;
	assert_int_equal(draw("{\"learning_rate\": {\"min\": 1e-6, \"max\": 1e-2, \"log\": true}, \"max-length\": {\"min\": 16, "
	                      "\"max\": 18}}", 40, out, &error), 40);
	assert_int_equal(draw("{\"learning_rate\": {\"min\": 1e-6, \"max\": 1e-2, \"log\": true}, \"max-length\": {\"min\": 16, "
	                      "\"max\": 18}}", 40, again, &error), 40);
	for (int i = 0; i < 40; i++) {
		const double rate = strtod(out[i].list[0].value, NULL);
		const long length = strtol(out[i].list[1].value, NULL, 10);

		assert_string_equal(out[i].list[0].value, again[i].list[0].value);
		assert_true(rate >= 1e-6 && rate <= 1e-2);
		assert_in_range(length, 16, 18);
		low += rate < 1e-4;
	}
	assert_in_range(low, 12, 28); /* half of them by the logarithm; evenly it were one in a hundred */
	assert_int_equal(draw("{\"num_train_epochs\": [1, 2, 3], \"seed\": {\"min\": 1, \"max\": 2}}", 40, out, &error), 6);
}

static void a_space_that_cannot_be_is_refused_by_name(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"[]", "a space is an object"},
		{"{}", "a space is an object"},
		{"{\"learning_rte\": [1]}", "did you mean \"learning-rate\"?"},
		{"{\"learning_rate\": []}", "has an empty list"},
		{"{\"learning_rate\": [50]}", "--learning-rate"},
		{"{\"learning_rate\": {\"min\": 1}}", "needs a list of values"},
		{"{\"learning_rate\": {\"min\": 2, \"max\": 1}}", "needs a list of values"},
		{"{\"learning_rate\": {\"min\": 0, \"max\": 1, \"log\": true}}", "is above 0"},
		{"{\"learning_rate\": {\"min\": 0, \"max\": 100}}", "--learning-rate"},
		{"{\"optim\": {\"min\": 0, \"max\": 100}}", "is no number"},
		{"{\"seed\": [[1]]}", "has a value that is no number"},
		{"{\"seed\": [1], \"Seed\": [2]}", "no option"},
		{"{\"max_length\": [8], \"max-length\": [9]}", "stands there twice"},
		{"{\"load_best_model_at_end\": [true], \"save_strategy\": [\"steps\"]}", "--save-strategy"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings out[4];
		struct error error = {0};

		assert_int_equal(draw(cases[i].text, 4, out, &error), 0);
		assert_int_equal(error.kind, ERROR_USAGE);
		if (!strstr(error.text, cases[i].said) || !strstr(error.text, "space.json"))
			fail_msg("%s: %s", cases[i].text, error.text);
	}
}

/* Results */

static void the_spread_is_that_of_a_sample(void **state)
{
	struct study_trial trials[] = {{.state = STUDY_FINISHED, .accuracy = 0.7}, {.state = STUDY_FINISHED, .accuracy = 0.8},
	                               {.state = STUDY_FAILED, .accuracy = 0.1}, {.state = STUDY_FINISHED, .accuracy = 0.9},
	                               {.state = STUDY_FINISHED, .accuracy = (double)NAN}};
	struct study_spread spread = results_spread(trials, 5, STUDY_ACCURACY);

	(void)state;
	assert_int_equal(spread.count, 3);
	assert_true(fabs(spread.mean - 0.8) < 1e-12);
	assert_true(fabs(spread.deviation - 0.1) < 1e-12);
	assert_true(isnan(results_spread(trials, 1, STUDY_ACCURACY).deviation));
	assert_true(isnan(results_spread(trials + 2, 1, STUDY_ACCURACY).mean));
	assert_int_equal(results_best(trials, 5, false, true), 3);
	assert_int_equal(results_best(trials, 5, false, false), 0);
	assert_int_equal(results_best(trials + 2, 1, false, true), -1);
}

/* The range test */

#define POINTS 100

/* Rates from 1e-6 to 1e-1; the loss falls from `falls` on, rises from `rises` on, and scatters. */
static void make_curve(struct run_point *points, double falls, double rises, double scatter)
{
	unsigned seed = 3;

	for (int i = 0; i < POINTS; i++) {
		const double rate = 1e-6 * pow(1e5, (double)i / (POINTS - 1));
		double loss = 0.7;

		if (rate > falls)
			loss -= 0.2 * log10(fmin(rate, rises) / falls);
		if (rate > rises)
			loss += 3 * pow(rate / rises - 1, 2);
		seed = seed * 1103515245u + 12345u;
		loss += scatter * ((double)(seed >> 16 & 1023) / 511.5 - 1);
		points[i] = (struct run_point){.step = (uint64_t)i + 1, .learning_rate = rate, .loss = loss};
	}
}

static void read_curve(const struct run_point *points, struct rate_finding *out)
{
	double *smoothed = rate_finder_smooth(points, POINTS);

	assert_non_null(smoothed);
	rate_finder_read(points, smoothed, POINTS, out);
	free(smoothed);
}

static void the_rate_is_a_tenth_of_where_the_loss_is_least(void **state)
{
	struct run_point points[POINTS];
	struct rate_finding finding;

	(void)state;
	make_curve(points, 1e-5, 3e-3, 0.02);
	read_curve(points, &finding);
	assert_true(finding.least > 2e-3 && finding.least < 8e-3);
	assert_true(finding.suggestion == finding.least / 10);
	assert_true(finding.steepest > 1e-5 && finding.steepest < 4e-3);
	assert_true(finding.apart > 4e-3 && finding.apart < 5e-2);
	points[60].loss = (double)NAN;
	read_curve(points, &finding);
	assert_int_equal(finding.used, 60);
	assert_true(finding.apart == points[60].learning_rate);
}

static void a_loss_that_only_scatters_suggests_nothing(void **state)
{
	struct run_point points[POINTS];
	struct rate_finding finding;

	(void)state;
	make_curve(points, 1, 1, 0.2);
	read_curve(points, &finding);
	assert_true(isnan(finding.suggestion) && isnan(finding.least) && isnan(finding.apart));
	assert_int_equal(finding.used, POINTS);
}

/* study.json */

static void make_plan(struct plan *plan, const char *seeds)
{
	struct train_options *options = calloc(1, sizeof *options);
	struct error error = {0};
	struct study_request request = {.kind = STUDY_SEEDS, .data = put("data.csv", "text,label\n"), .model = folder,
	                                .options = options, .seeds = seeds};

	train_options_init(options);
	assert_true(plan_make(plan, &request, &error));
	free(options);
}

static void a_plan_reads_back_as_it_was_written(void **state)
{
	struct plan plan, other, back;
	struct error error = {0};

	(void)state;
	make_plan(&plan, "3,1,4294967295");
	make_plan(&other, "3,1,2");
	assert_true(plan_write(&plan, folder, &error));
	assert_true(plan_read(&back, folder, &error));
	assert_true(plan_is_same(&plan, &back));
	assert_false(plan_is_same(&other, &back));
	assert_string_equal(back.trials[2].name, "seed-4294967295");
	back.options.learning_rate = 1;
	assert_false(plan_is_same(&plan, &back));
	assert_int_equal(back.options.split_seed, 42); /* all are measured on the same rows */
	plan_free(&plan);
	plan_free(&other);
	plan_free(&back);
}

static void a_study_from_a_stranger_is_refused(void **state)
{
	static const char *const files[] = {
		"", "[]", "{}", "{\"study\": \"seeds\"}",
		"{\"study\": \"seeds\", \"data\": \"a\", \"model\": \"b\", \"objective\": \"\", \"reduction\": 1, \"options\": {}, \"trials\": []}",
		"{\"study\": \"seeds\", \"data\": \"a\", \"model\": \"b\", \"objective\": \"\", \"reduction\": 1, \"options\": {}, \"trials\": "
		"[{\"name\": \"../../etc\", \"settings\": {}}]}",
		"{\"study\": \"seeds\", \"data\": \"a\", \"model\": \"b\", \"objective\": \"\", \"reduction\": 0, \"options\": {}, \"trials\": "
		"[{\"name\": \"a\", \"settings\": {}}]}",
		"{\"study\": \"seeds\", \"data\": \"a\", \"model\": \"b\", \"objective\": \"\", \"reduction\": 1, \"options\": {}, \"trials\": "
		"[{\"name\": \"a\", \"settings\": {\"learning_rate\": \"99\"}}]}",
		"{\"study\": \"seeds\", \"data\": \"a\", \"model\": \"b\", \"objective\": \"\", \"reduction\": 1, \"options\": "
		"{\"learning_rate\": 99}, \"trials\": [{\"name\": \"a\", \"settings\": {}}]}",
		"{\"study\": \"tea\", \"data\": \"a\", \"model\": \"b\", \"objective\": \"\", \"reduction\": 1, \"options\": {}, \"trials\": "
		"[{\"name\": \"a\", \"settings\": {}}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct error error = {0};
		struct plan plan;

		put("study.json", files[i]);
		if (plan_read(&plan, folder, &error))
			fail_msg("read: %s", files[i]);
		assert_int_equal(error.kind, ERROR_DATA);
		assert_non_null(strstr(error.text, "study.json"));
		plan_free(&plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rungs_are_as_many_as_the_trials_fill),
		cmocka_unit_test(the_best_go_on_in_the_order_of_their_numbers),
		cmocka_unit_test(one_that_fails_is_out_and_never_begun_again),
		cmocka_unit_test_setup_teardown(lists_alone_are_tried_in_all_combinations, setup, teardown),
		cmocka_unit_test_setup_teardown(draws_lie_between_their_bounds_and_are_different, setup, teardown),
		cmocka_unit_test_setup_teardown(a_space_that_cannot_be_is_refused_by_name, setup, teardown),
		cmocka_unit_test(the_spread_is_that_of_a_sample),
		cmocka_unit_test(the_rate_is_a_tenth_of_where_the_loss_is_least),
		cmocka_unit_test(a_loss_that_only_scatters_suggests_nothing),
		cmocka_unit_test_setup_teardown(a_plan_reads_back_as_it_was_written, setup, teardown),
		cmocka_unit_test_setup_teardown(a_study_from_a_stranger_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests_name("study", tests, NULL, NULL);
}
