/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scale of the loss of a training in f16, whose gradients would vanish without: torch.amp.GradScaler with its constants. A
 * step whose gradients are not finite is not made and halves the scale; after LOSS_SCALE_INTERVAL steps in a row without
 * one it doubles. */
#ifndef REVUE_TRAIN_LOSS_SCALE_H
#define REVUE_TRAIN_LOSS_SCALE_H

#include <stdbool.h>
#include <stdint.h>

#define LOSS_SCALE_FIRST 65536.0
#define LOSS_SCALE_GROWTH 2.0
#define LOSS_SCALE_BACKOFF 0.5
#define LOSS_SCALE_INTERVAL 2000

/* Below it no step is tried any more, where torch would go on for ever; fairseq ends at about the same. */
#define LOSS_SCALE_LEAST 0x1p-13

/* Where it stands; begins with LOSS_SCALE_FIRST. */
struct loss_scale {
	double scale;
	uint64_t good;    /* steps since it changed that were made */
	uint64_t skipped; /* steps of the whole run that were not made */
};

/* After a step; `overflow`: its gradients were not finite, and it was not made. */
void loss_scale_update(struct loss_scale *scale, bool overflow);

#endif
