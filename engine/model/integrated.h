/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Integrated gradients (engine/attribution.h). */
#ifndef REVUE_MODEL_INTEGRATED_H
#define REVUE_MODEL_INTEGRATED_H

#include "engine/attribution.h"

/* Fills logit, bias, error and parts of out, whose label is set. */
bool integrated_attribute(struct model *model, struct span text, const struct attribution_request *request,
                          struct attribution *out, const struct progress *progress, struct error *error);

/* Nodes and weights of the Gauss-Legendre quadrature of `count` points on 0 .. 1, in rising order. Outside of it for tests. */
void gauss_legendre(int32_t count, double *nodes, double *weights);

#endif
