/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What happened during a run, as marks below its charts. Pure. */
#ifndef REVUE_UI_RUN_MARKS_H
#define REVUE_UI_RUN_MARKS_H

#include "engine/run.h"

#include <stdbool.h>
#include <stddef.h>

enum run_mark_kind { /* later ones lie on top */
	RUN_MARK_EPOCH,
	RUN_MARK_CHECKPOINT,
	RUN_MARK_RATE,   /* the learning rate jumped */
	RUN_MARK_STEERED, /* somebody changed the rate or the epochs */
	RUN_MARK_RESUME,
	RUN_MARK_EARLY,  /* it stopped early */
	RUN_MARK_BAD,    /* loss, or norm of the gradient, is no number */
	RUN_MARK_KINDS,
};

struct run_mark {
	uint64_t step;
	enum run_mark_kind kind;
};

/* Start with {0}, end with run_marks_free. */
struct run_marks {
	struct run_mark *marks;
	size_t count, capacity;
	size_t points, events; /* of the run that are in it */
	uint64_t last_step;    /* of these points */
};

/* Takes what is new in the log. Without memory for it some marks are missing. */
void run_marks_update(struct run_marks *marks, const struct run *run);
void run_marks_free(struct run_marks *marks);

/* "e", "c", ... and what it is in words. */
char run_mark_letter(enum run_mark_kind kind);
const char *run_mark_name(enum run_mark_kind kind);

#endif
