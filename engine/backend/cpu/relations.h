/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a student lacks of the inside of its teacher, in plain C on every path, a sequence a task. */
#ifndef REVUE_BACKEND_RELATIONS_H
#define REVUE_BACKEND_RELATIONS_H

#include "engine/backend/backend.h"

void cpu_relate(struct backend *b, float *loss, float *da, float *db, float *work, const float *a, const float *other,
                const float *teacher_a, const float *teacher_b, const struct relation *how);
void cpu_imitate(struct backend *b, float *loss, float *dx, const float *x, const float *teacher, const struct packing *tokens,
                 int32_t columns, const struct imitation_loss *how);

#endif
