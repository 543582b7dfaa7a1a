/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/study/results.h"

#include "engine/base/file.h"
#include "engine/base/number.h"
#include "engine/table_writer.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define RESULTS_FILE "results.csv"

static double figure_of(const struct study_trial *trial, enum study_figure figure)
{
	return figure == STUDY_LOSS ? trial->loss : figure == STUDY_F1 ? trial->f1 : trial->accuracy;
}

struct study_spread results_spread(const struct study_trial *trials, int count, enum study_figure figure)
{
	struct study_spread spread = {0};
	double squares = 0;

	for (int i = 0; i < count; i++) {
		const double value = figure_of(&trials[i], figure);

		if (trials[i].state != STUDY_FINISHED || isnan(value))
			continue;
		/* Welford 1962 */
		const double distance = value - spread.mean;
		spread.count++;
		spread.mean += distance / spread.count;
		squares += distance * (value - spread.mean);
	}
	spread.deviation = spread.count > 1 ? sqrt(squares / (spread.count - 1)) : (double)NAN;
	if (spread.count == 0)
		spread.mean = (double)NAN;
	return spread;
}

int results_best(const struct study_trial *trials, int count, bool has_objective, bool greater)
{
	int best = -1;

	for (int i = 0; i < count; i++) {
		const double value = has_objective ? trials[i].objective : trials[i].accuracy;
		const double most = best < 0 ? (double)NAN : has_objective ? trials[best].objective : trials[best].accuracy;

		if (trials[i].state == STUDY_FINISHED && !isnan(value) && (best < 0 || (greater ? value > most : value < most)))
			best = i;
	}
	return best;
}

/* The table */

enum { FIXED_BEFORE = 1, FIXED_AFTER = 6, COLUMNS_MAX = FIXED_BEFORE + STUDY_SETTINGS_MAX + FIXED_AFTER };

struct line {
	struct table_field fields[COLUMNS_MAX];
	char numbers[FIXED_AFTER][NUMBER_TEXT];
	int count;
};

static void add(struct line *line, const char *text)
{
	line->fields[line->count++] = (struct table_field){.text = {text, strlen(text)}, .kind = FIELD_TEXT_KIND};
}

static void add_number(struct line *line, int place, double value)
{
	number_format(line->numbers[place], value);
	add(line, line->numbers[place]);
	line->fields[line->count - 1].kind = isnan(value) ? FIELD_MISSING_KIND : FIELD_NUMBER_KIND;
}

static const char *state_name(const struct study_trial *trial)
{
	static const char *const names[] = {[STUDY_WAITS] = "waits", [STUDY_TRAINS] = "trains", [STUDY_OUT] = "out",
	                                    [STUDY_FAILED] = "failed", [STUDY_FINISHED] = "finished"};

	return names[trial->state];
}

static bool write_trial(struct table_writer *writer, const struct study_trial *trial, struct error *error)
{
	const double figures[] = {trial->share, trial->objective, trial->loss, trial->accuracy, trial->f1};
	struct line line = {.count = 0};

	add(&line, trial->name);
	for (int i = 0; i < trial->settings; i++)
		add(&line, trial->values[i]);
	add(&line, state_name(trial));
	for (int i = 0; i < FIXED_AFTER - 1; i++)
		add_number(&line, i, figures[i]);
	return table_writer_put(writer, line.fields, error);
}

/* Every trial has the same settings with other values. */
static struct table_writer *open_table(const char *folder, const struct study_trial *trial, const char *objective,
                                       struct error *error)
{
	const char *const after[] = {"state", "share", *objective ? objective : "objective", "validation_loss", "accuracy", "f1"};
	struct span names[COLUMNS_MAX];
	char path[PATH_MAX];
	size_t count = 0;

	names[count++] = span_of("trial");
	for (int i = 0; i < trial->settings; i++)
		names[count++] = span_of(trial->names[i]);
	for (int i = 0; i < FIXED_AFTER; i++)
		names[count++] = span_of(after[i]);
	return path_join(path, sizeof path, folder, RESULTS_FILE, error) ? table_writer_open(path, TABLE_CSV, names, count, error) : NULL;
}

bool results_write(const char *folder, const struct study_trial *trials, int count, const char *objective, struct error *error)
{
	struct table_writer *writer = open_table(folder, &trials[0], objective, error);

	if (!writer)
		return false;
	for (int i = 0; i < count; i++)
		if (!write_trial(writer, &trials[i], error)) {
			table_writer_abort(writer);
			return false;
		}
	return table_writer_commit(writer, error);
}
