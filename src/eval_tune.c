/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Temperature and thresholds, chosen on the rows that are measured. */
#include "src/eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool read_prices(struct eval_wishes *wishes, struct error *error)
{
	char *end;

	wishes->prices[0] = strtod(wishes->cost, &end);
	if (end != wishes->cost && *end == ':') {
		const char *second = end + 1;
		wishes->prices[1] = strtod(second, &end);
		if (end != second && *end == '\0' && isfinite(wishes->prices[0]) && isfinite(wishes->prices[1]) &&
		    wishes->prices[0] >= 0 && wishes->prices[1] >= 0 && wishes->prices[0] + wishes->prices[1] > 0)
			return true;
	}
	return error_set(error, ERROR_USAGE, "--threshold-cost %s: two prices are needed, of a false positive and of a false "
	                 "negative, as in 5:1", wishes->cost);
}

bool eval_wishes_check(struct eval_wishes *wishes, struct error *error)
{
	RETURN_IF(wishes->threshold && wishes->cost, error, ERROR_USAGE,
	          "--threshold and --threshold-cost both choose the threshold: give one of them");
	return !wishes->cost || read_prices(wishes, error);
}

static double temperature_of(const struct model_own *own)
{
	return own->temperature > 0 ? own->temperature : 1;
}

/* A threshold of p = sigmoid(d / T) says the same of d with another T. */
static void move_thresholds(struct model_own *own, double before, double after)
{
	for (int32_t i = 0; i < own->threshold_count; i++) {
		double p = (double)own->thresholds[i];
		if (p > 0 && p < 1)
			own->thresholds[i] = (float)(1 / (1 + exp(-log(p / (1 - p)) * before / after)));
	}
}

static bool measure_calibration(const struct eval_result *result, int which, struct eval_tuning *out, struct error *error)
{
	struct metrics metrics = *result->metrics; /* borrows its rows, sees them by the new temperature */
	struct scored_rows rows;
	double *scores;

	metrics.own = &result->own;
	scores = metrics_scores(&metrics, error);
	if (!scores)
		return false;
	rows = metrics_rows(&metrics, scores);
	out->loss[which] = log_loss(&rows);
	out->calibration_error[which] = calibration_error(&rows);
	free(scores);
	return true;
}

static bool calibrate(struct eval_result *result, struct error *error)
{
	const struct metrics *metrics = result->metrics;
	double before = temperature_of(&result->own), after;

	if (!measure_calibration(result, 0, &result->tuning, error))
		return false;
	after = temperature_fit(metrics->logits, metrics->kept, metrics->labels, metrics->truths, metrics->targets);
	result->own.temperature = after;
	move_thresholds(&result->own, before, after);
	result->tuning.calibrated = true;
	return measure_calibration(result, 1, &result->tuning, error);
}

/* What 0.5 costs, a review. */
static double usual_cost(const struct scored_rows *rows, int32_t label, const double prices[2])
{
	double sum = 0;

	for (size_t r = 0; r < rows->rows; r++) {
		bool predicted = rows->scores[r * (size_t)rows->labels + (size_t)label] >= 0.5;
		bool truth = rows->targets ? rows->targets[r * (size_t)rows->labels + (size_t)label] : rows->truths[r] == label;
		sum += predicted && !truth ? prices[0] : !predicted && truth ? prices[1] : 0;
	}
	return sum / (double)rows->rows;
}

static bool choose(const struct scored_rows *rows, int32_t label, const struct eval_wishes *wishes,
                   struct eval_tuning *tuning, float *out, struct error *error)
{
	struct threshold threshold;

	if (!wishes->cost) {
		if (!threshold_best_f1(rows, label, &threshold, error))
			return false;
	} else {
		if (!threshold_least_cost(rows, label, wishes->prices[0], wishes->prices[1], &threshold, error))
			return false;
		tuning->cost[0] += usual_cost(rows, label, wishes->prices);
		tuning->cost[1] += threshold.cost;
	}
	*out = (float)threshold.value;
	return true;
}

