/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Occlusion: what a logit loses when a word is masked (engine/attribution.h). */
#ifndef REVUE_MODEL_OCCLUSION_H
#define REVUE_MODEL_OCCLUSION_H

#include "engine/attribution.h"

/* Fills logit and parts of out, whose label is set. */
bool occlusion_attribute(struct model *model, struct span text, const struct attribution_request *request,
                         struct attribution *out, const struct progress *progress, struct error *error);

#endif
