/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/evaluate.h"

#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>

bool metrics_init(struct metrics *metrics, int32_t labels, struct error *error)
{
	size_t count = (size_t)labels;

	*metrics = (struct metrics){.labels = labels};
	RETURN_IF(labels < 1, error, ERROR_FAILED, "%d labels cannot be counted", labels);
	metrics->hits = size_calloc(count, sizeof *metrics->hits);
	metrics->predicted = size_calloc(count, sizeof *metrics->predicted);
	metrics->support = size_calloc(count, sizeof *metrics->support);
	if (labels <= METRICS_MATRIX_LABELS)
		metrics->confusion = size_calloc(count * count, sizeof *metrics->confusion);
	if (metrics->hits && metrics->predicted && metrics->support &&
	    (metrics->confusion || labels > METRICS_MATRIX_LABELS))
		return true;
	metrics_free(metrics);
	return error_memory(error, "counting predictions");
}

void metrics_free(struct metrics *metrics)
{
	free(metrics->hits);
	free(metrics->predicted);
	free(metrics->support);
	free(metrics->confusion);
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
	return best;
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
		if (metrics->support[i] == 0 && metrics->predicted[i] == 0)
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

struct metric_figures metrics_figures(const struct metrics *metrics)
{
	struct metric_figures figures = {0};
	uint64_t hits = 0;

	for (int32_t i = 0; i < metrics->labels; i++)
		hits += metrics->hits[i];
	figures.accuracy = ratio(hits, metrics->count);
	figures.loss = metrics->count ? metrics->loss_sum / (double)metrics->count : 0;
	add_macro(metrics, &figures);
	figures.precision = figures.macro_precision;
	figures.recall = figures.macro_recall;
	figures.f1 = figures.macro_f1;
	if (metrics->labels == 2) {
		struct label_figures one = metrics_label(metrics, 1);
		figures.precision = one.precision;
		figures.recall = one.recall;
		figures.f1 = one.f1;
	}
	return figures;
}
