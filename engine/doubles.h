/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts that repeat another one, to the letter or nearly. Texts are compared as lower-case words (ASCII letters and digits,
 * bytes above 0x7F as they are): what stands between does not count. How like two texts are is the Jaccard similarity of
 * their shingles, that is of the sets of DOUBLES_SHINGLE words that follow each other in them (Broder 1997), estimated by
 * the share of DOUBLES_HASHES minima on which they agree: its standard error is below 0.05. Implemented in
 * engine/text/doubles.c and double_index.c. */
#ifndef REVUE_ENGINE_DOUBLES_H
#define REVUE_ENGINE_DOUBLES_H

#include "engine/error.h"
#include "engine/progress.h"
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

/* A hash of a text's words, the same for texts that are exact doubles; 0: it has none. Far cheaper than a sketch. */
uint64_t double_key(struct span text);

/* All texts of a file, numbered as they are added: which of them have a double. Exact ones take 8 bytes a text. Near ones take
 * another 256; two texts are compared by their minima where three that stand together agree (locality-sensitive hashing, Indyk
 * and Motwani 1998), which misses one of 250 pairs of a similarity of DOUBLES_NEAR, and hardly any that are more alike. One
 * thread at a time. */
struct double_index;

struct double_index *double_index_new(bool near); /* NULL: out of memory */
void double_index_free(struct double_index *index); /* NULL is allowed */
bool double_index_add(struct double_index *index, struct span text); /* false: out of memory */
uint64_t double_index_count(const struct double_index *index);
void double_index_cut(struct double_index *index, uint64_t count); /* the texts from this one on are forgotten */

/* Sets has[number], of double_index_count, for each text that another one repeats: exactly, or in a `near` index exactly or
 * nearly. Of a million texts exact ones take a tenth of a second. False: out of memory, or it was stopped. */
bool double_index_find(const struct double_index *index, bool *has, const struct progress *progress, struct error *error);

#endif
