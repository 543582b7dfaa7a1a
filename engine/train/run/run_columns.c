/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/number.h"
#include "engine/runs.h"
#include "engine/train/run/journal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	bool number;
	const char *help;
} columns[RUN_COLUMN_COUNT] = {
#define C(id, name, number, help) [RUN_COLUMN_##id] = {name, number, help},
	RUN_COLUMNS(C)
#undef C
};

const char *run_state_name(enum run_state state)
{
	static const char *const names[] = {
		[RUN_LIVE] = "live", [RUN_PAUSED] = "paused", [RUN_FINISHED] = "finished",
		[RUN_STOPPED] = "stopped", [RUN_FAILED] = "failed", [RUN_DEAD] = "dead",
	};

	return names[state];
}

int run_column_count(void)
{
	return RUN_COLUMN_COUNT + train_option_count;
}

static const struct option_row *option_of(int column)
{
	return &train_option_rows[column - RUN_COLUMN_COUNT];
}

const char *run_column_name(int column)
{
	return column < RUN_COLUMN_COUNT ? columns[column].name : option_of(column)->name;
}

const char *run_column_help(int column)
{
	return column < RUN_COLUMN_COUNT ? columns[column].help : option_of(column)->help;
}

bool run_column_is_number(int column)
{
	if (column < RUN_COLUMN_COUNT)
		return columns[column].number;
	return option_of(column)->kind == OPTION_INTEGER || option_of(column)->kind == OPTION_REAL;
}

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return false;
	return *a == *b;
}

int run_column_find(const char *name)
{
	for (int i = 0; i < run_column_count(); i++)
		if (same_name(run_column_name(i), name))
			return i;
	return -1;
}

/* Values */

static void set_text(struct run_cell *cell, const char *text)
{
	cell->there = text[0] != '\0';
	snprintf(cell->text, sizeof cell->text, "%s", text);
}

#define SHORT (-1)

/* With so many decimals; SHORT: as few as tell it. */
static void set_number(struct run_cell *cell, double number, int decimals)
{
	cell->there = cell->is_number = isfinite(number);
	cell->number = number;
	if (cell->there && decimals == SHORT)
		snprintf(cell->text, sizeof cell->text, "%.3g", number);
	else if (cell->there)
		snprintf(cell->text, sizeof cell->text, "%.*f", decimals, number);
}

/* The evaluation that counts: that of the best weights where there are such, else the last. */
static const struct run_evaluation *evaluation_of(const struct run_row *row)
{
	const struct run_summary *summary = &row->summary;

	return summary->best_counts && summary->best.step > 0 ? &summary->best : summary->last.step > 0 ? &summary->last : NULL;
}

static double figure(const struct run_row *row, enum run_column column)
{
	const struct run_evaluation *evaluation = evaluation_of(row);

	if (!evaluation)
		return (double)NAN;
	return column == RUN_COLUMN_VALIDATION_LOSS ? evaluation->loss
	       : column == RUN_COLUMN_ACCURACY      ? evaluation->accuracy
	       : column == RUN_COLUMN_F1            ? evaluation->f1
	       : column == RUN_COLUMN_PERPLEXITY    ? evaluation->perplexity
	       : column == RUN_COLUMN_PRECISION     ? evaluation->precision
	                                            : evaluation->recall;
}

static void set_date(struct run_cell *cell, int64_t seconds)
{
	char date[JOURNAL_DATE] = "";

	if (seconds > 0)
		journal_date(date, (time_t)seconds);
	set_text(cell, date);
}

static void set_own(const struct run_row *row, enum run_column column, struct run_cell *cell)
{
	const struct run_summary *summary = &row->summary;

	switch (column) {
	case RUN_COLUMN_NAME:
		set_text(cell, row->name);
		break;
	case RUN_COLUMN_STATE:
		set_text(cell, row->readable ? run_state_name(summary->state) : "unreadable");
		break;
	case RUN_COLUMN_STARTED:
		set_date(cell, summary->started);
		break;
	case RUN_COLUMN_STEP:
		set_number(cell, (double)summary->step, 0);
		break;
	case RUN_COLUMN_STEPS:
		set_number(cell, summary->steps > 0 ? (double)summary->steps : (double)NAN, 0);
		break;
	case RUN_COLUMN_EPOCH:
		set_number(cell, summary->epoch, SHORT);
		break;
	case RUN_COLUMN_LOSS:
		set_number(cell, summary->loss, 4);
		break;
	case RUN_COLUMN_BASELINE:
		set_number(cell, row->baseline, 4);
		break;
	case RUN_COLUMN_MODEL:
		set_text(cell, row->model);
		break;
	case RUN_COLUMN_DATA:
		set_text(cell, row->data);
		break;
	case RUN_COLUMN_NOTE:
		set_text(cell, row->note);
		break;
	default:
		set_number(cell, figure(row, column), 4);
		break;
	}
}

static void set_option(const struct run_row *row, int column, struct run_cell *cell)
{
	const char *text = row->settings[column - RUN_COLUMN_COUNT];

	set_text(cell, text ? text : option_of(column)->default_text);
	cell->is_number = run_column_is_number(column) && number_parse(cell->text, &cell->number);
}

void run_column_value(const struct run_row *row, int column, struct run_cell *cell)
{
	cell->there = cell->is_number = false;
	cell->text[0] = '\0';
	if (!row->readable && column != RUN_COLUMN_NAME && column != RUN_COLUMN_STATE && column != RUN_COLUMN_NOTE)
		return;
	if (column < RUN_COLUMN_COUNT)
		set_own(row, (enum run_column)column, cell);
	else
		set_option(row, column, cell);
}
