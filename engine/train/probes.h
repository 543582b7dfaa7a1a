/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RUN/probes.txt: sentences, one a line, whose scores are followed while a model learns (--probe). Whoever adds a line to it
 * adds a probe, also while the training goes on. */
#ifndef REVUE_TRAIN_PROBES_H
#define REVUE_TRAIN_PROBES_H

#include "engine/run.h"
#include "engine/span.h"

#include <sys/stat.h>

#define PROBES_FILE "probes.txt"
#define PROBE_BYTES 1000 /* of a sentence that count */

/* Start with {0}, end with probes_free. */
struct probes {
	char *texts;                /* of the file */
	struct span spans[RUN_PROBES_MAX]; /* lines of it */
	int count;
	off_t size;                 /* of the file when it was read */
	struct timespec changed;
};

/* Reads the file where it was changed since; what cannot be read is no probe. */
void probes_follow(struct probes *probes, const char *run);
void probes_free(struct probes *probes);

/* Writes those of the options, a line each, into a run that has none yet. */
bool probes_begin(const char *run, const char *lines, struct error *error);

#endif
