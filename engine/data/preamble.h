/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands above a table and is no row of it: Excel's line that names the separator, comments, and whatever comes
 * before the line that the user named as the header. The rules stand in engine/data/README. */
#ifndef REVUE_DATA_PREAMBLE_H
#define REVUE_DATA_PREAMBLE_H

#include "engine/data/sample.h"

struct preamble {
	uint64_t lines;    /* physical ones above the table */
	char separator;    /* that the first of them names; 0: it names none */
	uint64_t comments; /* lines of them that begin with "#" */
};

/* Finds it and takes it off the sample; where there is none all stays. `usual` is the delimiter that the format has where
 * nobody says otherwise; 0: it is guessed. The sample is left cut in some way. False: out of memory, or with fewer lines than
 * said->header: then preamble->lines is what was asked for, and not taken off. */
bool preamble_skip(struct sample *sample, const struct dataset_dialect *said, char usual, struct preamble *preamble);

#endif
