/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an optimizer step asks for, in plain C. */
#ifndef REVUE_BACKEND_REFERENCE_OPTIMIZE_H
#define REVUE_BACKEND_REFERENCE_OPTIMIZE_H

#include "engine/backend/backend.h"

void reference_clip(struct backend *b, struct clipping *clipping, const struct segment *segments, size_t count, double limit);
void reference_adamw(struct backend *b, const struct segment *segments, size_t count, const struct adamw *a);
void reference_sgd(struct backend *b, const struct segment *segments, size_t count, const struct sgd *s);
void reference_lion(struct backend *b, const struct segment *segments, size_t count, const struct lion *l);
void reference_adafactor(struct backend *b, const struct segment *segments, size_t count, const struct adafactor *a);

#endif
