/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RUN/held_out.csv: which held-out reviews the model had right before the first step, and which it has right now (RFC 4180).
 *
 *   row,before,after
 *   17,wrong,right
 *
 * `row` is the line of the file that the review begins on; of a folder, its number. `after` is that of the weights that
 * would be the result if the run ended now, and empty as long as there is no evaluation of them. */
#ifndef REVUE_TRAIN_BEFORE_AFTER_H
#define REVUE_TRAIN_BEFORE_AFTER_H

#include "engine/error.h"

#include <stdbool.h>
#include <stdint.h>

#define BEFORE_AFTER_FILE "held_out.csv"

/* Start with {0}, end with before_after_free. */
struct before_after {
	uint32_t count;
	bool *now;          /* [count] at the evaluation that is being made */
	bool *before, *after;
	bool begun, ended;  /* whether `before` and `after` are known */
};

bool before_after_init(struct before_after *story, uint32_t count, struct error *error);
void before_after_free(struct before_after *story);

/* What was noted in `now` is how it was before, or how it is after. */
void before_after_begin(struct before_after *story);
void before_after_end(struct before_after *story);

/* How many reviews were wrong before and are right after, and the other way round. False: it is not known. */
bool before_after_count(const struct before_after *story, uint32_t *mended, uint32_t *broken);

/* `rows`: [count]. */
bool before_after_write(const struct before_after *story, const char *directory, const uint64_t *rows, struct error *error);

/* Takes up what was written before a break. Where there is no such file, or it tells of other rows, nothing is known. False:
 * no memory. */
bool before_after_read(struct before_after *story, const char *directory, const uint64_t *rows, struct error *error);

#endif
