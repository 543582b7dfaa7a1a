/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/insight.h"

#include "engine/base/random.h"
#include "engine/base/size.h"

#include <math.h>

#define NORMAL_975 1.959963984540054 /* the 97.5th percentile of N(0, 1) */
#define DRAWS_MAX ((uint64_t)1 << 27) /* of all samples together: some seconds */
#define SAMPLES_MIN 100

struct interval interval_wilson(uint64_t hits, uint64_t rows)
{
	double n = (double)rows, share, square = NORMAL_975 * NORMAL_975, middle, half;

	if (rows == 0)
		return (struct interval){NAN, NAN};
	share = (double)hits / n;
	middle = (share + square / (2 * n)) / (1 + square / n);
	half = NORMAL_975 / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n));
	return (struct interval){hits == 0 ? 0 : middle - half, hits == rows ? 1 : middle + half};
}

/* Rows of sample number `sample`: a function of seed, sample and place, so that every measure sees the same. */
struct draws {
	uint64_t seed, sample, rows, place;
	uint32_t bits[4];
};

static size_t draw(struct draws *draws)
{
	uint64_t block = draws->place / 4;
	uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)draws->sample, 0xb007u};

	if (draws->place % 4 == 0)
		philox(draws->seed, counter, draws->bits);
	return (size_t)(draws->bits[draws->place++ % 4] * draws->rows >> 32);
}

/* Fewer samples where there are many rows: their intervals are narrow. */
static int samples_of(int samples, size_t rows)
{
	uint64_t most = DRAWS_MAX / rows;

	most = most < SAMPLES_MIN ? SAMPLES_MIN : most;
	return most < (uint64_t)samples ? (int)most : samples;
}

/* What is measured on each sample. */
enum measure { ACCURACY, BALANCED_ACCURACY, F1, MACRO_F1, MATTHEWS, LOG_LOSS, BRIER_SCORE, MEASURES };

struct sample {
	struct tally tally;
	double losses, briers;
};

static void sample_clear(struct sample *sample)
{
	tally_clear(&sample->tally);
	sample->losses = sample->briers = 0;
}

static void sample_add(struct sample *sample, const struct predictions *from, size_t row)
{
	tally_add(&sample->tally, from->truths[row], from->predictions[row]);
	sample->losses += from->losses ? from->losses[row] : 0;
	sample->briers += from->briers ? from->briers[row] : 0;
}

static void sample_measure(const struct sample *sample, double out[MEASURES])
{
	double rows = (double)sample->tally.rows;

	out[ACCURACY] = tally_accuracy(&sample->tally);
	out[BALANCED_ACCURACY] = tally_balanced_accuracy(&sample->tally);
	out[F1] = tally_usual(&sample->tally).f1;
	out[MACRO_F1] = tally_macro(&sample->tally).f1;
	out[MATTHEWS] = tally_matthews(&sample->tally);
	out[LOG_LOSS] = sample->losses / rows;
	out[BRIER_SCORE] = sample->briers / rows;
}

static int ascending(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Linear between neighbours, as numpy.percentile. */
static double quantile(const double *sorted, int count, double share)
{
	double at = share * (count - 1), below = floor(at);
	int index = (int)below;

	return index + 1 < count ? sorted[index] + (at - below) * (sorted[index + 1] - sorted[index]) : sorted[index];
}

static struct interval interval_of(double *values, int count)
{
	qsort(values, (size_t)count, sizeof *values, ascending);
	return (struct interval){quantile(values, count, 0.025), quantile(values, count, 0.975)};
}

/* Fills values[measure][sample]: of `a`, or of b - a. */
static void measure_samples(const struct predictions *a, const struct predictions *b, struct sample samples[2], int count,
                            uint64_t seed, double *values)
{
	for (int s = 0; s < count; s++) {
		struct draws draws = {.seed = seed, .sample = (uint64_t)s, .rows = a->rows};
		double first[MEASURES], second[MEASURES];

		sample_clear(&samples[0]);
		sample_clear(&samples[1]);
		for (size_t i = 0; i < a->rows; i++) {
			size_t row = draw(&draws);
			sample_add(&samples[0], a, row);
			if (b)
				sample_add(&samples[1], b, row);
		}
		sample_measure(&samples[0], first);
		sample_measure(&samples[1], second);
		for (int m = 0; m < MEASURES; m++)
			values[m * count + s] = b ? second[m] - first[m] : first[m];
	}
}

/* `b` NULL: of `a` alone. */
static bool intervals(const struct predictions *a, const struct predictions *b, int count, uint64_t seed,
                      struct interval out[MEASURES], struct error *error)
{
	struct sample samples[2] = {0};
	double *values;
	bool done;

	RETURN_IF(a->rows == 0 || a->rows >= UINT32_MAX, error, ERROR_DATA, "%zu rows cannot be drawn from", a->rows);
	count = samples_of(count, a->rows);
	values = size_calloc((size_t)count * MEASURES, sizeof *values);
	done = (values || error_memory(error, "drawing samples")) && tally_init(&samples[0].tally, a->labels, error) &&
	       tally_init(&samples[1].tally, a->labels, error);
	if (done)
		measure_samples(a, b, samples, count, seed, values);
	for (int m = 0; done && m < MEASURES; m++)
		out[m] = interval_of(values + m * count, count);
	tally_free(&samples[0].tally);
	tally_free(&samples[1].tally);
	free(values);
	return done;
}

bool bootstrap_figures(const struct predictions *predictions, int samples, uint64_t seed, struct bootstrap *out,
                       struct error *error)
{
	struct interval all[MEASURES];

	if (!intervals(predictions, NULL, samples, seed, all, error))
		return false;
	*out = (struct bootstrap){all[ACCURACY], all[F1]};
	return true;
}

bool bootstrap_difference(const struct predictions *a, const struct predictions *b, int samples, uint64_t seed,
                          struct bootstrap_difference *out, struct error *error)
{
	struct interval all[MEASURES];

	if (!intervals(a, b, samples, seed, all, error))
		return false;
	*out = (struct bootstrap_difference){all[ACCURACY], all[BALANCED_ACCURACY], all[F1], all[MACRO_F1], all[MATTHEWS],
	                                     all[LOG_LOSS], all[BRIER_SCORE]};
	return true;
}
