/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long a training will take, before its first step: a pass forward and back over a few of its reviews is timed, and the
 * whole counted in the same work. */
#ifndef REVUE_TRAIN_TRAINING_PROBE_H
#define REVUE_TRAIN_TRAINING_PROBE_H

#include "engine/train/training.h"

#define PROBE_TOKENS 1024  /* at most, unless the first review has more */
#define PROBE_WORTH_IT 100 /* a training has so many times the work of the probe, or it is not probed */

struct training_time {
	double seconds;        /* of all steps and the evaluations at the ends of epochs; < 0: not known */
	uint64_t probe_tokens; /* 0: the training is too short for a probe, its first steps tell it soon enough */
	double probe_seconds;
};

/* Multiplications of a pass forward over a review of so many tokens; over the first examples. */
double training_work_of(const struct model_config *config, double tokens);
double training_work(const struct model_config *config, const struct examples *examples, uint32_t count);

/* What a step costs beside its passes. Sets the gradients to zero. */
double probe_rest_seconds(struct model *model);

/* Leaves the weights as they are and the gradients zero. False with one line when the device failed. */
bool training_probe(struct training *training, struct training_time *time, struct error *error);

#endif
