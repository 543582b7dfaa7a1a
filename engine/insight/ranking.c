/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/insight/ranked.h"

#include <math.h>
#include <stdlib.h>

/* Mann and Whitney's: the share of pairs of a positive and a negative row of which the positive has the higher score,
 * ties counted half. Equal to the area of trapezoids under the curve. */
static double area(const struct ranked *ranked)
{
	size_t negatives = ranked->count - ranked->positives;
	struct ranked_walk walk = {0};
	double pairs = 0;

	while (ranked_step(ranked, &walk)) {
		double above = (double)(walk.true_positives - walk.positives);
		pairs += (double)walk.negatives * (above + (double)walk.positives / 2);
	}
	return pairs / ((double)ranked->positives * (double)negatives);
}

/* Sum of precision times the recall that each score adds. */
static double precision_mean(const struct ranked *ranked)
{
	struct ranked_walk walk = {0};
	double sum = 0;

	while (ranked_step(ranked, &walk))
		sum += (double)walk.positives * (double)walk.true_positives / (double)walk.next;
	return sum / (double)ranked->positives;
}

/* Sums of one measure over labels. */
struct sums {
	double plain, labels, weighted, weights;
};

static void sums_add(struct sums *sums, double value, double weight)
{
	sums->plain += value;
	sums->labels++;
	sums->weighted += value * weight;
	sums->weights += weight;
}

static void take_label(const struct ranked *ranked, struct sums *roc, struct sums *precision)
{
	if (ranked->positives == 0)
		return;
	sums_add(precision, precision_mean(ranked), (double)ranked->positives);
	if (ranked->positives < ranked->count)
		sums_add(roc, area(ranked), (double)ranked->positives);
}

/* 0 / 0 is NaN: no label had rows with and without. */
bool ranking_figures(const struct scored_rows *rows, struct ranking *out, struct error *error)
{
	bool two = !rows->targets && rows->labels == 2;
	struct sums roc = {0}, precision = {0};
	struct ranked ranked;

	if (!ranked_init(&ranked, rows, error))
		return false;
	for (int32_t label = two ? 1 : 0; label < rows->labels; label++) {
		ranked_fill(&ranked, rows, label);
		take_label(&ranked, &roc, &precision);
	}
	free(ranked.rows);
	out->roc_auc = roc.plain / roc.labels;
	out->roc_auc_weighted = roc.weighted / roc.weights;
	out->average_precision = precision.plain / precision.labels;
	out->average_precision_weighted = precision.weighted / precision.weights;
	return true;
}
