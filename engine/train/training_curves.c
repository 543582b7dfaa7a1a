/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_curves.h"

#include "engine/train/run/run_figures.h"

#include <stdio.h>

#define FIGURES_MAX 16

static void give_up(struct training *training, const struct error *why)
{
	tensorboard_close(&training->curves);
	training_event(training, JOURNAL_NOTE, "goes on without TensorBoard's file: %.900s", why->text);
}

void training_curves_open(struct training *training)
{
	struct error error = {0};

	if (!tensorboard_open(&training->curves, training->run, training->resuming ? training->state.step + 1 : 0, &error))
		give_up(training, &error);
}

void training_curves_add_point(struct training *training, const struct run_point *point)
{
	const struct tensorboard_scalar scalars[] = {
		{"train/loss", point->loss},
		{"train/grad_norm", point->grad_norm},
		{"train/learning_rate", point->learning_rate},
		{"train/epoch", point->epoch},
	};
	struct error error = {0};

	if (!tensorboard_add(&training->curves, point->step, scalars, sizeof scalars / sizeof scalars[0], &error))
		give_up(training, &error);
}

void training_curves_add_evaluation(struct training *training, const struct run_evaluation *evaluation)
{
	struct tensorboard_scalar scalars[FIGURES_MAX];
	char tags[FIGURES_MAX][32];
	struct error error = {0};
	size_t count = 0;

	for (int i = 0; i < run_figure_count && count < FIGURES_MAX; i++) {
		const struct run_figure *figure = &run_figures[i];
		if (!run_figure_is_there(evaluation, figure))
			continue;
		snprintf(tags[count], sizeof tags[count], "eval/%s", figure->name);
		scalars[count] = (struct tensorboard_scalar){tags[count], run_figure_value(evaluation, figure)};
		count++;
	}
	if (!tensorboard_add(&training->curves, evaluation->step, scalars, count, &error))
		give_up(training, &error);
}
