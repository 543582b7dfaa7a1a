/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/insight.h"

#include <float.h>
#include <math.h>

#define BINS CALIBRATION_BINS

void probabilities_of(double *out, const float *logits, int32_t labels, bool independent, double temperature)
{
	double highest = (double)logits[0], sum = 0;

	for (int32_t i = 1; i < labels; i++)
		highest = (double)logits[i] > highest ? (double)logits[i] : highest;
	for (int32_t i = 0; i < labels; i++) {
		out[i] = independent ? 1 / (1 + exp(-(double)logits[i] / temperature))
		                     : exp(((double)logits[i] - highest) / temperature);
		sum += out[i];
	}
	for (int32_t i = 0; !independent && i < labels; i++)
		out[i] /= sum;
}

static double clipped_log(double p)
{
	return log(p < DBL_EPSILON ? DBL_EPSILON : p > 1 - DBL_EPSILON ? 1 - DBL_EPSILON : p);
}

static const double *scores_of(const struct scored_rows *rows, size_t row)
{
	return rows->scores + row * (size_t)rows->labels;
}

static double mean(double sum, size_t count)
{
	return count > 0 ? sum / (double)count : NAN;
}

static size_t cells(const struct scored_rows *rows)
{
	return rows->rows * (size_t)rows->labels;
}

double log_loss(const struct scored_rows *rows)
{
	double sum = 0;

	if (!rows->targets) {
		for (size_t r = 0; r < rows->rows; r++)
			sum -= clipped_log(scores_of(rows, r)[rows->truths[r]]);
		return mean(sum, rows->rows);
	}
	for (size_t i = 0; i < cells(rows); i++)
		sum -= clipped_log(rows->targets[i] ? rows->scores[i] : 1 - rows->scores[i]);
	return mean(sum, cells(rows));
}

static double square(double value)
{
	return value * value;
}

static double row_brier(const struct scored_rows *rows, size_t row)
{
	const double *scores = scores_of(rows, row);
	double sum = 0;

	if (rows->labels == 2)
		return square(scores[1] - (rows->truths[row] == 1));
	for (int32_t i = 0; i < rows->labels; i++)
		sum += square(scores[i] - (rows->truths[row] == i));
	return sum;
}

double brier_score(const struct scored_rows *rows)
{
	double sum = 0;

	if (!rows->targets) {
		for (size_t r = 0; r < rows->rows; r++)
			sum += row_brier(rows, r);
		return mean(sum, rows->rows);
	}
	for (size_t i = 0; i < cells(rows); i++)
		sum += square(rows->scores[i] - rows->targets[i]);
	return mean(sum, cells(rows));
}

enum { FEW = 200 }; /* rows of a bin up to which what chance does is summed over every outcome */

struct bins {
	double confidence[BINS], right[BINS], rows[BINS];
	double variance[BINS];          /* of how many are right, where each is as often as it is sure */
	double chances[BINS][FEW + 1]; /* that so many are; of the first FEW rows */
};

/* Poisson's binomial distribution, one row more. */
static void bins_add_chance(struct bins *bins, int bin, double confidence)
{
	double *chances = bins->chances[bin];
	const int rows = (int)bins->rows[bin];

	bins->variance[bin] += confidence * (1 - confidence);
	if (rows >= FEW)
		return;
	if (rows == 0)
		chances[0] = 1;
	for (int right = rows + 1; right > 0; right--)
		chances[right] = chances[right] * (1 - confidence) + chances[right - 1] * confidence;
	chances[0] *= 1 - confidence;
}

static void bins_add(struct bins *bins, double confidence, bool right)
{
	int bin = 0;

	while (bin + 1 < BINS && confidence > (double)(bin + 1) / BINS)
		bin++;
	bins_add_chance(bins, bin, confidence);
	bins->confidence[bin] += confidence;
	bins->right[bin] += right;
	bins->rows[bin]++;
}

static double bins_error(const struct bins *bins, size_t count)
{
	double sum = 0;

	for (int i = 0; i < BINS; i++)
		sum += fabs(bins->right[i] - bins->confidence[i]);
	return mean(sum, count);
}

static void fill_bins(const struct scored_rows *rows, struct bins *bins)
{
	for (size_t i = 0; rows->targets && i < cells(rows); i++)
		bins_add(bins, fmax(rows->scores[i], 1 - rows->scores[i]), (rows->scores[i] >= 0.5) == rows->targets[i]);
	for (size_t r = 0; !rows->targets && r < rows->rows; r++) {
		const double *scores = scores_of(rows, r);
		int32_t best = 0;

		for (int32_t i = 1; i < rows->labels; i++)
			best = scores[i] > scores[best] ? i : best;
		bins_add(bins, scores[best], best == rows->truths[r]);
	}
}

double calibration_error(const struct scored_rows *rows)
{
	struct bins bins = {0};

	fill_bins(rows, &bins);
	return bins_error(&bins, rows->targets ? cells(rows) : rows->rows);
}

/* The mean distance of how many are right from how many should be. */
static double bin_chance(const struct bins *bins, int bin)
{
	double sum = 0;

	if (bins->rows[bin] > FEW)
		return sqrt(bins->variance[bin] * 2 / acos(-1)); /* of a normal distribution */
	for (int right = 0; right <= (int)bins->rows[bin]; right++)
		sum += bins->chances[bin][right] * fabs(right - bins->confidence[bin]);
	return sum;
}

double calibration_error_by_chance(const struct scored_rows *rows)
{
	struct bins bins = {0};
	double sum = 0;

	fill_bins(rows, &bins);
	for (int i = 0; i < BINS; i++)
		sum += bin_chance(&bins, i);
	return mean(sum, rows->targets ? cells(rows) : rows->rows);
}

void calibration_bins(const struct scored_rows *rows, struct calibration_bin out[CALIBRATION_BINS])
{
	struct bins bins = {0};

	fill_bins(rows, &bins);
	for (int i = 0; i < BINS; i++)
		out[i] = (struct calibration_bin){bins.confidence[i] / bins.rows[i], bins.right[i] / bins.rows[i],
		                                  (uint64_t)bins.rows[i]};
}

static bool truly_has(const struct scored_rows *rows, size_t row, int32_t label)
{
	return rows->targets ? rows->targets[row * (size_t)rows->labels + (size_t)label] : rows->truths[row] == label;
}

struct cut_figures cut_figures_of(const struct scored_rows *rows, int32_t label, double cut)
{
	double hits = 0, predicted = 0, support = 0, right = 0;

	for (size_t r = 0; r < rows->rows; r++) {
		const bool has = truly_has(rows, r, label), on = scores_of(rows, r)[label] >= cut;

		hits += has && on;
		predicted += on;
		support += has;
		right += has == on;
	}
	return (struct cut_figures){mean(right, rows->rows), hits / predicted, support > 0 ? hits / support : 0};
}
