/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures of predictions, against what tests/golden/make_metrics.py stored of scikit-learn's, and what the formulas say where
 * that has none. */
#include "tests/unit/check.h"

#include "engine/insight.h"

#include <string.h>

enum { SETS = 200, ROWS_MAX = 64, LABELS_MAX_HERE = 8, SAMPLES = 50, SEED = 7 };

/* One set of predictions, as make_metrics.py makes it. */
struct set {
	int number, twist;
	int32_t labels;
	size_t rows;
	int32_t truths[ROWS_MAX], predictions[ROWS_MAX], others[ROWS_MAX];
	uint8_t targets[ROWS_MAX * LABELS_MAX_HERE];
	double scores[ROWS_MAX * LABELS_MAX_HERE];
	float logits[ROWS_MAX * LABELS_MAX_HERE];
	uint32_t state;
};

static int draw(struct set *set, int below)
{
	set->state = set->state * 1664525u + 1013904223u;
	return (int)(set->state >> 16) % below;
}

static int32_t highest(const int *weights, int32_t labels)
{
	int32_t best = 0;

	for (int32_t i = 1; i < labels; i++)
		best = weights[i] > weights[best] ? i : best;
	return best;
}

static void make_single(struct set *set)
{
	int most = set->twist == 5 ? 3 : 1000;

	for (size_t r = 0; r < set->rows; r++) {
		int32_t truth = draw(set, set->twist == 6 ? (set->labels + 1) / 2 : set->labels);
		int weights[LABELS_MAX_HERE], sum = 0;
		if (set->twist == 4)
			truth = set->number % set->labels;
		for (int32_t i = 0; i < set->labels; i++)
			weights[i] = 1 + draw(set, most);
		weights[truth] += set->twist == 7 ? 5000 : draw(set, most);
		set->truths[r] = truth;
		set->predictions[r] = set->others[r] = highest(weights, set->labels);
		if (draw(set, 4) == 0)
			set->others[r] = draw(set, set->labels);
		for (int32_t i = 0; i < set->labels; i++)
			sum += weights[i];
		for (int32_t i = 0; i < set->labels; i++) {
			set->scores[r * (size_t)set->labels + (size_t)i] = (double)weights[i] / sum;
			set->logits[r * (size_t)set->labels + (size_t)i] = (float)weights[i] * 0x1p-7f;
		}
	}
}

static int draw_target(struct set *set, int32_t label)
{
	int drawn = draw(set, 3) == 0;

	if (set->twist == 4)
		return label == 1;
	if (set->twist == 6 && label >= set->labels / 2)
		return 0;
	return set->twist == 7 && set->number % 2 ? 0 : drawn;
}

static void make_multi(struct set *set)
{
	int most = set->twist == 5 ? 3 : 1000, whole = 2 * most + 1;

	for (size_t i = 0; i < set->rows * (size_t)set->labels; i++) {
		int target = draw_target(set, (int32_t)(i % (size_t)set->labels)), weight = 1 + draw(set, most);
		weight += target ? draw(set, most) : 0;
		set->targets[i] = (uint8_t)target;
		set->scores[i] = (double)weight / whole;
		set->logits[i] = (float)(weight - whole / 2) * 0x1p-7f;
	}
}

static void make(struct set *set, int number)
{
	*set = (struct set){.number = number, .twist = number / 5 % 8, .state = (uint32_t)number * 7919u + 1};
	set->rows = 5 + (size_t)draw(set, 60);
	if (number % 5 == 4) {
		set->labels = 2 + draw(set, 6);
		make_multi(set);
	} else {
		set->labels = number % 5 < 2 ? 2 : 3 + draw(set, 6);
		make_single(set);
	}
}

/* The figures of one line, taken one after the other. */
struct line {
	int set;
	char *rest;
	int at;
};

static double next(struct line *line)
{
	char *end;
	double value = strtod(line->rest, &end);

	assert_ptr_not_equal(end, line->rest);
	line->rest = end;
	line->at++;
	return value;
}

static void same(struct line *line, double value)
{
	double expected = next(line);

	if (isnan(expected) ? !isnan(value) : !(fabs(value - expected) <= 1e-9))
		fail_msg("set %d, figure %d: %.12g where scikit-learn has %.12g", line->set, line->at, value, expected);
}

static void same_averages(struct line *line, struct averages averages)
{
	same(line, averages.precision);
	same(line, averages.recall);
	same(line, averages.f1);
}

static void same_interval(struct line *line, struct interval interval)
{
	same(line, interval.low);
	same(line, interval.high);
}

