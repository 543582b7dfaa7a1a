/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/run_figures.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define AT(member) offsetof(struct run_evaluation, member)

/* Words of speed: speed_metrics of transformers' trainer_utils.py. Types: the Hub's names of metrics. */
const struct run_figure run_figures[] = {
	{"loss", "loss", "Loss", "loss", .always = true, .offset = AT(loss)},
	{"perplexity", "perplexity", "Perplexity", "perplexity", .positive = true, .offset = AT(perplexity)},
	{"accuracy", "accuracy", "Accuracy", "accuracy", .always = true, .offset = AT(accuracy)},
	{"f1", "f1", "F1", "f1", .averaged = true, .offset = AT(f1)},
	{"f1_macro", "f1_macro", "F1", "f1", .averaged = true, .average = "macro", .offset = AT(f1_macro)},
	{"precision", "precision", "Precision", "precision", .averaged = true, .offset = AT(precision)},
	{"recall", "recall", "Recall", "recall", .averaged = true, .offset = AT(recall)},
	{"mean_absolute_error", "mae", "Mean absolute error", "mae", .offset = AT(mean_absolute_error)},
	{"runtime", "runtime", .offset = AT(runtime)},
	{"samples_per_second", "samples_per_second", .offset = AT(samples_per_second)},
	{"steps_per_second", "steps_per_second", .offset = AT(steps_per_second)},
};

const int run_figure_count = sizeof run_figures / sizeof run_figures[0];

const struct run_evaluation run_evaluation_none = {
	.loss = NAN, .accuracy = NAN, .f1 = NAN, .metric = NAN, .precision = NAN, .recall = NAN, .f1_macro = NAN,
	.mean_absolute_error = NAN, .perplexity = NAN, .runtime = NAN, .samples_per_second = NAN, .steps_per_second = NAN,
};

double run_figure_value(const struct run_evaluation *evaluation, const struct run_figure *figure)
{
	double value;

	memcpy(&value, (const char *)evaluation + figure->offset, sizeof value);
	return value;
}

bool run_figure_is_there(const struct run_evaluation *evaluation, const struct run_figure *figure)
{
	const double value = run_figure_value(evaluation, figure);

	return figure->always || (!isnan(value) && (!figure->positive || value > 0));
}

static bool put(json_t *object, const char *key, double value)
{
	return json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null()) == 0;
}

bool run_figures_put(const struct run_evaluation *evaluation, json_t *object)
{
	char key[64];
	bool done = true;

	for (int i = 0; done && i < run_figure_count; i++) {
		snprintf(key, sizeof key, "eval_%s", run_figures[i].name);
		done = !run_figure_is_there(evaluation, &run_figures[i]) ||
		       put(object, key, run_figure_value(evaluation, &run_figures[i]));
	}
	return done;
}

bool run_figures_keep(const struct run_evaluation *evaluation, json_t *object)
{
	bool done = true;

	for (int i = 0; done && i < run_figure_count; i++)
		done = !run_figure_is_there(evaluation, &run_figures[i]) ||
		       put(object, run_figures[i].key, run_figure_value(evaluation, &run_figures[i]));
	return done;
}

void run_figures_read(struct run_evaluation *evaluation, const json_t *object)
{
	for (int i = 0; i < run_figure_count; i++) {
		const json_t *found = json_object_get(object, run_figures[i].key);
		double value = json_is_number(found) ? json_number_value(found) : (double)NAN;
		memcpy((char *)evaluation + run_figures[i].offset, &value, sizeof value);
	}
}
