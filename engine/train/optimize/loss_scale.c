/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimize/loss_scale.h"

#include <float.h>

/* torch keeps the scale in f32, and does not let it grow beyond that. */
void loss_scale_update(struct loss_scale *scale, bool overflow)
{
	if (overflow) {
		scale->scale *= LOSS_SCALE_BACKOFF;
		scale->good = 0;
		scale->skipped++;
		return;
	}
	if (++scale->good < LOSS_SCALE_INTERVAL)
		return;
	if (scale->scale * LOSS_SCALE_GROWTH <= (double)FLT_MAX)
		scale->scale *= LOSS_SCALE_GROWTH;
	scale->good = 0;
}
