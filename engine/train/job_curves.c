/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The curves of metrics.jsonl once more, for TensorBoard, under the names that the Hugging Face Trainer gives
 * them. They can be made again from metrics.jsonl: that they cannot be written is said once and stops nothing. */
#include "engine/train/job.h"

static void give_up(struct trainer *trainer, const struct error *why)
{
	tensorboard_close(&trainer->curves);
	job_event(trainer, JOURNAL_NOTE, "goes on without TensorBoard's file: %.900s", why->text);
}

void job_curves_open(struct trainer *trainer)
{
	struct error error = {0};

	if (!tensorboard_open(&trainer->curves, trainer->run, trainer->resuming ? trainer->state.step + 1 : 0, &error))
		give_up(trainer, &error);
}

void job_curves_add_point(struct trainer *trainer, const struct run_point *point)
{
	const struct tensorboard_scalar scalars[] = {
		{"train/loss", point->loss},
		{"train/grad_norm", point->grad_norm},
		{"train/learning_rate", point->learning_rate},
		{"train/epoch", point->epoch},
	};
	struct error error = {0};

	if (!tensorboard_add(&trainer->curves, point->step, scalars, sizeof scalars / sizeof scalars[0], &error))
		give_up(trainer, &error);
}

void job_curves_add_evaluation(struct trainer *trainer, const struct run_evaluation *evaluation)
{
	const struct tensorboard_scalar scalars[] = {
		{"eval/loss", evaluation->loss},
		{"eval/accuracy", evaluation->accuracy},
		{"eval/f1", evaluation->f1},
	};
	struct error error = {0};

	if (!tensorboard_add(&trainer->curves, evaluation->step, scalars, sizeof scalars / sizeof scalars[0], &error))
		give_up(trainer, &error);
}
