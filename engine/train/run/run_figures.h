/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an evaluation of a run is told by, a row a figure: its key in metrics.jsonl and state.json, the Trainer's name for
 * it in trainer_state.json, eval_results.json and TensorBoard, and how the model card calls it. */
#ifndef REVUE_TRAIN_RUN_FIGURES_H
#define REVUE_TRAIN_RUN_FIGURES_H

#include "engine/run.h"

#include <jansson.h>

struct run_figure {
	const char *key;
	const char *name;    /* after "eval_", after "eval/" */
	const char *words;   /* in the model card; NULL: not there */
	const char *type;    /* of the Hub's metrics */
	const char *average; /* what it is the mean over, always the same; NULL: what F1 is */
	bool averaged;       /* over labels */
	bool always;         /* else only where it is a number: NaN stands for none */
	bool positive;       /* 0 stands for none, too */
	size_t offset;       /* of a double in struct run_evaluation */
};

extern const struct run_figure run_figures[];
extern const int run_figure_count;
extern const struct run_evaluation run_evaluation_none; /* no figure was measured */

double run_figure_value(const struct run_evaluation *evaluation, const struct run_figure *figure);

/* Whether an evaluation has it. */
bool run_figure_is_there(const struct run_evaluation *evaluation, const struct run_figure *figure);

/* Puts all that are there into an object, under "eval_" and their names; what is not finite is null. False: no memory. */
bool run_figures_put(const struct run_evaluation *evaluation, json_t *object);

/* The same under their keys, and back: a key that is missing or null is NaN. */
bool run_figures_keep(const struct run_evaluation *evaluation, json_t *object);
void run_figures_read(struct run_evaluation *evaluation, const json_t *object);

#endif
