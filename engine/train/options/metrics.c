/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/evaluate.h"

#include "engine/base/size.h"
#include "engine/data/labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ORDERED_LABELS 3 /* of two the error is nothing but the share of wrong ones */

static bool take(struct metrics *metrics, int32_t labels, bool sets, struct error *error)
{
	size_t count = (size_t)labels;
	bool confusion = !sets && labels <= METRICS_MATRIX_LABELS;

	*metrics = (struct metrics){.labels = labels, .sets = sets};
	if (!tally_init(&metrics->tally, labels, error))
		return false;
	metrics->tally.independent = sets;
	if (confusion)
		metrics->confusion = size_calloc(count * count, sizeof *metrics->confusion);
	if (sets)
		metrics->on = size_calloc(count, sizeof *metrics->on);
	if ((metrics->confusion || !confusion) && (metrics->on || !sets))
		return true;
	metrics_free(metrics);
	return error_memory(error, "counting predictions");
}

bool metrics_init(struct metrics *metrics, int32_t labels, struct error *error)
{
	return take(metrics, labels, false, error);
}

bool metrics_init_sets(struct metrics *metrics, int32_t labels, struct error *error)
{
	return take(metrics, labels, true, error);
}

/* Whether the labels are numbers of different values; they need not stand in their order. */
static bool read_values(const struct model *model, double *values, int32_t count)
{
	for (int32_t i = 0; i < count; i++) {
		if (!label_number(model_label(model, i), &values[i]) || !isfinite(values[i]))
			return false;
		for (int32_t j = 0; j < i; j++)
			if (values[j] == values[i])
				return false;
	}
	return true;
}

bool metrics_order(struct metrics *metrics, const struct model *model, struct error *error)
{
	if (metrics->labels < ORDERED_LABELS || metrics->sets)
		return true;
	metrics->values = size_calloc((size_t)metrics->labels, sizeof *metrics->values);
	if (!metrics->values)
		return error_memory(error, "counting predictions");
	if (read_values(model, metrics->values, metrics->labels))
		return true;
	free(metrics->values);
	metrics->values = NULL;
	return true;
}

void metrics_free(struct metrics *metrics)
{
	tally_free(&metrics->tally);
	free(metrics->confusion);
	free(metrics->on);
	free(metrics->values);
	free(metrics->truths);
	free(metrics->predictions);
	free(metrics->targets);
	free(metrics->chosen);
	free(metrics->logits);
	*metrics = (struct metrics){.labels = metrics->labels};
}

bool metrics_keep(struct metrics *metrics, size_t rows, struct error *error)
{
	size_t labels = (size_t)metrics->labels, cells;

	RETURN_IF(rows > METRICS_CELLS_MAX / labels, error, ERROR_FAILED, "%zu rows with %zu scores each are too many to keep",
	          rows, labels);
	cells = rows * labels;
	metrics->logits = size_calloc(cells, sizeof *metrics->logits);
	metrics->targets = metrics->sets ? size_calloc(cells, sizeof *metrics->targets) : NULL;
	metrics->chosen = metrics->sets ? size_calloc(cells, sizeof *metrics->chosen) : NULL;
	metrics->truths = metrics->sets ? NULL : size_calloc(rows, sizeof *metrics->truths);
	metrics->predictions = metrics->sets ? NULL : size_calloc(rows, sizeof *metrics->predictions);
	if (!metrics->logits || (metrics->sets ? !metrics->targets || !metrics->chosen
	                                       : !metrics->truths || !metrics->predictions))
		return error_memory(error, "keeping the scores of all rows");
	metrics->capacity = rows;
	return true;
}

/* Scores and decisions */

static double temperature_of(const struct metrics *metrics)
{
	return metrics->own && metrics->own->temperature > 0 ? metrics->own->temperature : 1;
}

/* log(sum(exp(logits / T))) - logits[truth] / T, safe for any size of logits. */
static double cross_entropy(const float *logits, int32_t labels, int32_t truth, int32_t best, double temperature)
{
	double highest = (double)logits[best], sum = 0;

	for (int32_t i = 0; i < labels; i++)
		sum += exp(((double)logits[i] - highest) / temperature);
	return log(sum) + (highest - (double)logits[truth]) / temperature;
}