static void same_ranking(struct line *line, const struct scored_rows *rows)
{
	struct ranking ranking;
	struct error error = {0};

	assert_true(ranking_figures(rows, &ranking, &error));
	same(line, ranking.roc_auc);
	same(line, ranking.roc_auc_weighted);
	same(line, ranking.average_precision);
	same(line, ranking.average_precision_weighted);
}

static double loss_at(const struct set *set, const struct scored_rows *rows, double temperature)
{
	double scores[ROWS_MAX * LABELS_MAX_HERE];
	struct scored_rows scored = *rows;

	for (size_t r = 0; r < set->rows; r++)
		probabilities_of(scores + r * (size_t)set->labels, set->logits + r * (size_t)set->labels, set->labels,
		                 rows->targets != NULL, temperature);
	scored.scores = scores;
	return log_loss(&scored);
}

/* The least loss may be had over a wide range; the place of a minimum is known to half the digits of its height. */
static void same_temperature(struct line *line, const struct set *set, const struct scored_rows *rows)
{
	double expected = next(line), found = temperature_fit(set->logits, set->rows, set->labels, rows->truths, rows->targets);

	assert_true(found >= TEMPERATURE_MIN && found <= TEMPERATURE_MAX);
	if (fabs(found - expected) > 1e-6 * expected && loss_at(set, rows, found) > loss_at(set, rows, expected) + 1e-12)
		fail_msg("set %d: temperature %.12g, scipy %.12g", set->number, found, expected);
}

static void same_best_f1(struct line *line, const struct scored_rows *rows, int32_t label)
{
	struct threshold threshold;
	struct error error = {0};

	assert_true(threshold_best_f1(rows, label, &threshold, &error));
	assert_true(threshold.value >= 0 && threshold.value <= 1);
	same(line, threshold.f1);
}

static void same_counts(struct line *line, const struct set *set)
{
	struct error error = {0};
	struct tally tally;

	assert_true(tally_init(&tally, set->labels, &error));
	for (size_t r = 0; r < set->rows; r++)
		tally_add(&tally, set->truths[r], set->predictions[r]);
	same(line, tally_accuracy(&tally));
	same(line, tally_balanced_accuracy(&tally));
	same_averages(line, tally_macro(&tally));
	same_averages(line, tally_weighted(&tally));
	same_averages(line, tally_label(&tally, 1));
	same(line, tally_matthews(&tally));
	same(line, tally_kappa(&tally));
	same(line, tally_quadratic_kappa(&tally));
	assert_true(tally_micro(&tally).f1 == tally_accuracy(&tally));
	tally_free(&tally);
}

static void same_intervals(struct line *line, const struct set *set)
{
	const struct predictions a = {set->rows, set->labels, set->truths, set->predictions, NULL, NULL};
	const struct predictions b = {set->rows, set->labels, set->truths, set->others, NULL, NULL};
	struct bootstrap_difference difference;
	struct error error = {0};
	struct bootstrap bootstrap;
	struct mcnemar mcnemar = mcnemar_test(&a, &b);

	same_interval(line, interval_wilson(mcnemar.both_right + mcnemar.only_a, set->rows));
	assert_true(bootstrap_figures(&a, SAMPLES, SEED, &bootstrap, &error));
	same_interval(line, bootstrap.accuracy);
	same_interval(line, bootstrap.f1);
	same(line, mcnemar.exact);
	same(line, mcnemar.chi2_p);
	assert_true(bootstrap_difference(&a, &b, SAMPLES, SEED, &difference, &error));
	same_interval(line, difference.accuracy);
}

static void check_single(struct line *line, const struct set *set)
{
	const struct scored_rows rows = {set->rows, set->labels, set->truths, NULL, set->scores};
	struct threshold threshold;
	struct error error = {0};

	same_counts(line, set);
	same_ranking(line, &rows);
	same(line, log_loss(&rows));
	same(line, brier_score(&rows));
	same(line, calibration_error(&rows));
	same(line, calibration_error_by_chance(&rows));
	same_temperature(line, set, &rows);
	same_best_f1(line, &rows, 1);
	assert_true(threshold_least_cost(&rows, 1, 3, 1, &threshold, &error));
	same(line, threshold.cost);
	same_intervals(line, set);
}

