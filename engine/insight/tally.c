/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/insight.h"

#include "engine/base/size.h"

#include <math.h>
#include <string.h>

bool tally_init(struct tally *tally, int32_t labels, struct error *error)
{
	*tally = (struct tally){.labels = labels};
	RETURN_IF(labels < 1, error, ERROR_FAILED, "%d labels cannot be counted", labels);
	tally->hits = size_calloc((size_t)labels, sizeof *tally->hits);
	tally->predicted = size_calloc((size_t)labels, sizeof *tally->predicted);
	tally->support = size_calloc((size_t)labels, sizeof *tally->support);
	if (tally->hits && tally->predicted && tally->support)
		return true;
	tally_free(tally);
	return error_memory(error, "counting predictions");
}

void tally_free(struct tally *tally)
{
	free(tally->hits);
	free(tally->predicted);
	free(tally->support);
	tally->hits = tally->predicted = tally->support = NULL;
}

void tally_clear(struct tally *tally)
{
	size_t bytes = (size_t)tally->labels * sizeof *tally->hits;

	memset(tally->hits, 0, bytes);
	memset(tally->predicted, 0, bytes);
	memset(tally->support, 0, bytes);
	tally->rows = tally->square = 0;
}

void tally_add(struct tally *tally, int32_t truth, int32_t prediction)
{
	int64_t distance = (int64_t)truth - prediction;

	tally->rows++;
	tally->hits[truth] += truth == prediction;
	tally->predicted[prediction]++;
	tally->support[truth]++;
	tally->square += (uint64_t)(distance * distance);
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static struct averages averages_of(double hits, double predicted, double support)
{
	return (struct averages){ratio(hits, predicted), ratio(hits, support), ratio(2 * hits, predicted + support)};
}

int32_t tally_add_set(struct tally *tally, const float *targets, const bool *on, struct averages *samples)
{
	int32_t hits = 0, predicted = 0, support = 0;
	struct averages row;

	tally->rows++;
	for (int32_t i = 0; i < tally->labels; i++) {
		bool target = targets[i] > 0;
		tally->hits[i] += target && on[i];
		tally->predicted[i] += on[i];
		tally->support[i] += target;
		hits += target && on[i];
		predicted += on[i];
		support += target;
	}
	row = averages_of(hits, predicted, support);
	samples->precision += row.precision;
	samples->recall += row.recall;
	samples->f1 += row.f1;
	return predicted + support - 2 * hits;
}

struct averages tally_label(const struct tally *tally, int32_t label)
{
	return averages_of((double)tally->hits[label], (double)tally->predicted[label], (double)tally->support[label]);
}

static double sum_of(const struct tally *tally, const uint64_t *counts)
{
	uint64_t sum = 0;

	for (int32_t i = 0; i < tally->labels; i++)
		sum += counts[i];
	return (double)sum;
}

static double all_hits(const struct tally *tally)
{
	return sum_of(tally, tally->hits);
}

double tally_accuracy(const struct tally *tally)
{
	return ratio(all_hits(tally), (double)tally->rows);
}

struct averages tally_micro(const struct tally *tally)
{
	return averages_of(all_hits(tally), sum_of(tally, tally->predicted), sum_of(tally, tally->support));
}

static void averages_add(struct averages *sum, struct averages one, double weight)
{
	sum->precision += weight * one.precision;
	sum->recall += weight * one.recall;
	sum->f1 += weight * one.f1;
}

static struct averages averages_over(struct averages sum, double weights)
{
	return (struct averages){ratio(sum.precision, weights), ratio(sum.recall, weights), ratio(sum.f1, weights)};
}

struct averages tally_macro(const struct tally *tally)
{
	struct averages sum = {0};
	double present = 0;

	for (int32_t i = 0; i < tally->labels; i++) {
		if (!tally->independent && tally->support[i] == 0 && tally->predicted[i] == 0)
			continue;
		averages_add(&sum, tally_label(tally, i), 1);
		present++;
	}
	return averages_over(sum, present);
}

struct averages tally_weighted(const struct tally *tally)
{
	struct averages sum = {0};

	for (int32_t i = 0; i < tally->labels; i++)
		averages_add(&sum, tally_label(tally, i), (double)tally->support[i]);
	return averages_over(sum, sum_of(tally, tally->support));
}

struct averages tally_usual(const struct tally *tally)
{
	if (tally->independent)
		return tally_micro(tally);
	return tally->labels == 2 ? tally_label(tally, 1) : tally_macro(tally);
}

double tally_balanced_accuracy(const struct tally *tally)
{
	double sum = 0, present = 0;

	for (int32_t i = 0; i < tally->labels; i++) {
		if (tally->support[i] == 0)
			continue;
		sum += (double)tally->hits[i] / (double)tally->support[i];
		present++;
	}
	return ratio(sum, present);
}

/* Sums over the labels of products of how often each is predicted and true. */
static void products(const struct tally *tally, double *mixed, double *predicted, double *support)
{
	*mixed = *predicted = *support = 0;
	for (int32_t i = 0; i < tally->labels; i++) {
		double p = (double)tally->predicted[i], t = (double)tally->support[i];
		*mixed += p * t;
		*predicted += p * p;
		*support += t * t;
	}
}

double tally_matthews(const struct tally *tally)
{
	double rows = (double)tally->rows, mixed, predicted, support, below;

	products(tally, &mixed, &predicted, &support);
	below = (rows * rows - predicted) * (rows * rows - support);
	return below > 0 ? (all_hits(tally) * rows - mixed) / sqrt(below) : 0;
}

double tally_kappa(const struct tally *tally)
{
	double rows = (double)tally->rows, mixed, predicted, support, expected;

	products(tally, &mixed, &predicted, &support);
	expected = rows * rows - mixed; /* disagreements by chance, times rows */
	return expected > 0 ? 1 - (rows - all_hits(tally)) * rows / expected : NAN;
}

/* sum (i - j)^2 p_i t_j needs the moments of both alone. */
double tally_quadratic_kappa(const struct tally *tally)
{
	double p0 = 0, p1 = 0, p2 = 0, t0 = 0, t1 = 0, t2 = 0, expected;

	for (int32_t i = 0; i < tally->labels; i++) {
		double p = (double)tally->predicted[i], t = (double)tally->support[i], at = i;
		p0 += p;
		p1 += p * at;
		p2 += p * at * at;
		t0 += t;
		t1 += t * at;
		t2 += t * at * at;
	}
	expected = p2 * t0 - 2 * p1 * t1 + p0 * t2;
	return expected > 0 ? 1 - (double)tally->square * (double)tally->rows / expected : NAN;
}

double tally_hamming_loss(const struct tally *tally)
{
	double wrong = sum_of(tally, tally->predicted) + sum_of(tally, tally->support) - 2 * all_hits(tally);

	return ratio(wrong, (double)tally->rows * tally->labels);
}
