/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/insight.h"

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

/* Of one row: how many labels are right, predicted, true. */
static struct averages row_averages(const uint8_t *truths, const uint8_t *predictions, int32_t labels)
{
	double hits = 0, predicted = 0, support = 0;

	for (int32_t i = 0; i < labels; i++) {
		hits += truths[i] && predictions[i];
		predicted += predictions[i] != 0;
		support += truths[i] != 0;
	}
	return (struct averages){ratio(hits, predicted), ratio(hits, support), ratio(2 * hits, predicted + support)};
}

static void add_row(struct multilabel_figures *out, struct averages row, int32_t wrong)
{
	out->samples.precision += row.precision;
	out->samples.recall += row.recall;
	out->samples.f1 += row.f1;
	out->subset_accuracy += wrong == 0;
	out->hamming_loss += wrong;
}

static void divide(struct multilabel_figures *out, double rows, double labels)
{
	out->samples.precision = ratio(out->samples.precision, rows);
	out->samples.recall = ratio(out->samples.recall, rows);
	out->samples.f1 = ratio(out->samples.f1, rows);
	out->subset_accuracy = ratio(out->subset_accuracy, rows);
	out->hamming_loss = ratio(out->hamming_loss, rows * labels);
}

bool multilabel_figures(const uint8_t *truths, const uint8_t *predictions, size_t rows, int32_t labels,
                        struct multilabel_figures *out, struct error *error)
{
	struct tally tally;

	*out = (struct multilabel_figures){0};
	if (!tally_init(&tally, labels, error))
		return false;
	tally.independent = true;
	for (size_t r = 0; r < rows; r++) {
		const uint8_t *truth = truths + r * (size_t)labels, *prediction = predictions + r * (size_t)labels;
		int32_t wrong = tally_add_targets(&tally, truth, prediction);
		add_row(out, row_averages(truth, prediction, labels), wrong);
	}
	divide(out, (double)rows, labels);
	out->micro = tally_micro(&tally);
	out->macro = tally_macro(&tally);
	out->weighted = tally_weighted(&tally);
	tally_free(&tally);
	return true;
}
