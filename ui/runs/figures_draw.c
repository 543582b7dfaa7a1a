/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/words.h"
#include "ui/charts/reliability_draw.h"
#include "ui/runs/runs.h"

#include <inttypes.h>
#include <math.h>

#define LABEL_COLUMNS 16
#define CELL_COLUMNS 9
#define BIN_COLUMNS 43 /* of a line of the calibration, without its bar */

static const char *label_name(const struct figures *figures, int32_t label)
{
	return figures->held.names[label];
}

/* The title, and what page it is. */
static void draw_title(struct app *app, const struct runs_state *runs, struct rect rect)
{
	const struct run_row *run = runs_chosen(runs);
	char name[WIDGET_NAME_MAX];

	draw_shorten(app->terminal, run ? run->name : runs->figures.path, rect.columns / 2, name);
	draw_format(app->terminal, rect, 0, 0, STYLE_TITLE, "%s: %s%s", name, runs_page_title(runs->page),
	            runs->page == RUNS_PAGE_CALIBRATION ? " (Left, Right: table, curve)" : "");
}

/* Where they do not fit into a line the figures stand in the next one, which is blank otherwise. */
static void draw_facts(struct app *app, const struct figures *figures, struct rect rect)
{
	const struct averages macro = tally_macro(&figures->tally), usual = tally_usual(&figures->tally);

	char of[96], told[160];
	int used;

	snprintf(of, sizeof of, "%s held-out review%s after step %" PRIu64 ": ", words_count(figures->held.rows).text,
	         figures->held.rows == 1 ? "" : "s", figures->held.step);
	used = snprintf(told, sizeof told, "accuracy %.4f, F1 %.4f, macro F1 %.4f, loss %.4f", figures->accuracy, usual.f1, macro.f1,
	                figures->log_loss);
	used += draw_text(app->terminal, rect, 1, 0, of, STYLE_NORMAL);
	if (used <= rect.columns)
		draw_text(app->terminal, rect, 1, (int)strlen(of), told, STYLE_NORMAL);
	else
		draw_text(app->terminal, rect, 2, 0, told, STYLE_NORMAL);
}

/* The body of a page, below its two lines. */
static struct rect page_of(struct rect rect)
{
	return (struct rect){rect.y + 3, rect.x, rect.rows - 3, rect.columns};
}

static void rest(struct app *app, const struct runs_state *runs, struct rect page, int first, int column)
{
	const int row = first + (int)(runs->lines.chosen - runs->lines.top);

	if (row < page.rows)
		terminal_rest(app->terminal, (struct rect){page.y + first, page.x, page.rows - first, page.columns}, page.y + row,
		              page.x + column);
}

/* Confusion */

/* The first column of the matrix that is drawn, so that the chosen one can be seen. */
static int32_t first_across(const struct runs_state *runs, int columns)
{
	const int32_t fit = (columns - LABEL_COLUMNS) / CELL_COLUMNS > 1 ? (columns - LABEL_COLUMNS) / CELL_COLUMNS : 1;

	return runs->across < fit ? 0 : runs->across - fit + 1;
}

static void draw_matrix_row(struct app *app, const struct runs_state *runs, struct rect page, int row, int32_t truth)
{
	const struct figures *figures = runs->figures.figures;
	const int32_t labels = figures->held.labels, first = first_across(runs, page.columns);
	const bool chosen = (uint64_t)truth == runs->lines.chosen;

	draw_span(app->terminal, page, row, 0, LABEL_COLUMNS - 1, span_of(label_name(figures, truth)), STYLE_NORMAL);
	for (int32_t i = first; i < labels && LABEL_COLUMNS + (i - first + 1) * CELL_COLUMNS <= page.columns; i++) {
		const uint64_t count = figures->matrix[(size_t)truth * (size_t)labels + (size_t)i];
		const enum style style = chosen && i == runs->across ? STYLE_SELECTED : i == truth ? STYLE_GOOD
		                         : count > 0 ? STYLE_ERROR : STYLE_DIM;

		draw_format(app->terminal, page, row, LABEL_COLUMNS + (i - first) * CELL_COLUMNS, style, "%*" PRIu64 " ", CELL_COLUMNS - 2,
		            count);
	}
}

static void draw_matrix(struct app *app, const struct runs_state *runs, struct rect page)
{
	const struct figures *figures = runs->figures.figures;
	const int32_t labels = figures->held.labels, first = first_across(runs, page.columns);
	const int32_t truth = (int32_t)runs->lines.chosen;

	draw_text(app->terminal, page, 0, 0, "truth | found", STYLE_DIM);
	for (int32_t i = first; i < labels && LABEL_COLUMNS + (i - first + 1) * CELL_COLUMNS <= page.columns; i++)
		draw_span(app->terminal, page, 0, LABEL_COLUMNS + (i - first) * CELL_COLUMNS, CELL_COLUMNS - 1,
		          span_of(label_name(figures, i)), STYLE_TITLE);
	for (int row = 1; row < page.rows - 1 && runs->lines.top + (uint64_t)row - 1 < (uint64_t)labels; row++)
		draw_matrix_row(app, runs, page, row, (int32_t)runs->lines.top + row - 1);
	if (truth < labels && runs->across < labels)
		draw_format(app->terminal, page, page.rows - 1, 0, STYLE_NORMAL, "truly %s, found to be %s: %" PRIu64 " (Enter lists them)",
		            label_name(figures, truth), label_name(figures, runs->across),
		            figures->matrix[(size_t)truth * (size_t)labels + (size_t)runs->across]);
	rest(app, runs, page, 1, LABEL_COLUMNS + (runs->across - first) * CELL_COLUMNS);
}

