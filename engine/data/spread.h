/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks of a text file after its first megabyte, cut into rows in several ways: what the first rows do not tell about
 * quotes. The bytes are not decoded, for marks are ASCII. */
#ifndef REVUE_DATA_SPREAD_H
#define REVUE_DATA_SPREAD_H

#include "engine/data/reader.h"

/* Sums over all blocks: of view, marks are given, and bad, quoted, doubled, escaped and rows are filled in. */
struct spread_facts {
	struct sample_view view;
	uint64_t looked; /* rows that were split: some of each block */
	uint64_t even;   /* those of them with as many fields as were asked for */
};

/* `width`: fields of a row; 0: they are not counted, which is most of the work. False: I/O, or out of memory. */
bool spread_observe(const struct opening *opening, int width, struct spread_facts *facts, int count,
                    struct error *error);

#endif
