/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The way from the command line to the screens. */
#ifndef REVUE_SRC_SCREENS_H
#define REVUE_SRC_SCREENS_H

#include "engine/dialect.h"

struct screens_arguments {
	const char *data, *model, *run, *script, *probes, *text_column, *label_column;
	struct dataset_dialect dialect;
	int64_t max_rate; /* 0: not given */
	bool ascii, no_color, read_only, plain, tour;
};

/* Whether there is a terminal that screens can be drawn on. */
bool screens_possible(void);

/* False with one line: there is nothing that the screens could be shown or told on. */
bool screens_check(const struct screens_arguments *arguments, struct error *error);

bool screens_open(const struct screens_arguments *arguments, struct error *error);

#endif
