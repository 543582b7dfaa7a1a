/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/evaluate.h"

#include "engine/base/size.h"
#include "engine/data/labels.h"

#include <math.h>
#include <stdlib.h>

#define ORDERED_LABELS 3 /* of two the error is nothing but the share of wrong ones */

static bool take(struct metrics *metrics, int32_t labels, bool sets, struct error *error)
{
	size_t count = (size_t)labels;
	bool confusion = !sets && labels <= METRICS_MATRIX_LABELS;

	*metrics = (struct metrics){.labels = labels, .sets = sets};
	RETURN_IF(labels < 1, error, ERROR_FAILED, "%d labels cannot be counted", labels);
	metrics->hits = size_calloc(count, sizeof *metrics->hits);
	metrics->predicted = size_calloc(count, sizeof *metrics->predicted);
	metrics->support = size_calloc(count, sizeof *metrics->support);
	if (confusion)
		metrics->confusion = size_calloc(count * count, sizeof *metrics->confusion);
	if (sets)
		metrics->on = size_calloc(count, sizeof *metrics->on);
	if (metrics->hits && metrics->predicted && metrics->support && (metrics->confusion || !confusion) && (metrics->on || !sets))
		return true;
	metrics_free(metrics);
	return error_memory(error, "counting predictions");
}

bool metrics_init(struct metrics *metrics, int32_t labels, struct error *error)
{
	return take(metrics, labels, false, error);
}

bool metrics_init_sets(struct metrics *metrics, int32_t labels, struct error *error)
{
	return take(metrics, labels, true, error);
}

/* Whether the labels are numbers of different values; they need not stand in their order. */
static bool read_values(const struct model *model, double *values, int32_t count)
{
	for (int32_t i = 0; i < count; i++) {
		if (!label_number(model_label(model, i), &values[i]) || !isfinite(values[i]))
			return false;
		for (int32_t j = 0; j < i; j++)
			if (values[j] == values[i])
				return false;
	}
	return true;
}

bool metrics_order(struct metrics *metrics, const struct model *model, struct error *error)
{
	if (metrics->labels < ORDERED_LABELS || metrics->sets)
		return true;
	metrics->values = size_calloc((size_t)metrics->labels, sizeof *metrics->values);
	if (!metrics->values)
		return error_memory(error, "counting predictions");
	if (read_values(model, metrics->values, metrics->labels))
		return true;
	free(metrics->values);
	metrics->values = NULL;
	return true;
}

void metrics_free(struct metrics *metrics)
{
	free(metrics->hits);
	free(metrics->predicted);
	free(metrics->support);
	free(metrics->confusion);
	free(metrics->values);
	free(metrics->on);
	metrics->on = NULL;
	metrics->values = NULL;
	metrics->hits = metrics->predicted = metrics->support = metrics->confusion = NULL;
}

/* log(sum(exp(logits))) - logits[truth], safe for any size of logits. */
static double cross_entropy(const float *logits, int32_t labels, int32_t truth, int32_t best)
{
	double highest = (double)logits[best], sum = 0;

	for (int32_t i = 0; i < labels; i++)
		sum += exp((double)logits[i] - highest);
	return log(sum) + highest - (double)logits[truth];
}

int32_t metrics_add(struct metrics *metrics, int32_t truth, const float *logits, bool truncated)
{
	int32_t best = 0;

	for (int32_t i = 1; i < metrics->labels; i++)
		if (logits[i] > logits[best])
			best = i;
	metrics->count++;
	metrics->hits[truth] += best == truth;
	metrics->predicted[best]++;
	metrics->support[truth]++;
	if (metrics->confusion)
		metrics->confusion[(size_t)truth * (size_t)metrics->labels + (size_t)best]++;
	metrics->loss_sum += cross_entropy(logits, metrics->labels, truth, best);
	metrics->truncated += truncated;
	if (metrics->values)
		metrics->error_sum += fabs(metrics->values[best] - metrics->values[truth]);
	return best;
}

/* log(1 + exp(x)) - x y, safe for any size of x; as torch.nn.BCEWithLogitsLoss. */
static double binary_cross_entropy(double logit, bool target)
{
	double positive = logit > 0 ? logit : 0;

	return positive - (target ? logit : 0) + log1p(exp(-fabs(logit)));
}

bool metrics_add_set(struct metrics *metrics, const float *targets, const float *logits, bool truncated)
{
	const bool *on = metrics->on;
	bool right = true;
	double loss = 0;

	for (int32_t i = 0; i < metrics->labels; i++) {
		bool target = targets[i] > 0;

		metrics->hits[i] += target && on[i];
		metrics->predicted[i] += on[i];
		metrics->support[i] += target;
		loss += binary_cross_entropy((double)logits[i], target);
		right = right && target == on[i];
	}
	metrics->count++;
	metrics->exact += right;
	metrics->loss_sum += loss / metrics->labels;
	metrics->truncated += truncated;
	return right;
}

static double ratio(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

struct label_figures metrics_label(const struct metrics *metrics, int32_t label)
{
	uint64_t hits = metrics->hits[label], predicted = metrics->predicted[label], support = metrics->support[label];

	return (struct label_figures){
		.precision = ratio(hits, predicted),
		.recall = ratio(hits, support),
		.f1 = ratio(2 * hits, predicted + support),
		.support = support,
	};
}

static void add_macro(const struct metrics *metrics, struct metric_figures *figures)
{
	int32_t present = 0;

	for (int32_t i = 0; i < metrics->labels; i++) {
		if (!metrics->sets && metrics->support[i] == 0 && metrics->predicted[i] == 0)
			continue;
		struct label_figures one = metrics_label(metrics, i);
		figures->macro_precision += one.precision;
		figures->macro_recall += one.recall;
		figures->macro_f1 += one.f1;
		present++;
	}
	if (present == 0)
		return;
	figures->macro_precision /= present;
	figures->macro_recall /= present;
	figures->macro_f1 /= present;
}

static void add_micro(const struct metrics *metrics, struct metric_figures *figures)
{
	uint64_t hits = 0, predicted = 0, support = 0;

	for (int32_t i = 0; i < metrics->labels; i++) {
		hits += metrics->hits[i];
		predicted += metrics->predicted[i];
		support += metrics->support[i];
	}
	figures->micro_precision = ratio(hits, predicted);
	figures->micro_recall = ratio(hits, support);
	figures->micro_f1 = ratio(2 * hits, predicted + support);
	figures->accuracy = ratio(metrics->sets ? metrics->exact : hits, metrics->count);
	figures->hamming_loss = metrics->sets ? ratio(predicted + support - 2 * hits, metrics->count * (uint64_t)metrics->labels) : NAN;
}

struct metric_figures metrics_figures(const struct metrics *metrics)
{
	struct metric_figures figures = {0};

	add_micro(metrics, &figures);
	figures.mean_absolute_error = metrics->values && metrics->count ? metrics->error_sum / (double)metrics->count : NAN;
	figures.loss = metrics->count ? metrics->loss_sum / (double)metrics->count : 0;
	add_macro(metrics, &figures);
	figures.precision = figures.macro_precision;
	figures.recall = figures.macro_recall;
	figures.f1 = figures.macro_f1;
	if (metrics->sets) {
		figures.precision = figures.micro_precision;
		figures.recall = figures.micro_recall;
		figures.f1 = figures.micro_f1;
	} else if (metrics->labels == 2) {
		struct label_figures one = metrics_label(metrics, 1);
		figures.precision = one.precision;
		figures.recall = one.recall;
		figures.f1 = one.f1;
	}
	return figures;
}
