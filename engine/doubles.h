/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts that repeat another one, to the letter or nearly. Texts are compared as lower-case words (ASCII letters and digits,
 * bytes above 0x7F as they are): what stands between does not count. How like two texts are is the Jaccard similarity of
 * their shingles, that is of the sets of DOUBLES_SHINGLE words that follow each other in them (Broder 1997), estimated by
 * the share of DOUBLES_HASHES minima on which they agree: its standard error is below 0.05. Implemented in
 * engine/text/doubles.c. */
#ifndef REVUE_ENGINE_DOUBLES_H
#define REVUE_ENGINE_DOUBLES_H

#include "engine/span.h"

#include <stdint.h>

#define DOUBLES_SHINGLE 3
#define DOUBLES_HASHES 128
#define DOUBLES_NEAR 0.5f /* from this similarity on texts are near doubles */

/* What is kept of a text. */
struct double_sketch {
	uint64_t exact; /* a hash of its words; 0: it has none */
	uint64_t words;
	uint32_t minima[DOUBLES_HASHES]; /* of a text with fewer words than a shingle: of all of them together */
};

/* Linear in the text; needs no memory of its own. */
void double_sketch_make(struct double_sketch *sketch, struct span text);

bool double_is_exact(const struct double_sketch *a, const struct double_sketch *b);

/* 0 to 1. Texts without words are like none. */
float double_similarity(const struct double_sketch *a, const struct double_sketch *b);

#endif
