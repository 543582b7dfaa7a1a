/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All figures of a model on one file of reviews, as `revue eval` and `revue compare` tell them. */
#ifndef REVUE_SRC_FIGURES_H
#define REVUE_SRC_FIGURES_H

#include "engine/evaluate.h"

struct figures {
	bool independent;   /* labels; else one a review */
	bool scored;        /* the scores of all rows were kept: what needs them is known */
	struct metric_figures usual;
	struct averages micro, macro, weighted, samples;
	double balanced_accuracy, matthews, kappa, quadratic_kappa, mean_absolute_error, hamming_loss;
	struct ranking ranking;
	double log_loss, brier, calibration_error, error_by_chance;
	struct interval accuracy_wilson;
	struct bootstrap bootstrap; /* of one label a review */
};

/* What was not kept or is not defined is NaN. */
bool figures_compute(struct figures *figures, const struct metrics *metrics, struct error *error);

#endif
