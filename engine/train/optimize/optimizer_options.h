/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The optimizer that the options name, and what they freeze. */
#ifndef REVUE_TRAIN_OPTIMIZER_OPTIONS_H
#define REVUE_TRAIN_OPTIMIZER_OPTIONS_H

#include "engine/model/freeze.h"
#include "engine/options.h"
#include "engine/train/optimize/optimizer.h"

/* --optim with --optim-args as the Trainer reads them, the betas, --layerwise-lr-decay. False with one line: a word of
 * --optim-args that SGD does not know, or that torch would refuse. */
bool optimizer_plan_read(struct optimizer_plan *plan, const struct train_options *options, struct error *error);

/* --freeze and --freeze-layers of a model whose head is new or not: see freeze.h. */
struct freeze_request optimizer_freeze_request(const struct train_options *options, bool fresh_head);

#endif