static void same_sets(struct line *line, const struct set *set)
{
	struct averages samples = {0};
	struct error error = {0};
	struct tally tally;
	double exact = 0, rows = (double)set->rows;

	assert_true(tally_init(&tally, set->labels, &error));
	tally.independent = true;
	for (size_t r = 0; r < set->rows; r++) {
		float targets[LABELS_MAX_HERE];
		bool on[LABELS_MAX_HERE];
		for (size_t i = 0; i < (size_t)set->labels; i++) {
			targets[i] = set->targets[r * (size_t)set->labels + i];
			on[i] = set->scores[r * (size_t)set->labels + i] >= 0.5;
		}
		exact += tally_add_set(&tally, targets, on, &samples) == 0;
	}
	same_averages(line, tally_micro(&tally));
	same_averages(line, tally_macro(&tally));
	same_averages(line, tally_weighted(&tally));
	same_averages(line, (struct averages){samples.precision / rows, samples.recall / rows, samples.f1 / rows});
	same(line, exact / rows);
	same(line, tally_hamming_loss(&tally));
	tally_free(&tally);
}

static void check_multi(struct line *line, const struct set *set)
{
	const struct scored_rows rows = {set->rows, set->labels, NULL, set->targets, set->scores};

	same_sets(line, set);
	same_ranking(line, &rows);
	same(line, log_loss(&rows));
	same(line, brier_score(&rows));
	same(line, calibration_error(&rows));
	same(line, calibration_error_by_chance(&rows));
	same_temperature(line, set, &rows);
	same_best_f1(line, &rows, 0);
}

static void two_hundred_sets_are_measured_as_scikit_learn_does(void **state)
{
	FILE *file = fopen(check_source("tests/golden/metrics.txt"), "r");
	static struct set set;
	char text[2048];
	int count = 0;

	(void)state;
	assert_non_null(file);
	for (; fgets(text, sizeof text, file); count++) {
		struct line line = {.set = count, .rest = text};
		assert_int_equal((int)next(&line), count);
		make(&set, count);
		if (count % 5 == 4)
			check_multi(&line, &set);
		else
			check_single(&line, &set);
		assert_string_equal(line.rest, "\n");
	}
	assert_int_equal(count, SETS);
	fclose(file);
}

/* What is summed over every outcome and what a normal distribution says of more rows meet. */
static void what_chance_does_to_the_calibration_falls_with_the_rows(void **state)
{
	static double scores[2 * 20000];
	static int32_t truths[20000];
	double before = 1;

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		scores[2 * i] = 0.2;
		scores[2 * i + 1] = 0.8;
	}
	for (size_t rows = 199; rows <= 20000; rows += rows < 203 ? 1 : rows) {
		const struct scored_rows of = {rows, 2, truths, NULL, scores};
		const double chance = calibration_error_by_chance(&of), normal = sqrt(2 * 0.16 / acos(-1) / (double)rows);
		assert_true(fabs(chance - normal) < 0.01 * normal);
		assert_true(chance < before);
		before = chance;
	}
	assert_true(isnan(calibration_error_by_chance(&(struct scored_rows){0, 2, truths, NULL, scores})));
}

/* The threshold lies between two scores and gives what it promises. */
static void a_threshold_gives_the_figure_it_was_chosen_for(void **state)
{
	static struct set set;
	struct error error = {0};

	(void)state;
	for (int number = 0; number < SETS; number += 5) {
		struct scored_rows rows;
		struct threshold best;
		double hits = 0, predicted = 0, support = 0;
		make(&set, number);
		rows = (struct scored_rows){set.rows, 2, set.truths, NULL, set.scores};
		assert_true(threshold_best_f1(&rows, 1, &best, &error));
		for (size_t r = 0; r < set.rows; r++) {
			bool positive = set.scores[2 * r + 1] >= best.value;
			hits += positive && set.truths[r] == 1;
			predicted += positive;
			support += set.truths[r] == 1;
			assert_true(set.scores[2 * r + 1] != best.value);
		}
		assert_true(support == 0 || fabs(2 * hits / (predicted + support) - best.f1) < 1e-12);
	}
}

/* With false alarms free everything is positive, with misses free nothing is. */
static void prices_move_the_threshold(void **state)
{
	const double scores[] = {0.9, 0.1, 0.4, 0.6, 0.7, 0.3, 0.2, 0.8};
	const int32_t truths[] = {0, 1, 0, 1};
	const struct scored_rows rows = {4, 2, truths, NULL, scores};
	struct threshold all, none, fair;
	struct error error = {0};

	(void)state;
	assert_true(threshold_least_cost(&rows, 1, 0, 1, &all, &error));
	assert_true(all.value < 0.6 && all.cost == 0);
	assert_true(threshold_least_cost(&rows, 1, 1, 0, &none, &error));
	assert_true(none.value > 0.8 && none.cost == 0);
	assert_true(threshold_least_cost(&rows, 1, 1, 1, &fair, &error));
	assert_true(fair.value > 0.3 && fair.value < 0.6);
	assert_true(fair.cost == 0);
}

