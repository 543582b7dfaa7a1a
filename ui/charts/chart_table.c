/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/chart_table.h"

#include "engine/words.h"
#include "ui/terminal/widgets.h"

#include <math.h>
#include <string.h>

enum { COLUMN_STATE, COLUMN_STEPS, COLUMN_TRAIN, COLUMN_LOSS, COLUMN_ACCURACY, COLUMN_F1, COLUMN_COUNT };

static const struct {
	const char *title;
	int columns;
} table[COLUMN_COUNT] = {
	[COLUMN_STATE] = {"state", 10},       [COLUMN_STEPS] = {"steps", 10}, [COLUMN_TRAIN] = {"loss", 9},
	[COLUMN_LOSS] = {"valid loss", 11}, [COLUMN_ACCURACY] = {"accuracy", 10}, [COLUMN_F1] = {"F1", 8},
};

/* The numbers of a run; NaN: it has none. */
struct numbers {
	uint64_t steps;
	double train, loss, accuracy, f1;
	bool is_best;
};

static struct numbers numbers_of(const struct run *run)
{
	struct numbers numbers = {0, NAN, NAN, NAN, NAN, false};
	const struct run_evaluation *result = run_result(run, &numbers.is_best);
	size_t points;
	const struct run_point *point = run_points(run, &points);

	if (points > 0) {
		numbers.steps = point[points - 1].step;
		numbers.train = point[points - 1].loss;
	}
	if (result) {
		numbers.loss = result->loss;
		numbers.accuracy = result->accuracy;
		numbers.f1 = result->f1;
	}
	return numbers;
}

static const char *state_of(const struct run *run)
{
	static const char *const names[] = {"training", "paused", "finished", "stopped", "failed", "died"};

	return names[run_state(run)];
}

static int name_columns(struct rect rect)
{
	int columns = rect.columns - 6;

	for (int i = 0; i < COLUMN_COUNT; i++)
		columns -= table[i].columns;
	return columns < 8 ? 8 : columns;
}

static void draw_header(struct terminal *terminal, struct rect rect)
{
	int column = 5 + name_columns(rect);

	draw_text(terminal, rect, 0, 4, "run", STYLE_TITLE);
	for (int i = 0; i < COLUMN_COUNT; column += table[i].columns, i++)
		draw_format(terminal, rect, 0, column, STYLE_TITLE, "%*s", table[i].columns, table[i].title);
}

static void draw_number(struct terminal *terminal, struct rect rect, int row, int *column, int which, double value,
                        bool difference, enum style style)
{
	char text[32];

	snprintf(text, sizeof text, difference ? "%+.4f" : "%.4f", value);
	draw_format(terminal, rect, row, *column, style, "%*s", table[which].columns, isnan(value) ? "-" : text);
	*column += table[which].columns;
}

static void draw_numbers(struct terminal *terminal, struct rect rect, int row, const char *state, const char *steps,
                         const struct numbers *numbers, bool difference, enum style style)
{
	int column = 5 + name_columns(rect);

	draw_format(terminal, rect, row, column, style, "%*s%*s", table[COLUMN_STATE].columns, state,
	            table[COLUMN_STEPS].columns, steps);
	column += table[COLUMN_STATE].columns + table[COLUMN_STEPS].columns;
	draw_number(terminal, rect, row, &column, COLUMN_TRAIN, numbers->train, difference, style);
	draw_number(terminal, rect, row, &column, COLUMN_LOSS, numbers->loss, difference, style);
	draw_number(terminal, rect, row, &column, COLUMN_ACCURACY, numbers->accuracy, difference, style);
	draw_number(terminal, rect, row, &column, COLUMN_F1, numbers->f1, difference, style);
}

static void draw_run(struct terminal *terminal, struct rect rect, int row, char letter, const char *name,
                     const struct run *run, enum style style)
{
	const struct numbers numbers = numbers_of(run);

	draw_format(terminal, rect, row, 1, style, "%c", letter);
	draw_span(terminal, rect, row, 4, name_columns(rect), span_of(name), STYLE_NORMAL);
	draw_numbers(terminal, rect, row, state_of(run), words_count(numbers.steps).text, &numbers, false, STYLE_NORMAL);
}

/* Below a run, how it differs from the baseline. */
static void draw_difference(struct terminal *terminal, struct rect rect, int row, const struct run *run,
                            const struct run *baseline)
{
	const struct numbers a = numbers_of(run), b = numbers_of(baseline);
	const struct numbers difference = {0, a.train - b.train, a.loss - b.loss, a.accuracy - b.accuracy, a.f1 - b.f1, false};

	draw_numbers(terminal, rect, row, "", "", &difference, true, STYLE_DIM);
	draw_text(terminal, rect, row, 6, "minus the baseline", STYLE_DIM);
}

static const struct run *baseline_of(const struct overlays *overlays)
{
	return overlays->baseline >= 0 ? overlays->runs[overlays->baseline].run : NULL;
}

void chart_table_draw(struct terminal *terminal, struct rect rect, const struct run *run, const char *path,
                      const struct overlays *overlays)
{
	const struct run *baseline = baseline_of(overlays);
	const char *slash = strrchr(path, '/');
	int row = 1;

	draw_header(terminal, rect);
	draw_run(terminal, rect, row++, ' ', slash ? slash + 1 : path, run, STYLE_FIRST);
	if (baseline)
		draw_difference(terminal, rect, row++, run, baseline);
	for (int i = 0; i < OVERLAYS_MAX; i++) {
		const struct overlay *overlay = &overlays->runs[i];

		if (!overlay->run)
			continue;
		draw_run(terminal, rect, row, overlays_letter(i), overlays_name(overlay), overlay->run,
		         (enum style)(STYLE_RUN + i % STYLE_RUNS));
		if (overlay->run == baseline)
			draw_text(terminal, rect, row, 2, "=", STYLE_TITLE);
		else if (baseline)
			draw_difference(terminal, rect, ++row, overlay->run, baseline);
		row++;
	}
	draw_text(terminal, rect, row + 1, 4,
	          baseline ? "= is the baseline" : ":overlay RUN adds another run, :baseline RUN compares with it", STYLE_DIM);
}
