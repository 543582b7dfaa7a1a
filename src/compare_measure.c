/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/compare.h"

#include <stdio.h>
#include <stdlib.h>

#define NAMES_BYTES 200

static int32_t count_of(const struct comparison *comparison, int side)
{
	return model_config(comparison->sides[side].model)->num_labels;
}

const char *compare_label(const struct comparison *comparison, int32_t label)
{
	return model_label(comparison->sides[0].model, label);
}

/* "negative, positive"; the end is cut where there is no room. */
static void list_labels(const struct model *model, char out[NAMES_BYTES])
{
	size_t used = 0;

	out[0] = '\0';
	for (int32_t i = 0; i < model_config(model)->num_labels && used < NAMES_BYTES - 1; i++) {
		int size = snprintf(out + used, NAMES_BYTES - used, "%s%.40s", i ? ", " : "", model_label(model, i));
		used = size < 0 ? NAMES_BYTES : used + (size_t)size;
	}
}

static bool refuse(const struct comparison *comparison, struct error *error)
{
	const struct model *a = comparison->sides[0].model, *b = comparison->sides[1].model;
	char first[NAMES_BYTES], second[NAMES_BYTES];

	list_labels(a, first);
	list_labels(b, second);
	return error_set(error, ERROR_DATA, "the models have different labels, so they cannot be compared: %.200s has %s; "
	                 "%.200s has %s", model_folder(a), first, model_folder(b), second);
}

/* A's label of which the name means B's label i: "1" where B has "1 star"; -1. */
static int32_t find_from_there(const struct comparison *comparison, int32_t i)
{
	const struct model *a = comparison->sides[0].model, *b = comparison->sides[1].model;

	for (int32_t j = 0; j < count_of(comparison, 0); j++)
		if (label_match(b, span_of(model_label(a, j))) == i)
			return j;
	return -1;
}

/* to[i] is A's number of B's label i. False: there is none, or another of B's has it. */
static bool find_labels(const struct comparison *comparison, int32_t *to)
{
	const struct model *a = comparison->sides[0].model, *b = comparison->sides[1].model;
	int32_t count = count_of(comparison, 1);

	if (count != count_of(comparison, 0))
		return false;
	for (int32_t i = 0; i < count; i++) {
		to[i] = label_match(a, span_of(model_label(b, i)));
		if (to[i] < 0)
			to[i] = find_from_there(comparison, i);
		if (to[i] < 0)
			return false;
		for (int32_t j = 0; j < i; j++)
			if (to[j] == to[i])
				return false;
	}
	return true;
}

/* What is compared is which of the models is right on a row, by one label a review. */
static bool check_kind(const struct comparison *comparison, struct error *error)
{
	for (int i = 0; i < 2; i++)
		RETURN_IF(model_config(comparison->sides[i].model)->independent_labels, error, ERROR_USAGE,
		          "%s gives a review several labels, and only models that give one are compared: revue eval measures each by "
		          "itself", model_folder(comparison->sides[i].model));
	return true;
}

bool compare_match(struct comparison *comparison, struct error *error)
{
	if (!check_kind(comparison, error))
		return false;
	comparison->to = calloc((size_t)count_of(comparison, 1), sizeof *comparison->to);
	if (!comparison->to)
		return error_memory(error, "comparing labels");
	return find_labels(comparison, comparison->to) || refuse(comparison, error);
}

/* What each row adds to log-loss and Brier score. */
struct row_losses {
	double *losses, *briers; /* [rows] */
};

static void fill_losses(struct row_losses *out, const struct scored_rows *rows)
{
	for (size_t r = 0; r < rows->rows; r++) {
		const struct scored_rows one = {1, rows->labels, rows->truths + r, NULL,
		                                rows->scores + r * (size_t)rows->labels};
		out->losses[r] = log_loss(&one);
		out->briers[r] = brier_score(&one);
	}
}

static bool row_losses_make(struct row_losses *out, const struct metrics *metrics, struct error *error)
{
	double *scores = metrics_scores(metrics, error);
	struct scored_rows rows = metrics_rows(metrics, scores);

	out->losses = calloc(metrics->kept, sizeof *out->losses);
	out->briers = calloc(metrics->kept, sizeof *out->briers);
	if (scores && out->losses && out->briers)
		fill_losses(out, &rows);
	else
		error_memory(error, "comparing losses");
	free(scores);
	return scores && out->losses && out->briers;
}

static struct predictions predictions_of(const struct compared *side, const struct row_losses *losses)
{
	const struct metrics *metrics = &side->evaluation.metrics;

	return (struct predictions){metrics->kept, metrics->labels, metrics->truths, metrics->predictions, losses->losses,
	                            losses->briers};
}

static void count_differing(struct comparison *comparison)
{
	const struct metrics *a = &comparison->sides[0].evaluation.metrics, *b = &comparison->sides[1].evaluation.metrics;

	for (size_t i = 0; i < a->kept; i++)
		comparison->differing += a->predictions[i] != b->predictions[i];
}

static bool draw(struct comparison *comparison, struct row_losses losses[2], struct error *error)
{
	struct predictions a = predictions_of(&comparison->sides[0], &losses[0]);
	struct predictions b = predictions_of(&comparison->sides[1], &losses[1]);

	comparison->mcnemar = mcnemar_test(&a, &b);
	return bootstrap_difference(&a, &b, BOOTSTRAP_SAMPLES, BOOTSTRAP_SEED, &comparison->difference, error);
}

static bool check_rows(const struct comparison *comparison, struct error *error)
{
	const struct metrics *a = &comparison->sides[0].evaluation.metrics, *b = &comparison->sides[1].evaluation.metrics;

	RETURN_IF(a->kept != a->count || b->kept != b->count, error, ERROR_FAILED,
	          "%s: the scores of so many rows and labels cannot be kept: compare on a part of the file",
	          comparison->data_path);
	RETURN_IF(a->kept != b->kept, error, ERROR_DATA, "%s: it changed while it was read", comparison->data_path);
	for (size_t i = 0; i < a->kept; i++)
		RETURN_IF(a->truths[i] != b->truths[i], error, ERROR_DATA,
		          "%s: the two models take the label of row %llu for different ones of theirs", comparison->data_path,
		          (unsigned long long)comparison->sides[0].evaluation.kept[i].row + 1);
	return true;
}

bool compare_measure(struct comparison *comparison, struct error *error)
{
	struct row_losses losses[2] = {{0}};
	bool done = metrics_rename(&comparison->sides[1].evaluation.metrics, comparison->to, error) &&
	            check_rows(comparison, error);

	for (int i = 0; done && i < 2; i++)
		done = figures_compute(&comparison->sides[i].figures, &comparison->sides[i].evaluation.metrics, error) &&
		       row_losses_make(&losses[i], &comparison->sides[i].evaluation.metrics, error);
	done = done && draw(comparison, losses, error);
	count_differing(comparison);
	for (int i = 0; i < 2; i++) {
		free(losses[i].losses);
		free(losses[i].briers);
	}
	return done;
}