static bool choose_thresholds(struct eval_result *result, const struct eval_wishes *wishes, struct error *error)
{
	struct metrics metrics = *result->metrics;
	bool independent = metrics.targets != NULL;
	int32_t first = independent ? 0 : 1, count = independent ? metrics.labels : 1;
	struct scored_rows rows;
	double *scores;
	bool done = true;

	metrics.own = &result->own;
	scores = metrics_scores(&metrics, error);
	if (!scores)
		return false;
	rows = metrics_rows(&metrics, scores);
	for (int32_t i = 0; done && i < count; i++)
		done = choose(&rows, first + i, wishes, &result->tuning, &result->own.thresholds[i], error);
	free(scores);
	result->own.threshold_count = count;
	result->tuning.threshold_by = wishes->cost ? "least cost" : "best F1";
	memcpy(result->tuning.prices, wishes->prices, sizeof wishes->prices);
	return done;
}

static bool check(const struct eval_result *result, bool thresholds, struct error *error)
{
	const struct metrics *metrics = result->metrics;

	RETURN_IF(metrics->kept != metrics->count, error, ERROR_FAILED,
	          "%s: so many rows and labels cannot be kept to choose a temperature or thresholds by: use a part of the file",
	          result->data_path);
	RETURN_IF(thresholds && !metrics->targets && metrics->labels != 2, error, ERROR_USAGE,
	          "%s has %d labels, of which a review has one: a threshold is for two labels, or for independent ones",
	          result->model_path, (int)metrics->labels);
	RETURN_IF(thresholds && metrics->targets && metrics->labels > MODEL_THRESHOLDS_MAX, error, ERROR_FAILED,
	          "%s has %d labels: thresholds can be kept for %d", result->model_path, (int)metrics->labels,
	          MODEL_THRESHOLDS_MAX);
	return true;
}

static bool has_two_sides(const struct metrics *metrics)
{
	size_t cells = metrics->targets ? metrics->kept * (size_t)metrics->labels : 0;
	bool on = false, off = false;

	for (size_t i = 0; i < cells; i++) {
		on = on || metrics->targets[i];
		off = off || !metrics->targets[i];
	}
	for (size_t i = 1; !metrics->targets && i < metrics->kept; i++)
		on = off = on || metrics->truths[i] != metrics->truths[0];
	return on && off;
}

const char *eval_limit_words(const struct eval_result *result)
{
	return result->own.temperature < 1 ? "more and more certainty, as where every one of them is right"
	                                   : "less and less certainty, as where the scores say nothing about the labels";
}

bool eval_temperature_is_at_limit(const struct eval_result *result)
{
	double temperature = result->own.temperature;

	return result->tuning.calibrated && (temperature <= TEMPERATURE_MIN || temperature >= TEMPERATURE_MAX);
}

bool eval_check_keeping(const struct eval_result *result, struct error *error)
{
	RETURN_IF(!has_two_sides(result->metrics), error, ERROR_DATA,
	          "%s: every row has the same label, so that what is chosen by them is not kept: leave --save out, or give rows of each "
	          "label", result->data_path);
	RETURN_IF(eval_temperature_is_at_limit(result), error, ERROR_DATA,
	          "%s: the temperature ends at its limit of %g, so that it is not kept: these rows want %s; leave --save out, or give more "
	          "rows", result->data_path, result->own.temperature, eval_limit_words(result));
	return true;
}

bool eval_tune(struct eval_result *result, const struct eval_wishes *wishes, struct error *error)
{
	bool thresholds = wishes->threshold || wishes->cost;

	if (!wishes->calibrate && !thresholds)
		return true;
	return check(result, thresholds, error) && (!wishes->calibrate || calibrate(result, error)) &&
	       (!thresholds || choose_thresholds(result, wishes, error));
}
