/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/cpu/reference_optimize.h"

#include "engine/backend/conventions.h"

#include <math.h>

void reference_clip(struct backend *b, struct clipping *clipping, const struct segment *segments, size_t count, double limit)
{
	double sum = 0;

	(void)b;
	for (size_t s = 0; s < count; s++)
		for (size_t i = 0; i < segments[s].count; i++)
			sum += (double)segments[s].gradient[i] * (double)segments[s].gradient[i];
	*clipping = clipping_of(sum, limit);
}

static void adamw_segment(const struct segment *s, const struct adamw *a)
{
	double rate = a->learning_rate * s->rate, decay = s->decay ? rate * a->weight_decay : 0;

	for (size_t i = 0; i < s->count; i++) {
		double g = (double)s->gradient[i] * (double)clipping_scale(a->clipping);
		double value = (double)s->value[i] * (1 - decay);

		s->average[i] = (float)(a->beta1 * (double)s->average[i] + (1 - a->beta1) * g);
		s->square[i] = (float)(a->beta2 * (double)s->square[i] + (1 - a->beta2) * g * g);
		value -= rate / a->correction1 * (double)s->average[i] /
		         (sqrt((double)s->square[i] / a->correction2) + a->epsilon);
		s->value[i] = (float)value;
	}
}

void reference_adamw(struct backend *b, const struct segment *segments, size_t count, const struct adamw *a)
{
	(void)b;
	for (size_t s = 0; !clipping_stops(a->clipping) && s < count; s++)
		adamw_segment(&segments[s], a);
}

static void sgd_segment(const struct segment *s, const struct sgd *how)
{
	double decay = s->decay ? how->weight_decay : 0;

	for (size_t i = 0; i < s->count; i++) {
		double d = (double)s->gradient[i] * (double)clipping_scale(how->clipping) + decay * (double)s->value[i];

		if (how->momentum > 0) {
			double m = how->first ? d : how->momentum * (double)s->average[i] + (1 - how->dampening) * d;

			s->average[i] = (float)m;
			d = how->nesterov ? d + how->momentum * m : m;
		}
		s->value[i] = (float)((double)s->value[i] - how->learning_rate * s->rate * d);
	}
}

void reference_sgd(struct backend *b, const struct segment *segments, size_t count, const struct sgd *s)
{
	(void)b;
	for (size_t i = 0; !clipping_stops(s->clipping) && i < count; i++)
		sgd_segment(&segments[i], s);
}

static void lion_segment(const struct segment *s, const struct lion *l)
{
	double rate = l->learning_rate * s->rate, decay = s->decay ? rate * l->weight_decay : 0;

	for (size_t i = 0; i < s->count; i++) {
		double g = (double)s->gradient[i] * (double)clipping_scale(l->clipping), m = (double)s->average[i];
		double direction = l->beta1 * m + (1 - l->beta1) * g;

		s->value[i] = (float)((double)s->value[i] * (1 - decay) - rate * ((direction > 0) - (direction < 0)));
		s->average[i] = (float)(l->beta2 * m + (1 - l->beta2) * g);
	}
}

void reference_lion(struct backend *b, const struct segment *segments, size_t count, const struct lion *l)
{
	(void)b;
	for (size_t i = 0; !clipping_stops(l->clipping) && i < count; i++)
		lion_segment(&segments[i], l);
}

static double scaled(const struct segment *s, size_t i, const struct adafactor *a)
{
	return (double)s->gradient[i] * (double)clipping_scale(a->clipping);
}

static void blend(float *state, double mean, const struct adafactor *a)
{
	*state = (float)(a->beta2 * (double)*state + (1 - a->beta2) * mean);
}

static void adafactor_means(const struct segment *s, const struct adafactor *a)
{
	const size_t rows = (size_t)s->rows, columns = (size_t)s->columns;

	for (size_t r = 0; r < rows; r++) {
		double sum = 0;

		for (size_t c = 0; c < columns; c++)
			sum += pow(scaled(s, r * columns + c, a), 2);
		blend(&s->average[r], sum / (double)columns + ADAFACTOR_EPSILON, a);
	}
	for (size_t c = 0; c < columns; c++) {
		double sum = 0;

		for (size_t r = 0; r < rows; r++)
			sum += pow(scaled(s, r * columns + c, a), 2);
		blend(&s->square[c], sum / (double)rows + ADAFACTOR_EPSILON, a);
	}
}

/* The update of element i before it is scaled down. */
static double adafactor_update(const struct segment *s, size_t i, double row_mean, const struct adafactor *a)
{
	size_t columns = (size_t)s->columns;

	if (columns == 0)
		return scaled(s, i, a) / sqrt((double)s->square[i]);
	return scaled(s, i, a) / sqrt((double)s->average[i / columns] / row_mean) / sqrt((double)s->square[i % columns]);
}

static void adafactor_segment(const struct segment *s, const struct adafactor *a)
{
	double rate = a->learning_rate * s->rate, decay = s->decay ? rate * a->weight_decay : 0;
	double row_mean = 0, squares = 0, root;

	if (s->columns > 0)
		adafactor_means(s, a);
	for (size_t i = 0; s->columns == 0 && i < s->count; i++)
		blend(&s->square[i], pow(scaled(s, i, a), 2) + ADAFACTOR_EPSILON, a);
	for (size_t r = 0; s->columns > 0 && r < (size_t)s->rows; r++)
		row_mean += (double)s->average[r] / (double)s->rows;
	for (size_t i = 0; i < s->count; i++)
		squares += pow(adafactor_update(s, i, row_mean, a), 2);
	root = sqrt(squares / (double)s->count) / ADAFACTOR_THRESHOLD;
	for (size_t i = 0; i < s->count; i++)
		s->value[i] = (float)((double)s->value[i] * (1 - decay) -
		                      rate * adafactor_update(s, i, row_mean, a) / fmax(root, 1));
}

void reference_adafactor(struct backend *b, const struct segment *segments, size_t count, const struct adafactor *a)
{
	(void)b;
	for (size_t s = 0; !clipping_stops(a->clipping) && s < count; s++)
		adafactor_segment(&segments[s], a);
}