static void draw_confusion(struct app *app, const struct runs_state *runs, struct rect page)
{
	if (runs->figures.figures->matrix)
		draw_matrix(app, runs, page);
	else
		draw_text(app->terminal, page, 0, 0, runs->figures.figures->held.sets
		          ? "reviews have sets of labels here: there is no confusion of one with another"
		          : "there are too many labels for a matrix: the page after this has each", STYLE_DIM);
}

/* By label */

static void draw_averages(struct app *app, struct rect page, int row, const char *name, struct averages averages)
{
	draw_text(app->terminal, page, row, 0, name, STYLE_DIM);
	draw_format(app->terminal, page, row, LABEL_COLUMNS, STYLE_DIM, "%9.4f %9.4f %9.4f", averages.precision, averages.recall,
	            averages.f1);
}

static void draw_labels(struct app *app, const struct runs_state *runs, struct rect page)
{
	const struct figures *figures = runs->figures.figures;
	const struct tally *tally = &figures->tally;
	int row = 1;

	draw_format(app->terminal, page, 0, 0, STYLE_TITLE, "%-*s%9s %9s %9s %9s", LABEL_COLUMNS, "Label", "precision", "recall", "F1",
	            "reviews");
	for (; row < page.rows - 2 && runs->lines.top + (uint64_t)row - 1 < (uint64_t)figures->held.labels; row++) {
		const int32_t label = (int32_t)runs->lines.top + row - 1;
		const struct averages averages = tally_label(tally, label);
		const enum style style = (uint64_t)label == runs->lines.chosen ? STYLE_SELECTED : STYLE_NORMAL;

		draw_span(app->terminal, page, row, 0, LABEL_COLUMNS - 1, span_of(label_name(figures, label)), style);
		draw_format(app->terminal, page, row, LABEL_COLUMNS, style, "%9.4f %9.4f %9.4f %9" PRIu64, averages.precision,
		            averages.recall, averages.f1, tally->support[label]);
	}
	draw_averages(app, page, row, "macro", tally_macro(tally));
	draw_averages(app, page, row + 1, "by support", tally_weighted(tally));
	rest(app, runs, page, 1, 0);
}

/* Calibration */

/* The bar needs some room beside the figures. */
static void draw_bin(struct app *app, const struct runs_state *runs, struct rect page, int row, int bin)
{
	const struct calibration_bin *of = &runs->figures.figures->bins[bin];
	const bool chosen = (uint64_t)bin == runs->lines.chosen;
	const int bars = page.columns - BIN_COLUMNS - 7;

	draw_format(app->terminal, page, row, 0, chosen ? STYLE_SELECTED : STYLE_NORMAL, "%.2f-%.2f", (double)bin / CALIBRATION_BINS,
	            (double)(bin + 1) / CALIBRATION_BINS);
	if (of->rows == 0) {
		draw_text(app->terminal, page, row, 11, "no review", STYLE_DIM);
		return;
	}
	draw_format(app->terminal, page, row, 11, STYLE_NORMAL, "sure %.3f  right %.3f  %6" PRIu64, of->confidence, of->right, of->rows);
	if (bars >= 8)
		draw_bar(app->terminal, page, row, BIN_COLUMNS, bars, of->right,
		         fabs(of->right - of->confidence) > 0.1 ? STYLE_ERROR : STYLE_FIRST);
}

static void draw_bins(struct app *app, const struct runs_state *runs, struct rect table)
{
	for (int row = 0; row < table.rows && (int)runs->lines.top + row < CALIBRATION_BINS; row++)
		draw_bin(app, runs, table, row, (int)runs->lines.top + row);
	rest(app, runs, table, 0, 0);
}

/* The table and the curve beside each other where both have room; else, and where somebody asks for it, the curve alone. */
static void draw_calibration(struct app *app, const struct runs_state *runs, struct rect page)
{
	const struct figures *figures = runs->figures.figures;
	struct rect table = {page.y + 1, page.x, page.rows - 1, page.columns}, curve = table;
	const bool alone = runs->across == 1;
	bool fits;

	draw_format(app->terminal, page, 0, 0, STYLE_NORMAL,
	            "expected calibration error %.4f, Brier %.4f; ideal: right as often as sure", figures->calibration,
	            figures->brier);
	curve.columns = reliability_columns(table.rows, alone ? table.columns : table.columns - BIN_COLUMNS);
	fits = table.rows >= RELIABILITY_ROWS_MIN && curve.columns + (alone ? 0 : BIN_COLUMNS) <= table.columns;
	if (!alone) {
		table.columns -= fits ? curve.columns : 0;
		curve.x += table.columns;
		draw_bins(app, runs, table);
	}
	if (fits)
		reliability_draw(app->terminal, curve, figures->bins, figures->calibration, (int)runs->lines.chosen);
	else if (alone)
		draw_text(app->terminal, table, 0, 0, "no room for the curve: Left shows the table", STYLE_DIM);
}