static void large_logits_have_finite_probabilities(void **state)
{
	const float logits[] = {3e38f, -3e38f, 0};
	double out[3];

	(void)state;
	probabilities_of(out, logits, 3, false, 0.01);
	assert_true(out[0] == 1 && out[1] == 0 && out[2] == 0);
	probabilities_of(out, logits, 3, true, 0.01);
	assert_true(out[0] == 1 && out[1] == 0 && out[2] == 0.5);
}

/* Where every row is right the loss falls for ever; where logits say nothing any temperature is as good. */
static void a_temperature_without_a_minimum_stays_in_bounds(void **state)
{
	const float right[] = {2, 0, 0, 3}, nothing[] = {1, 1, 5, 5}, wrong[] = {0, 2, 3, 0};
	const int32_t truths[] = {0, 1};

	(void)state;
	assert_true(temperature_fit(right, 2, 2, truths, NULL) == TEMPERATURE_MIN);
	assert_true(temperature_fit(nothing, 2, 2, truths, NULL) == 1);
	assert_true(temperature_fit(wrong, 2, 2, truths, NULL) == TEMPERATURE_MAX);
}

/* n log n: a million rows in a moment, with ties. */
static void many_rows_are_ranked_at_once(void **state)
{
	enum { ROWS = 1000000 };
	double *scores = malloc(2 * ROWS * sizeof *scores);
	int32_t *truths = malloc(ROWS * sizeof *truths);
	struct scored_rows rows = {ROWS, 2, truths, NULL, scores};
	struct ranking ranking;
	struct error error = {0};

	(void)state;
	assert_true(scores && truths);
	for (int i = 0; i < ROWS; i++) {
		scores[2 * i + 1] = (double)(i % 1000) / 1000;
		scores[2 * i] = 1 - scores[2 * i + 1];
		truths[i] = i % 1000 >= 500;
	}
	assert_true(ranking_figures(&rows, &ranking, &error));
	assert_true(ranking.roc_auc == 1 && ranking.average_precision == 1);
	for (int i = 0; i < ROWS; i++)
		truths[i] = i / 1000 % 2;
	assert_true(ranking_figures(&rows, &ranking, &error));
	assert_true(fabs(ranking.roc_auc - 0.5) < 1e-12);
	free(scores);
	free(truths);
}

/* scipy's binomtest(49700, 100000); of so many disagreements chi2 comes to the same. */
static void mcnemar_of_many_rows_is_exact_too(void **state)
{
	enum { ROWS = 100000 };
	int32_t *truths = calloc(ROWS, sizeof *truths), *a = calloc(ROWS, sizeof *a), *b = calloc(ROWS, sizeof *b);
	struct predictions first = {ROWS, 2, truths, a, NULL, NULL}, second = {ROWS, 2, truths, b, NULL, NULL};
	struct mcnemar test;

	(void)state;
	assert_true(truths && a && b);
	for (int i = 0; i < ROWS; i++)
		*(i < 50300 ? &a[i] : &b[i]) = 1;
	test = mcnemar_test(&first, &second);
	assert_int_equal(test.only_b, 50300);
	assert_int_equal(test.only_a, 49700);
	assert_true(fabs(test.exact - 0.0581973531102) < 1e-9);
	assert_true(fabs(test.chi2_p - test.exact) < 1e-4);
	free(truths);
	free(a);
	free(b);
}

static void a_share_of_no_rows_has_no_interval(void **state)
{
	struct bootstrap out;
	struct error error = {0};
	const struct predictions none = {.labels = 2};

	(void)state;
	assert_true(isnan(interval_wilson(0, 0).low));
	assert_true(interval_wilson(0, 10).low == 0);
	assert_true(interval_wilson(10, 10).high == 1);
	assert_false(bootstrap_figures(&none, SAMPLES, SEED, &out, &error));
	assert_int_equal(error.kind, ERROR_DATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_hundred_sets_are_measured_as_scikit_learn_does),
		cmocka_unit_test(what_chance_does_to_the_calibration_falls_with_the_rows),
		cmocka_unit_test(a_threshold_gives_the_figure_it_was_chosen_for),
		cmocka_unit_test(prices_move_the_threshold),
		cmocka_unit_test(large_logits_have_finite_probabilities),
		cmocka_unit_test(a_temperature_without_a_minimum_stays_in_bounds),
		cmocka_unit_test(many_rows_are_ranked_at_once),
		cmocka_unit_test(mcnemar_of_many_rows_is_exact_too),
		cmocka_unit_test(a_share_of_no_rows_has_no_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
