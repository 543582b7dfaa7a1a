/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The learning rate that falls when the evaluations improve no more (--lr-scheduler-type reduce_lr_on_plateau). It is the one
 * scheduler with a memory, which the checkpoints keep.
 *
 * Source: torch.optim.lr_scheduler.ReduceLROnPlateau; when it is stepped, and by which metric: transformers' Trainer. */
#ifndef REVUE_TRAIN_PLATEAU_H
#define REVUE_TRAIN_PLATEAU_H

#include "engine/train/optimize/scheduler.h"

/* What it was told; read from the scheduler's arguments by plateau_rule_of. */
struct plateau_rule {
	bool greater;  /* mode max: a larger metric is better */
	bool absolute; /* threshold_mode abs */
	double factor, threshold, min_lr, eps;
	double patience, cooldown; /* evaluations */
};

/* Where it stands. Start with plateau_begin. */
struct plateau {
	double rate, best;     /* best: the worst there is, infinite, before anything was measured */
	uint64_t bad, cooling; /* evaluations without an improvement; those that are still passed over */
};

/* `greater` says whether a larger metric is better where the arguments have no "mode": torch would take min for accuracy,
 * too, and lower the rate as soon as the accuracy rises. */
struct plateau_rule plateau_rule_of(const struct scheduler *scheduler, const struct scheduler_plan *plan, bool greater);

struct plateau plateau_begin(const struct plateau_rule *rule, double rate);

/* Takes in an evaluation's metric; a NaN is no improvement. */
void plateau_step(struct plateau *plateau, const struct plateau_rule *rule, double metric);

#endif
