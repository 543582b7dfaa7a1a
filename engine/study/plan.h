/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is asked of a study, and study.json, where it stands. */
#ifndef REVUE_STUDY_PLAN_H
#define REVUE_STUDY_PLAN_H

#include "engine/study/halving.h"
#include "engine/study/space.h"

#include <limits.h>

#define STUDY_FILE "study.json"
#define TRIAL_NAME 32

struct plan_trial {
	char name[TRIAL_NAME]; /* of its folder: letters, digits, '-' */
	struct settings settings;
};

struct plan {
	enum study_kind kind;
	char data[PATH_MAX], model[PATH_MAX];
	char objective[64]; /* of a search */
	struct halving halving;
	struct train_options options;
	struct plan_trial *trials; /* [halving.trials] */
};

/* Plans what is asked; all that can be refused before anything is read is refused. plan_free also when it fails. */
bool plan_make(struct plan *plan, const struct study_request *request, struct error *error);
void plan_free(struct plan *plan);

bool plan_write(const struct plan *plan, const char *folder, struct error *error);

/* False with one line for a file that is no study or does not say what a study's does. */
bool plan_read(struct plan *plan, const char *folder, struct error *error);

/* Whether two plans ask the same, wherever they lie. */
bool plan_is_same(const struct plan *a, const struct plan *b);

#endif
