/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which label of a teacher is which of the student's: they go by their names, in whatever order. */
#ifndef REVUE_TEACH_TEACHER_LABELS_H
#define REVUE_TEACH_TEACHER_LABELS_H

#include "engine/model.h"

/* label_of[i], [labels of the student], becomes the teacher's label of that name, exactly or without case. False with one line
 * that names both models' labels: one of either is not the other's, or of one of them labels exclude each other and of the
 * other they do not. */
bool teacher_labels(const struct model *teacher, const struct model *student, int32_t *label_of, struct error *error);

#endif
