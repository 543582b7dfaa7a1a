/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pages of figures of a run in lines. */
#include "engine/words.h"
#include "ui/charts/reliability.h"
#include "ui/plain/spoken.h"
#include "ui/plain/teller.h"
#include "ui/runs/runs.h"

#include <math.h>
#include <string.h>

#define WORST_TOLD 20
#define ROW_BYTES 800

static const char *label_name(const struct figures *figures, int32_t label)
{
	return figures->held.names[label];
}

static void tell_facts(const struct figures *figures, struct teller *teller)
{
	const struct averages macro = tally_macro(&figures->tally), usual = tally_usual(&figures->tally);

	tell(teller, "%s held-out review%s after step %s: accuracy %s, F1 %s, macro F1 %s, loss %s.", words_count(figures->held.rows).text,
	     figures->held.rows == 1 ? "" : "s", words_count(figures->held.step).text, spoken_percent(figures->accuracy).text,
	     spoken_number(usual.f1).text, spoken_number(macro.f1).text, spoken_number(figures->log_loss).text);
	if (teller->part == TELL_ALL)
		tell(teller, "\"figures\" goes to the next page, \"back\" to all runs.");
}

/* "Truly positive, 52 reviews: 45 found positive, 7 found negative". */
static void tell_truth(const struct figures *figures, int32_t truth, struct teller *teller)
{
	const int32_t labels = figures->held.labels;
	const uint64_t *cells = figures->matrix + (size_t)truth * (size_t)labels;
	uint64_t all = 0;
	char row[ROW_BYTES] = "";
	size_t used = 0;

	for (int32_t i = 0; i < labels; i++) {
		all += cells[i];
		if (cells[i] > 0 && used < sizeof row - 1)
			used += (size_t)snprintf(row + used, sizeof row - used, "%s%s found %.60s", used > 0 ? ", " : "",
			                         words_count(cells[i]).text, label_name(figures, i));
	}
	tell_line(teller, (uint64_t)truth, NULL, "Truly %s, %s reviews: %s", label_name(figures, truth), words_count(all).text, row);
}

static void tell_confusion(const struct runs_state *runs, struct teller *teller)
{
	const struct figures *figures = runs->figures.figures;

	if (!figures->matrix) {
		tell(teller, figures->held.sets ? "Reviews have sets of labels here: there is no confusion of one with another."
		     : "There are too many labels for a matrix: the page after this has each.");
		return;
	}
	for (int32_t truth = 0; truth < figures->held.labels; truth++)
		tell_truth(figures, truth, teller);
	if (runs->across < figures->held.labels && runs->lines.chosen < (uint64_t)figures->held.labels)
		tell(teller, "Chosen: truly %s, found %s; cell-left and cell-right choose another, look-at lists its reviews.",
		     label_name(figures, (int32_t)runs->lines.chosen), label_name(figures, runs->across));
}

static void tell_labels(const struct runs_state *runs, struct teller *teller)
{
	const struct figures *figures = runs->figures.figures;

	for (int32_t label = 0; label < figures->held.labels; label++) {
		const struct averages averages = tally_label(&figures->tally, label);

		tell_line(teller, (uint64_t)label, NULL, "%s: precision %s, recall %s, F1 %s, of %s reviews", label_name(figures, label),
		          spoken_number(averages.precision).text, spoken_number(averages.recall).text, spoken_number(averages.f1).text,
		          words_count(figures->tally.support[label]).text);
	}
}

/* "; 3 in bins that are less sure, by 0.24". */
static void add_side(char *out, size_t capacity, uint64_t rows, const char *how, double by)
{
	const size_t used = strlen(out);

	if (rows > 0)
		snprintf(out + used, capacity - used, "%s%s in bins that are %s, by %s", used > 0 ? "; " : "", words_count(rows).text, how,
		         spoken_number(by).text);
}

