/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the options of a training ask for of the inside of a teacher. */
#ifndef REVUE_TRAIN_INSIDE_OPTIONS_H
#define REVUE_TRAIN_INSIDE_OPTIONS_H

#include "engine/options.h"
#include "engine/teach/inside_teacher.h"
#include "engine/teach/teacher_wish.h"

/* False: nothing is asked for. */
bool inside_options(const struct train_options *options, struct inside_wish *wish);

/* Which of the teachers is imitated: the first that is a network; where none is, the first of all, which is then refused by its
 * name. -1: none is. */
int inside_options_which(const struct train_options *options, const struct teacher_wish *wishes, int count);

#endif
