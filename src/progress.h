/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far a long work is, on standard error: one line that is drawn over and over on a terminal, a line now
 * and then elsewhere. Also what makes engine work obey the stop flag of signals.h. */
#ifndef REVUE_SRC_PROGRESS_H
#define REVUE_SRC_PROGRESS_H

#include "engine/progress.h"

struct progress_line {
	struct progress progress; /* to hand to the engine */
	bool terminal, shown;
	double began, drawn;      /* seconds of the monotonic clock */
	char what[64];            /* of the last report */
};

void progress_begin(struct progress_line *line);

/* Draws `text` over the line (terminal), or writes it as a line of its own when `due` or when some seconds have
 * passed since the last one. */
void progress_show(struct progress_line *line, const char *text, bool due);

/* Takes the line away, so that something else can be written. */
void progress_clear(struct progress_line *line);

#endif
