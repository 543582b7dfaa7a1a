/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A checkpoint of a training that goes on in another process, for who wants to try it: the training is asked to save one, as by
 * `revue control RUN save`, and nothing else is done to it. Knows no curses; waits, and so is for a job. */
#ifndef REVUE_UI_BORROWED_H
#define REVUE_UI_BORROWED_H

#include "engine/error.h"
#include "engine/progress.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum borrowed {
	BORROWED_SAVED,  /* it was written since it was asked for */
	BORROWED_PAUSED, /* the training is paused where it was written */
	BORROWED_NEWEST, /* the newest that there is: none was asked for, or the training has ended meanwhile */
};

/* The step of the checkpoint. Where `ask` is false none is asked for. False with one line: there is none, the training cannot be
 * told, or the job was given up. */
bool borrowed_find(const char *run, bool ask, const struct progress *progress, uint64_t *step, enum borrowed *how,
                   struct error *error);

/* "checkpoint-120, saved for this" */
void borrowed_describe(uint64_t step, enum borrowed how, char *out, size_t capacity);

#endif
