/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a chart shows as a table (RFC 4180), written beside the screens: all points, not only those in sight. */
#ifndef REVUE_UI_CHART_DATA_H
#define REVUE_UI_CHART_DATA_H

#include "engine/job.h"
#include "ui/charts/overlays.h"

#include <limits.h>

struct chart_data {
	char file[PATH_MAX];
	char runs[OVERLAYS_MAX + 1][PATH_MAX]; /* "": none */
	int metric;
	double smoothing; /* 0: there is no column of smoothed values */
	uint64_t rows;    /* written, when the job has succeeded */
};

/* NULL with one line. The job's context is a copy of `what`. A file that is there already is not written over. */
struct job *chart_data_start(struct jobs *jobs, const struct chart_data *what, struct error *error);

#endif