/* The curve as a sentence: on which side of the ideal it lies, how far from it, and where the reviews are. */
static void tell_curve(const struct figures *figures, struct teller *teller)
{
	const struct reliability_sides sides = reliability_sides(figures->bins);
	char told[ROW_BYTES] = "";

	add_side(told, sizeof told, sides.surer, "surer than right", sides.surer_by);
	add_side(told, sizeof told, sides.less_sure, "less sure than right", sides.less_sure_by);
	if (sides.fullest >= 0)
		tell(teller, "The curve, of %s reviews: %s%s%s, are from %s to %s.", words_count(sides.rows).text, told,
		     told[0] ? "; most, " : "most, ", words_count(figures->bins[sides.fullest].rows).text,
		     spoken_number((double)sides.fullest / CALIBRATION_BINS).text,
		     spoken_number((double)(sides.fullest + 1) / CALIBRATION_BINS).text);
}

static void tell_calibration(const struct runs_state *runs, struct teller *teller)
{
	const struct figures *figures = runs->figures.figures;

	tell(teller, "Expected calibration error %s, Brier score %s. As often right as sure means calibrated.",
	     spoken_number(figures->calibration).text, spoken_number(figures->brier).text);
	tell_curve(figures, teller);
	for (int i = 0; i < CALIBRATION_BINS; i++) {
		const struct calibration_bin *bin = &figures->bins[i];

		if (bin->rows > 0)
			tell_line(teller, (uint64_t)i, NULL, "From %s to %s: sure %s, right %s, %s reviews",
			          spoken_number((double)i / CALIBRATION_BINS).text, spoken_number((double)(i + 1) / CALIBRATION_BINS).text,
			          spoken_percent(bin->confidence).text, spoken_percent(bin->right).text, words_count(bin->rows).text);
	}
}

static void tell_cuts(const struct runs_state *runs, struct teller *teller)
{
	const struct figures *figures = runs->figures.figures;
	const int32_t label = runs->across < figures->cut_labels ? runs->across : 0;
	const struct label_cuts *cuts = &figures->cuts[label];

	tell(teller, "%s from this score on; best F1 %s from %s; cell-right takes another label.", label_name(figures, label),
	     spoken_number(cuts->best.f1).text, spoken_number(cuts->best.value).text);
	for (int i = 0; i < FIGURES_CUTS; i++) {
		const struct cut_figures *cut = &cuts->cuts[i];

		tell_line(teller, (uint64_t)i, NULL, "From %s: accuracy %s, precision %s, recall %s", spoken_number(figures_cut(i)).text,
		          spoken_percent(cut->accuracy).text, isfinite(cut->precision) ? spoken_number(cut->precision).text : "none",
		          spoken_number(cut->recall).text);
	}
}

static void tell_worst(const struct runs_state *runs, struct teller *teller)
{
	const struct figures *figures = runs->figures.figures;
	const struct held_out *held = &figures->held;
	const struct told_range range = tell_range(teller, runs->lines.chosen, runs->lines.chosen, WORST_TOLD, figures->worst_count);

	if (figures->worst_count == 0)
		tell(teller, held->sets ? "Reviews have sets of labels here." : "No held-out review is wrong.");
	for (uint64_t i = range.first; i < range.end; i++) {
		const size_t at = figures->worst[i];

		tell_line(teller, i, NULL, "Row %s: truly %s, found %s, %s sure, loss %s", words_count(held->numbers[at] + 1).text,
		          label_name(figures, held->truths[at]), label_name(figures, held->predictions[at]),
		          spoken_percent((double)held->scores[at * (size_t)held->labels + (size_t)held->predictions[at]]).text,
		          spoken_number(figures->losses[at]).text);
	}
}

void figures_tell(const struct runs_state *runs, struct teller *teller)
{
	static void (*const pages[])(const struct runs_state *, struct teller *) = {
		[RUNS_PAGE_CONFUSION] = tell_confusion, [RUNS_PAGE_LABELS] = tell_labels,
		[RUNS_PAGE_CALIBRATION] = tell_calibration, [RUNS_PAGE_CUT] = tell_cuts, [RUNS_PAGE_WORST] = tell_worst,
	};

	if (runs->figures.job) {
		tell(teller, "Its scores are being read.");
	} else if (!runs->figures.figures) {
		tell(teller, "%s.", messages_words(runs->figures.error.text).text);
	} else {
		if (teller->part == TELL_ALL)
			tell_facts(runs->figures.figures, teller);
		pages[runs->page](runs, teller);
	}
}
