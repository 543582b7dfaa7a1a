/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The learning rate range test: a short training whose rate grows from step to step by the same factor shows from where on it
 * learns and from where on it comes apart. Implemented in engine/study/rate_finder.c.
 *
 * Source: Smith 2017, "Cyclical Learning Rates for Training Neural Networks"; the smoothing is that of fastai's lr_find. */
#ifndef REVUE_ENGINE_RATE_FINDER_H
#define REVUE_ENGINE_RATE_FINDER_H

#include "engine/options.h"
#include "engine/run.h"

/* Makes options those of such a training: `steps` steps from the rate `from` to `to`, each logged, nothing held out, nothing
 * kept. False with one line. */
bool rate_finder_options(struct train_options *options, int64_t steps, double from, double to, struct error *error);

/* What the log of it says. Rates are NaN where there is none such. */
struct rate_finding {
	size_t used;       /* points before it comes apart */
	double least;      /* rate at which the smoothed loss is least */
	double steepest;   /* at which it falls most from step to step */
	double apart;      /* from which on it is RATE_APART times the least, or no number */
	double suggestion; /* a tenth of `least`; NaN where the loss never fell by more than its noise */
};
#define RATE_APART 4

/* The losses of `points`, smoothed: [count], which the caller frees. NULL: no memory. */
double *rate_finder_smooth(const struct run_point *points, size_t count);
void rate_finder_read(const struct run_point *points, const double *smoothed, size_t count, struct rate_finding *out);

#endif
