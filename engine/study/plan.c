/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/study/plan.h"

#include "engine/base/number.h"
#include "engine/base/size.h"
#include "engine/train/options/best.h"
#include "engine/train/rows/fold.h"
#include "engine/train/rows/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_MAX 4294967295.0

void plan_free(struct plan *plan)
{
	free(plan->trials);
	plan->trials = NULL;
}

static bool take_room(struct plan *plan, int trials, int reduction, struct error *error)
{
	plan->halving = halving_plan(trials, reduction);
	plan->trials = size_calloc((size_t)trials, sizeof *plan->trials);
	return plan->trials || error_memory(error, "planning a study");
}

static void set(struct plan_trial *trial, const char *name, const char *value)
{
	struct setting *setting = &trial->settings.list[trial->settings.count++];

	setting->row = train_option_find(name);
	snprintf(setting->value, sizeof setting->value, "%s", value);
}

/* Seeds */

/* The number that a list begins with, and where the next begins. */
static bool next_seed(const char **list, long long *out, struct error *error)
{
	const size_t size = strcspn(*list, ",");
	char text[24];
	int64_t seed;

	snprintf(text, sizeof text, "%.*s", (int)(size < sizeof text ? size : sizeof text - 1), *list);
	RETURN_IF(!number_parse_integer(text, &seed) || seed < 0 || (double)seed > SEED_MAX, error, ERROR_USAGE,
	          "--seeds: \"%.30s\" is no seed: whole numbers from 0 to %.0f with commas between, as 1,2,3", text, SEED_MAX);
	*out = seed;
	*list += size + ((*list)[size] == ',');
	return true;
}

static bool has_seed(const struct plan *plan, int count, const char *text)
{
	for (int i = 0; i < count; i++)
		if (strcmp(plan->trials[i].settings.list[0].value, text) == 0)
			return true;
	return false;
}

/* All are measured on the same rows: what differs is luck. */
static bool plan_seeds(struct plan *plan, const struct study_request *request, struct error *error)
{
	const char *list = request->seeds;
	int count = 1;

	for (const char *at = list; *at; at++)
		count += *at == ',';
	RETURN_IF(count < 2 || count > STUDY_TRIALS_MAX, error, ERROR_USAGE, "--seeds: two to %d seeds with commas between, as 1,2,3",
	          STUDY_TRIALS_MAX);
	if (!take_room(plan, count, 1, error))
		return false;
	if (plan->options.split_seed < 0)
		plan->options.split_seed = plan->options.seed;
	for (int i = 0; i < count; i++) {
		char text[24];
		long long seed;

		if (!next_seed(&list, &seed, error))
			return false;
		snprintf(text, sizeof text, "%lld", seed);
		RETURN_IF(has_seed(plan, i, text), error, ERROR_USAGE, "--seeds: %s stands there twice", text);
		snprintf(plan->trials[i].name, sizeof plan->trials[i].name, "seed-%s", text);
		set(&plan->trials[i], "seed", text);
	}
	return true;
}

/* Folds */

static bool plan_folds(struct plan *plan, const struct study_request *request, struct error *error)
{
	const int64_t folds = request->folds;

	RETURN_IF(folds < 2 || folds > FOLDS_MAX, error, ERROR_USAGE, "--folds %lld: 2 to %d folds are possible", (long long)folds,
	          FOLDS_MAX);
	RETURN_IF(!train_option_is_default(&plan->options, train_option_find("validation")), error, ERROR_USAGE,
	          "--folds says which rows are held out, and so does --validation: leave one of them out");
	if (!take_room(plan, (int)folds, 1, error))
		return false;
	for (int i = 0; i < folds; i++) {
		char text[32];

		snprintf(text, sizeof text, "%d/%lld", i + 1, (long long)folds);
		snprintf(plan->trials[i].name, sizeof plan->trials[i].name, "fold-%d", i + 1);
		set(&plan->trials[i], "validation", text);
	}
	return true;
}

/* A search */

static bool plan_objective(struct plan *plan, const struct study_request *request, struct error *error)
{
	struct train_options *options = &plan->options;
	struct best_rule rule;

	snprintf(plan->objective, sizeof plan->objective, "%s", request->objective);
	snprintf(options->metric_for_best_model, sizeof options->metric_for_best_model, "%s", request->objective);
	RETURN_IF(strcmp(options->eval_strategy, "no") == 0 || strcmp(options->validation, "0") == 0 || !options->validation[0], error,
	          ERROR_USAGE, "a search needs rows that are held out to compare its trials: --eval-strategy no and --validation 0 "
	          "leave none");
	return best_rule_of(options, &rule, error) || error_prefix(error, "--objective");
}

static bool plan_search(struct plan *plan, const struct study_request *request, struct error *error)
{
	struct settings *drawn;
	int count;

	RETURN_IF(request->max_trials < 1 || request->max_trials > STUDY_TRIALS_MAX, error, ERROR_USAGE,
	          "--max-trials: 1 to %d are possible", STUDY_TRIALS_MAX);
	if (!plan_objective(plan, request, error))
		return false;
	drawn = size_calloc((size_t)request->max_trials, sizeof *drawn);
	if (!drawn)
		return error_memory(error, "planning a study");
	count = space_draw(request->space, &plan->options, (int)request->max_trials, (uint64_t)plan->options.seed, drawn, error);
	if (count > 0 && take_room(plan, count, (int)request->reduction, error))
		for (int i = 0; i < count; i++) {
			snprintf(plan->trials[i].name, sizeof plan->trials[i].name, "trial-%03d", i + 1);
			plan->trials[i].settings = drawn[i];
		}
	free(drawn);
	return count > 0 && plan->trials;
}

bool plan_make(struct plan *plan, const struct study_request *request, struct error *error)
{
	*plan = (struct plan){.kind = request->kind, .options = *request->options};
	if (!train_options_check(&plan->options, error) || !source_path(plan->data, sizeof plan->data, request->data, error) ||
	    !source_path(plan->model, sizeof plan->model, request->model, error))
		return false;
	return request->kind == STUDY_SEEDS   ? plan_seeds(plan, request, error)
	       : request->kind == STUDY_FOLDS ? plan_folds(plan, request, error)
	                                      : plan_search(plan, request, error);
}

/* Comparing */

static bool same_settings(const struct settings *a, const struct settings *b)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++)
		if (a->list[i].row != b->list[i].row || strcmp(a->list[i].value, b->list[i].value) != 0)
			return false;
	return true;
}

static bool same_options(const struct train_options *a, const struct train_options *b)
{
	static const size_t most = OPTION_TEXT_MAX;
	char *texts = size_calloc(2, most);
	bool same = texts != NULL;

	for (int i = 0; same && i < train_option_count; i++) {
		train_option_format(a, &train_option_rows[i], texts, most);
		train_option_format(b, &train_option_rows[i], texts + most, most);
		same = strcmp(texts, texts + most) == 0;
	}
	free(texts);
	return same;
}

bool plan_is_same(const struct plan *a, const struct plan *b)
{
	if (a->kind != b->kind || strcmp(a->data, b->data) != 0 || strcmp(a->model, b->model) != 0 ||
	    strcmp(a->objective, b->objective) != 0 || a->halving.trials != b->halving.trials ||
	    a->halving.reduction != b->halving.reduction || !same_options(&a->options, &b->options))
		return false;
	for (int i = 0; i < a->halving.trials; i++)
		if (strcmp(a->trials[i].name, b->trials[i].name) != 0 || !same_settings(&a->trials[i].settings, &b->trials[i].settings))
			return false;
	return true;
}