/* -log sigmoid(z) where the label holds, -log(1 - sigmoid(z)) where not; the mean over the labels. */
static double binary_cross_entropy(const float *logits, const float *targets, int32_t labels, double temperature)
{
	double sum = 0;

	for (int32_t i = 0; i < labels; i++) {
		double z = (double)logits[i] / temperature;
		sum += fmax(z, 0) - (targets[i] > 0 ? z : 0) + log1p(exp(-fabs(z)));
	}
	return sum / labels;
}

static int32_t highest_of(const float *logits, int32_t labels)
{
	int32_t best = 0;

	for (int32_t i = 1; i < labels; i++)
		if (logits[i] > logits[best])
			best = i;
	return best;
}

static int32_t decide(const struct metrics *metrics, const float *logits, int32_t best)
{
	double scores[2];

	if (metrics->labels != 2 || !metrics->own || metrics->own->threshold_count != 1)
		return best;
	probabilities_of(scores, logits, 2, false, temperature_of(metrics));
	return scores[1] >= metrics->own->thresholds[0];
}

/* sigmoid(z / T) >= threshold; without one above 0.5, as model_label_is_on. */
static bool decide_label(const struct metrics *metrics, float logit, int32_t label)
{
	double score;

	if (!metrics->own || metrics->own->threshold_count != metrics->labels)
		return logit > 0;
	probabilities_of(&score, &logit, 1, true, temperature_of(metrics));
	return score >= metrics->own->thresholds[label];
}

/* Counting */

static void keep_logits(struct metrics *metrics, const float *logits)
{
	size_t labels = (size_t)metrics->labels;

	memcpy(metrics->logits + metrics->kept * labels, logits, labels * sizeof *logits);
	metrics->kept++;
}

int32_t metrics_add(struct metrics *metrics, int32_t truth, const float *logits, bool truncated)
{
	int32_t best = highest_of(logits, metrics->labels), prediction = decide(metrics, logits, best);

	metrics->count++;
	tally_add(&metrics->tally, truth, prediction);
	if (metrics->confusion)
		metrics->confusion[(size_t)truth * (size_t)metrics->labels + (size_t)prediction]++;
	metrics->loss_sum += cross_entropy(logits, metrics->labels, truth, best, temperature_of(metrics));
	metrics->truncated += truncated;
	if (metrics->values)
		metrics->error_sum += fabs(metrics->values[prediction] - metrics->values[truth]);
	if (metrics->kept < metrics->capacity) {
		metrics->truths[metrics->kept] = truth;
		metrics->predictions[metrics->kept] = prediction;
		keep_logits(metrics, logits);
	}
	return prediction;
}

static void keep_set(struct metrics *metrics, const float *targets, const float *logits)
{
	size_t first = metrics->kept * (size_t)metrics->labels;

	for (int32_t i = 0; i < metrics->labels; i++) {
		metrics->targets[first + (size_t)i] = targets[i] > 0;
		metrics->chosen[first + (size_t)i] = metrics->on[i];
	}
	keep_logits(metrics, logits);
}

bool metrics_add_set(struct metrics *metrics, const float *targets, const float *logits, bool truncated)
{
	bool right = tally_add_set(&metrics->tally, targets, metrics->on, &metrics->samples) == 0;

	metrics->count++;
	metrics->exact += right;
	metrics->loss_sum += binary_cross_entropy(logits, targets, metrics->labels, temperature_of(metrics));
	metrics->truncated += truncated;
	if (metrics->kept < metrics->capacity)
		keep_set(metrics, targets, logits);
	return right;
}

/* The targets of a row as the loss wants them. */
static void add_kept_set(struct metrics *out, const struct metrics *from, size_t row, float *targets)
{
	size_t first = row * (size_t)from->labels;

	for (int32_t i = 0; i < from->labels; i++) {
		targets[i] = from->targets[first + (size_t)i];
		out->on[i] = decide_label(out, from->logits[first + (size_t)i], i);
	}
	metrics_add_set(out, targets, from->logits + first, false);
}