/* Cuts */

static void draw_cut_row(struct app *app, const struct runs_state *runs, struct rect page, int row, int index,
                         const struct cut_figures *cut)
{
	const bool chosen = (uint64_t)index == runs->lines.chosen;
	const int bars = page.columns - 46 > 8 ? page.columns - 46 : 8;

	draw_format(app->terminal, page, row, 0, chosen ? STYLE_SELECTED : STYLE_NORMAL, "%.2f", figures_cut(index));
	draw_format(app->terminal, page, row, 6, STYLE_NORMAL, "%9.4f %9s %9.4f", cut->accuracy, "", cut->recall);
	if (isfinite(cut->precision))
		draw_format(app->terminal, page, row, 16, STYLE_NORMAL, "%9.4f", cut->precision);
	draw_bar(app->terminal, page, row, 38, bars, cut->accuracy, STYLE_FIRST);
}

static void draw_cuts(struct app *app, const struct runs_state *runs, struct rect page)
{
	const struct figures *figures = runs->figures.figures;
	const int32_t label = runs->across < figures->cut_labels ? runs->across : 0;
	const struct label_cuts *cuts = &figures->cuts[label];
	char name[WIDGET_NAME_MAX];

	draw_shorten(app->terminal, label_name(figures, label), page.columns - 46 > 16 ? page.columns - 46 : 16, name);
	draw_format(app->terminal, page, 0, 0, STYLE_NORMAL, "%s from a score on; best F1 %.4f from %.4f (Left, Right: next label)", name,
	            cuts->best.f1, cuts->best.value);
	draw_text(app->terminal, page, 1, 0, "from   accuracy precision    recall", STYLE_TITLE);
	for (int row = 2; row < page.rows && (int)runs->lines.top + row - 2 < FIGURES_CUTS; row++)
		draw_cut_row(app, runs, page, row, (int)runs->lines.top + row - 2, &cuts->cuts[(int)runs->lines.top + row - 2]);
	rest(app, runs, page, 2, 0);
}

/* Worst */

static void draw_worst(struct app *app, const struct runs_state *runs, struct rect page)
{
	const struct figures *figures = runs->figures.figures;
	const struct held_out *held = &figures->held;

	draw_format(app->terminal, page, 0, 0, STYLE_TITLE, "%9s %8s  %-*s%-*s%6s", "row", "loss", LABEL_COLUMNS, "truth",
	            LABEL_COLUMNS, "found", "sure");
	if (figures->worst_count == 0)
		draw_text(app->terminal, page, 1, 2, held->sets ? "reviews have sets of labels here" : "no held-out review is wrong",
		          STYLE_DIM);
	for (int row = 1; row < page.rows && runs->lines.top + (uint64_t)row - 1 < figures->worst_count; row++) {
		const size_t index = (size_t)runs->lines.top + (size_t)row - 1, at = figures->worst[index];
		const enum style style = index == runs->lines.chosen ? STYLE_SELECTED : STYLE_NORMAL;

		if (index == runs->lines.chosen)
			draw_fill(app->terminal, page, row, 0, style);
		draw_format(app->terminal, page, row, 0, style, "%9" PRIu64 " %8.4f", held->numbers[at] + 1, figures->losses[at]);
		draw_span(app->terminal, page, row, 20, LABEL_COLUMNS - 1, span_of(label_name(figures, held->truths[at])), style);
		draw_span(app->terminal, page, row, 36, LABEL_COLUMNS - 1, span_of(label_name(figures, held->predictions[at])), style);
		draw_format(app->terminal, page, row, 52, style, "%6.4f",
		            held->scores[at * (size_t)held->labels + (size_t)held->predictions[at]]);
	}
	rest(app, runs, page, 1, 0);
}

void figures_draw(struct app *app, const struct runs_state *runs, struct rect rect)
{
	static void (*const pages[])(struct app *, const struct runs_state *, struct rect) = {
		[RUNS_PAGE_CONFUSION] = draw_confusion, [RUNS_PAGE_LABELS] = draw_labels,
		[RUNS_PAGE_CALIBRATION] = draw_calibration, [RUNS_PAGE_CUT] = draw_cuts, [RUNS_PAGE_WORST] = draw_worst,
	};

	draw_title(app, runs, rect);
	if (runs->figures.job)
		draw_text(app->terminal, rect, 1, 0, "reading its scores...", STYLE_DIM);
	else if (!runs->figures.figures)
		draw_cut(app->terminal, rect, 1, 0, messages_words(runs->figures.error.text).text, "", STYLE_DIM);
	else {
		draw_facts(app, runs->figures.figures, rect);
		pages[runs->page](app, runs, page_of(rect));
	}
}
