/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of the three steps: a new way of doing one is a file of its own and a line in steps.c. */
#ifndef REVUE_TEXT_STEPS_H
#define REVUE_TEXT_STEPS_H

#include "engine/text/step.h"

/* The rows of one step by their number. `name` is as tokenizer.json has it; `nothing` is not looked at. */
struct step_rows {
	int count;
	const char *(*name)(const void *nothing, int i);
};
extern const struct step_rows normaliser_rows, splitter_rows, piece_step_rows;

extern const struct normaliser *const normalisers[];
extern const struct splitter *const splitters[];
extern const struct piece_step *const piece_steps[];

/* The number of the row with this name, -1: there is none. */
int steps_find(const struct step_rows *rows, const char *type);

#endif
