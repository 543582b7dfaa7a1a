/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/insight.h"

#include "engine/base/size.h"

struct counts {
	uint64_t hits, predicted, support;
};

static void counts_add(struct counts *counts, uint8_t truth, uint8_t prediction)
{
	counts->hits += truth && prediction;
	counts->predicted += prediction != 0;
	counts->support += truth != 0;
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static struct averages averages_of(const struct counts *counts)
{
	double hits = (double)counts->hits, predicted = (double)counts->predicted, support = (double)counts->support;

	return (struct averages){ratio(hits, predicted), ratio(hits, support), ratio(2 * hits, predicted + support)};
}

static void averages_add(struct averages *sum, struct averages one, double weight)
{
	sum->precision += weight * one.precision;
	sum->recall += weight * one.recall;
	sum->f1 += weight * one.f1;
}

static void averages_divide(struct averages *sum, double by)
{
	*sum = (struct averages){ratio(sum->precision, by), ratio(sum->recall, by), ratio(sum->f1, by)};
}

/* Counts by label, and what is counted by row. */
static void walk(const uint8_t *truths, const uint8_t *predictions, size_t rows, int32_t labels, struct counts *counts,
                 struct multilabel_figures *out)
{
	for (size_t r = 0; r < rows; r++) {
		const uint8_t *truth = truths + r * (size_t)labels, *prediction = predictions + r * (size_t)labels;
		struct counts row = {0};
		int32_t wrong = 0;

		for (int32_t i = 0; i < labels; i++) {
			counts_add(&row, truth[i], prediction[i]);
			counts_add(&counts[i], truth[i], prediction[i]);
			wrong += !truth[i] != !prediction[i];
		}
		averages_add(&out->samples, averages_of(&row), 1);
		out->subset_accuracy += wrong == 0;
		out->hamming_loss += wrong;
	}
	averages_divide(&out->samples, (double)rows);
	out->subset_accuracy = ratio(out->subset_accuracy, (double)rows);
	out->hamming_loss = ratio(out->hamming_loss, (double)rows * labels);
}

static void take_labels(const struct counts *counts, int32_t labels, struct multilabel_figures *out)
{
	struct counts all = {0};

	for (int32_t i = 0; i < labels; i++) {
		struct averages one = averages_of(&counts[i]);
		all.hits += counts[i].hits;
		all.predicted += counts[i].predicted;
		all.support += counts[i].support;
		averages_add(&out->macro, one, 1);
		averages_add(&out->weighted, one, (double)counts[i].support);
	}
	out->micro = averages_of(&all);
	averages_divide(&out->macro, labels);
	averages_divide(&out->weighted, (double)all.support);
}

bool multilabel_figures(const uint8_t *truths, const uint8_t *predictions, size_t rows, int32_t labels,
                        struct multilabel_figures *out, struct error *error)
{
	struct counts *counts = size_calloc((size_t)labels, sizeof *counts);

	*out = (struct multilabel_figures){0};
	if (!counts)
		return error_memory(error, "counting predictions");
	walk(truths, predictions, rows, labels, counts, out);
	take_labels(counts, labels, out);
	free(counts);
	return true;
}

struct averages multilabel_label(const uint8_t *truths, const uint8_t *predictions, size_t rows, int32_t labels,
                                 int32_t label)
{
	struct counts counts = {0};

	for (size_t r = 0; r < rows; r++)
		counts_add(&counts, truths[r * (size_t)labels + (size_t)label], predictions[r * (size_t)labels + (size_t)label]);
	return averages_of(&counts);
}
