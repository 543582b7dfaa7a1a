/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/figures.h"

#include <math.h>
#include <stdlib.h>

static const struct interval nothing = {NAN, NAN};

static void from_counts(struct figures *figures, const struct metrics *metrics)
{
	const struct tally *tally = &metrics->tally;
	double count = metrics->count ? (double)metrics->count : 1;

	figures->usual = metrics_figures(metrics);
	figures->micro = tally_micro(tally);
	figures->macro = tally_macro(tally);
	figures->weighted = tally_weighted(tally);
	figures->samples = (struct averages){metrics->samples.precision / count, metrics->samples.recall / count,
	                                     metrics->samples.f1 / count};
	figures->hamming_loss = figures->usual.hamming_loss;
	figures->balanced_accuracy = figures->independent ? NAN : tally_balanced_accuracy(tally);
	figures->matthews = figures->independent ? NAN : tally_matthews(tally);
	figures->kappa = figures->independent ? NAN : tally_kappa(tally);
	figures->quadratic_kappa = figures->independent ? NAN : tally_quadratic_kappa(tally);
	figures->mean_absolute_error = figures->usual.mean_absolute_error;
	figures->accuracy_wilson = interval_wilson((uint64_t)lround(figures->usual.accuracy * (double)metrics->count),
	                                           metrics->count);
}

static bool from_scores(struct figures *figures, const struct metrics *metrics, struct error *error)
{
	double *scores = metrics_scores(metrics, error);
	struct scored_rows rows = metrics_rows(metrics, scores);
	bool done = scores && ranking_figures(&rows, &figures->ranking, error);

	if (done) {
		figures->log_loss = log_loss(&rows);
		figures->brier = brier_score(&rows);
		figures->calibration_error = calibration_error(&rows);
		figures->error_by_chance = calibration_error_by_chance(&rows);
	}
	free(scores);
	return done;
}

static bool draw_samples(struct figures *figures, const struct metrics *metrics, struct error *error)
{
	const struct predictions predictions = {metrics->kept, metrics->labels, metrics->truths, metrics->predictions, NULL,
	                                        NULL};

	return bootstrap_figures(&predictions, BOOTSTRAP_SAMPLES, BOOTSTRAP_SEED, &figures->bootstrap, error);
}

bool figures_compute(struct figures *figures, const struct metrics *metrics, struct error *error)
{
	*figures = (struct figures){
		.independent = metrics->sets,
		.scored = metrics->kept > 0 && metrics->kept == metrics->count,
		.ranking = {NAN, NAN, NAN, NAN},
		.log_loss = NAN, .brier = NAN, .calibration_error = NAN, .error_by_chance = NAN,
		.bootstrap = {nothing, nothing},
	};
	from_counts(figures, metrics);
	if (!figures->scored)
		return true;
	return from_scores(figures, metrics, error) &&
	       (figures->independent || draw_samples(figures, metrics, error));
}