static bool copy_values(const struct metrics *from, struct metrics *out, struct error *error)
{
	size_t size = (size_t)from->labels * sizeof *from->values;

	if (!from->values)
		return true;
	out->values = malloc(size);
	if (!out->values)
		return error_memory(error, "counting predictions");
	memcpy(out->values, from->values, size);
	return true;
}

bool metrics_recount(const struct metrics *from, const struct model_own *own, struct metrics *out, struct error *error)
{
	size_t labels = (size_t)from->labels;
	float *targets;

	if (!take(out, from->labels, from->sets, error) || !metrics_keep(out, from->kept, error) ||
	    !copy_values(from, out, error))
		return false;
	targets = size_calloc(labels, sizeof *targets);
	if (!targets)
		return error_memory(error, "counting predictions");
	out->own = own;
	for (size_t r = 0; r < from->kept; r++) {
		if (from->sets)
			add_kept_set(out, from, r, targets);
		else
			metrics_add(out, from->truths[r], from->logits + r * labels, false);
	}
	out->truncated = from->truncated;
	free(targets);
	return true;
}

bool metrics_rename(struct metrics *metrics, const int32_t *to, struct error *error)
{
	size_t labels = (size_t)metrics->labels;
	float *before = size_calloc(labels, sizeof *before);

	if (!before)
		return error_memory(error, "comparing labels");
	tally_clear(&metrics->tally);
	for (size_t r = 0; r < metrics->kept; r++) {
		float *logits = metrics->logits + r * labels;
		memcpy(before, logits, labels * sizeof *logits);
		for (size_t i = 0; i < labels; i++)
			logits[to[i]] = before[i];
		metrics->truths[r] = to[metrics->truths[r]];
		metrics->predictions[r] = to[metrics->predictions[r]];
		tally_add(&metrics->tally, metrics->truths[r], metrics->predictions[r]);
	}
	free(before);
	return true;
}

/* Figures */

double *metrics_scores(const struct metrics *metrics, struct error *error)
{
	size_t labels = (size_t)metrics->labels;
	double *scores = size_calloc(metrics->kept * labels, sizeof *scores);

	if (!scores) {
		error_memory(error, "computing the scores of all rows");
		return NULL;
	}
	for (size_t r = 0; r < metrics->kept; r++)
		probabilities_of(scores + r * labels, metrics->logits + r * labels, metrics->labels,
		                 metrics->sets, temperature_of(metrics));
	return scores;
}

struct scored_rows metrics_rows(const struct metrics *metrics, const double *scores)
{
	return (struct scored_rows){metrics->kept, metrics->labels, metrics->truths, metrics->targets, scores};
}

struct label_figures metrics_label(const struct metrics *metrics, int32_t label)
{
	struct averages one = tally_label(&metrics->tally, label);

	return (struct label_figures){one.precision, one.recall, one.f1, metrics->tally.support[label]};
}

struct metric_figures metrics_figures(const struct metrics *metrics)
{
	struct averages macro = tally_macro(&metrics->tally), micro = tally_micro(&metrics->tally),
	                usual = tally_usual(&metrics->tally);
	double count = metrics->count ? (double)metrics->count : 1;

	return (struct metric_figures){
		.loss = metrics->loss_sum / count,
		.accuracy = metrics->sets ? (double)metrics->exact / count : tally_accuracy(&metrics->tally),
		.macro_precision = macro.precision,
		.macro_recall = macro.recall,
		.macro_f1 = macro.f1,
		.micro_precision = micro.precision,
		.micro_recall = micro.recall,
		.micro_f1 = micro.f1,
		.precision = usual.precision,
		.recall = usual.recall,
		.f1 = usual.f1,
		.hamming_loss = metrics->sets ? tally_hamming_loss(&metrics->tally) : NAN,
		.mean_absolute_error = metrics->values && metrics->count ? metrics->error_sum / count : NAN,
	};
}
