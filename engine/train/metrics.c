/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/evaluate.h"

#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool metrics_init(struct metrics *metrics, int32_t labels, struct error *error)
{
	size_t count = (size_t)labels;

	*metrics = (struct metrics){.labels = labels};
	if (!tally_init(&metrics->tally, labels, error))
		return false;
	metrics->scratch = size_calloc(2 * count, sizeof *metrics->scratch);
	if (labels <= METRICS_MATRIX_LABELS)
		metrics->confusion = size_calloc(count * count, sizeof *metrics->confusion);
	if (metrics->scratch && (metrics->confusion || labels > METRICS_MATRIX_LABELS))
		return true;
	metrics_free(metrics);
	return error_memory(error, "counting predictions");
}

void metrics_free(struct metrics *metrics)
{
	tally_free(&metrics->tally);
	free(metrics->confusion);
	free(metrics->scratch);
	free(metrics->truths);
	free(metrics->predictions);
	free(metrics->targets);
	free(metrics->chosen);
	free(metrics->logits);
	*metrics = (struct metrics){.labels = metrics->labels};
}

bool metrics_keep(struct metrics *metrics, size_t rows, bool independent, struct error *error)
{
	size_t labels = (size_t)metrics->labels, cells;

	RETURN_IF(rows > METRICS_CELLS_MAX / labels, error, ERROR_FAILED, "%zu rows with %zu scores each are too many to keep",
	          rows, labels);
	cells = rows * labels;
	metrics->logits = size_calloc(cells, sizeof *metrics->logits);
	metrics->targets = independent ? size_calloc(cells, sizeof *metrics->targets) : NULL;
	metrics->chosen = independent ? size_calloc(cells, sizeof *metrics->chosen) : NULL;
	metrics->truths = independent ? NULL : size_calloc(rows, sizeof *metrics->truths);
	metrics->predictions = independent ? NULL : size_calloc(rows, sizeof *metrics->predictions);
	if (!metrics->logits || (independent ? !metrics->targets || !metrics->chosen
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
static double binary_cross_entropy(const float *logits, const uint8_t *targets, int32_t labels, double temperature)
{
	double sum = 0;

	for (int32_t i = 0; i < labels; i++) {
		double z = (double)logits[i] / temperature;
		sum += fmax(z, 0) - (targets[i] ? z : 0) + log1p(exp(-fabs(z)));
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

/* sigmoid(z / T) >= threshold. */
static bool decide_label(const struct metrics *metrics, float logit, int32_t label)
{
	double score;

	if (!metrics->own || metrics->own->threshold_count != metrics->labels)
		return logit >= 0;
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
	if (metrics->kept < metrics->capacity && metrics->truths) {
		metrics->truths[metrics->kept] = truth;
		metrics->predictions[metrics->kept] = prediction;
		keep_logits(metrics, logits);
	}
	return prediction;
}

static void keep_targets(struct metrics *metrics, const uint8_t *targets, const uint8_t *chosen, const float *logits)
{
	size_t labels = (size_t)metrics->labels;

	memcpy(metrics->targets + metrics->kept * labels, targets, labels);
	memcpy(metrics->chosen + metrics->kept * labels, chosen, labels);
	keep_logits(metrics, logits);
}

static void add_samples(struct metrics *metrics, const uint8_t *targets, const uint8_t *chosen)
{
	double hits = 0, predicted = 0, support = 0;

	for (int32_t i = 0; i < metrics->labels; i++) {
		hits += targets[i] && chosen[i];
		predicted += chosen[i];
		support += targets[i];
	}
	metrics->samples.precision += predicted > 0 ? hits / predicted : 0;
	metrics->samples.recall += support > 0 ? hits / support : 0;
	metrics->samples.f1 += predicted + support > 0 ? 2 * hits / (predicted + support) : 0;
}

void metrics_add_targets(struct metrics *metrics, const float *targets, const float *logits, bool truncated)
{
	uint8_t *truths = metrics->scratch, *chosen = metrics->scratch + metrics->labels;
	int32_t wrong;

	for (int32_t i = 0; i < metrics->labels; i++) {
		truths[i] = targets[i] >= 0.5f;
		chosen[i] = decide_label(metrics, logits[i], i);
	}
	metrics->tally.independent = true;
	wrong = tally_add_targets(&metrics->tally, truths, chosen);
	metrics->count++;
	metrics->wrong += (uint64_t)wrong;
	metrics->subsets += wrong == 0;
	metrics->loss_sum += binary_cross_entropy(logits, truths, metrics->labels, temperature_of(metrics));
	metrics->truncated += truncated;
	add_samples(metrics, truths, chosen);
	if (metrics->kept < metrics->capacity && metrics->targets)
		keep_targets(metrics, truths, chosen, logits);
}

/* The targets of a row as the loss wants them. */
static void add_kept_targets(struct metrics *out, const struct metrics *from, size_t row, float *targets)
{
	size_t labels = (size_t)from->labels;

	for (size_t i = 0; i < labels; i++)
		targets[i] = from->targets[row * labels + i];
	metrics_add_targets(out, targets, from->logits + row * labels, false);
}

bool metrics_recount(const struct metrics *from, const struct model_own *own, struct metrics *out, struct error *error)
{
	size_t labels = (size_t)from->labels;
	float *targets;

	if (!metrics_init(out, from->labels, error) || !metrics_keep(out, from->kept, from->targets != NULL, error))
		return false;
	targets = size_calloc(labels, sizeof *targets);
	if (!targets)
		return error_memory(error, "counting predictions");
	out->own = own;
	for (size_t r = 0; r < from->kept; r++) {
		if (from->targets)
			add_kept_targets(out, from, r, targets);
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
		                 metrics->targets != NULL, temperature_of(metrics));
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
	struct averages macro = tally_macro(&metrics->tally), usual = tally_usual(&metrics->tally);
	double count = metrics->count ? (double)metrics->count : 1;

	return (struct metric_figures){
		.loss = metrics->loss_sum / count,
		.accuracy = metrics->tally.independent ? (double)metrics->subsets / count : tally_accuracy(&metrics->tally),
		.macro_precision = macro.precision,
		.macro_recall = macro.recall,
		.macro_f1 = macro.f1,
		.precision = usual.precision,
		.recall = usual.recall,
		.f1 = usual.f1,
	};
}
