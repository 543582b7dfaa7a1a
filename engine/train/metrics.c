/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/evaluate.h"

#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>

bool metrics_init(struct metrics *metrics, int32_t labels, struct error *error)
{
	size_t cells;

	*metrics = (struct metrics){.labels = labels};
	RETURN_IF(labels < 1 || !size_multiply((size_t)labels, (size_t)labels, &cells), error, ERROR_FAILED,
	          "%d labels cannot be counted", labels);
	metrics->confusion = size_calloc(cells, sizeof *metrics->confusion);
	return metrics->confusion || error_memory(error, "counting predictions");
}

void metrics_free(struct metrics *metrics)
{
	free(metrics->confusion);
	metrics->confusion = NULL;
}

/* log(sum(exp(logits))) - logits[truth], safe for any size of logits. */
static double cross_entropy(const float *logits, int32_t labels, int32_t truth, int32_t best)
{
	double highest = (double)logits[best], sum = 0;

	for (int32_t i = 0; i < labels; i++)
		sum += exp((double)logits[i] - highest);
	return log(sum) + highest - (double)logits[truth];
}

void metrics_add(struct metrics *metrics, int32_t truth, const float *logits, bool truncated)
{
	int32_t best = 0;

	for (int32_t i = 1; i < metrics->labels; i++)
		if (logits[i] > logits[best])
			best = i;
	metrics->count++;
	metrics->confusion[(size_t)truth * (size_t)metrics->labels + (size_t)best]++;
	metrics->loss_sum += cross_entropy(logits, metrics->labels, truth, best);
	metrics->truncated += truncated;
}

static uint64_t cell(const struct metrics *metrics, int32_t truth, int32_t prediction)
{
	return metrics->confusion[(size_t)truth * (size_t)metrics->labels + (size_t)prediction];
}

static double ratio(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

struct label_figures metrics_label(const struct metrics *metrics, int32_t label)
{
	uint64_t hits = cell(metrics, label, label), predicted = 0, support = 0;

	for (int32_t i = 0; i < metrics->labels; i++) {
		predicted += cell(metrics, i, label);
		support += cell(metrics, label, i);
	}
	return (struct label_figures){
		.precision = ratio(hits, predicted),
		.recall = ratio(hits, support),
		.f1 = ratio(2 * hits, predicted + support),
		.support = support,
	};
}

static bool occurs(const struct metrics *metrics, int32_t label)
{
	for (int32_t i = 0; i < metrics->labels; i++)
		if (cell(metrics, i, label) || cell(metrics, label, i))
			return true;
	return false;
}

static void add_macro(const struct metrics *metrics, struct metric_figures *figures)
{
	int32_t present = 0;

	for (int32_t i = 0; i < metrics->labels; i++) {
		if (!occurs(metrics, i))
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
		hits += cell(metrics, i, i);
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
