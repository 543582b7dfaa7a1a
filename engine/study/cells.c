/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of a study in words: its columns, and what stands below it. */
#include "engine/study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	bool number;
} columns[STUDY_COLUMN_COUNT] = {
#define C(id, name_, number_) [STUDY_COLUMN_##id] = {name_, number_},
	STUDY_COLUMNS(C)
#undef C
};

const char *study_column_name(const struct study *study, enum study_column column)
{
	const char *objective = study_objective(study);

	if (column != STUDY_COLUMN_OBJECTIVE || !*objective)
		return columns[column].name;
	return objective + (strncmp(objective, "eval_", 5) == 0 ? 5 : 0);
}

bool study_column_is_number(enum study_column column)
{
	return columns[column].number;
}

/* Seeds and folds have no objective; without halving there is one rung. An objective that is one of the usual figures stands
 * there once. */
bool study_column_is_there(const struct study *study, enum study_column column)
{
	if (column >= STUDY_COLUMN_LOSS && column <= STUDY_COLUMN_F1 && *study_objective(study))
		return strcasecmp(columns[column].name, study_column_name(study, STUDY_COLUMN_OBJECTIVE)) != 0;
	return column == STUDY_COLUMN_OBJECTIVE ? *study_objective(study) != '\0'
	       : column == STUDY_COLUMN_RUNG    ? study_rungs(study) > 1
	                                        : true;
}

static void put_number(double value, char out[STUDY_CELL_MAX])
{
	if (isnan(value))
		snprintf(out, STUDY_CELL_MAX, "-");
	else
		snprintf(out, STUDY_CELL_MAX, "%.4f", value);
}

void study_settings(const struct study_trial *trial, char out[STUDY_CELL_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < trial->settings && used < STUDY_CELL_MAX; i++)
		used += (size_t)snprintf(out + used, STUDY_CELL_MAX - used, "%s%s %s", i ? ", " : "", trial->names[i], trial->values[i]);
}

void study_cell(const struct study *study, int trial, enum study_column column, char out[STUDY_CELL_MAX])
{
	static const char *const states[] = {[STUDY_WAITS] = "waits", [STUDY_TRAINS] = "trains", [STUDY_OUT] = "out",
	                                     [STUDY_FAILED] = "failed", [STUDY_FINISHED] = "finished"};
	struct study_trial of;

	study_trial(study, trial, &of);
	switch (column) {
	case STUDY_COLUMN_TRIAL:
		snprintf(out, STUDY_CELL_MAX, "%s", of.name);
		break;
	case STUDY_COLUMN_STATE:
		snprintf(out, STUDY_CELL_MAX, "%s", states[of.state]);
		break;
	case STUDY_COLUMN_STEPS:
		snprintf(out, STUDY_CELL_MAX, "%.1f %%", 100 * of.share);
		break;
	case STUDY_COLUMN_RUNG:
		snprintf(out, STUDY_CELL_MAX, "%d of %d", of.rungs, study_rungs(study));
		break;
	case STUDY_COLUMN_OBJECTIVE:
		put_number(of.objective, out);
		break;
	case STUDY_COLUMN_LOSS:
		put_number(of.loss, out);
		break;
	case STUDY_COLUMN_ACCURACY:
		put_number(of.accuracy, out);
		break;
	case STUDY_COLUMN_F1:
		put_number(of.f1, out);
		break;
	case STUDY_COLUMN_SETTINGS:
	case STUDY_COLUMN_COUNT:
		study_settings(&of, out);
		break;
	}
}

/* Figures that the task does not have are left out: masked words have no F1, numbers no accuracy. */
static void describe_all(const struct study *study, char *out, size_t capacity)
{
	static const struct {
		enum study_figure figure;
		const char *name;
	} figures[] = {{STUDY_ACCURACY, "accuracy"}, {STUDY_F1, "F1"}, {STUDY_LOSS, "loss"}};
	const struct study_spread loss = study_spread(study, STUDY_LOSS);
	const char *before = ": ";
	size_t used = (size_t)snprintf(out, capacity, "%s", loss.count > 1 ? "mean and sample deviation" : "mean");

	for (size_t i = 0; i < sizeof figures / sizeof *figures && used < capacity; i++) {
		const struct study_spread spread = study_spread(study, figures[i].figure);

		if (spread.count == 0)
			continue;
		used += (size_t)snprintf(out + used, capacity - used, "%s%s %.4f", before, figures[i].name, spread.mean);
		if (spread.count > 1 && used < capacity)
			used += (size_t)snprintf(out + used, capacity - used, " +- %.4f", spread.deviation);
		before = ", ";
	}
	if (used < capacity)
		snprintf(out + used, capacity - used, " (%d %s)", loss.count, study_kind(study) == STUDY_SEEDS ? "seeds" : "folds");
}

static void describe_best(const struct study *study, char *out, size_t capacity)
{
	const int best = study_best(study);
	struct study_trial trial;
	char settings[STUDY_CELL_MAX];

	if (best < 0) {
		snprintf(out, capacity, "no trial came to its end");
		return;
	}
	study_trial(study, best, &trial);
	study_settings(&trial, settings);
	snprintf(out, capacity, "best: %s, %s %.4f with %s", trial.name, study_objective(study), trial.objective, settings);
}

void study_describe(const struct study *study, char *out, size_t capacity)
{
	(study_kind(study) == STUDY_SEARCH ? describe_best : describe_all)(study, out, capacity);
}
