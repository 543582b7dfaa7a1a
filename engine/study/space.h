/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The space of a search: which options may have which values, read from a JSON file, and the trials that are drawn from it.
 *
 *   {"learning_rate": {"min": 1e-5, "max": 1e-3, "log": true},   drawn between, evenly or with "log" by its logarithm
 *    "per_device_train_batch_size": [8, 16, 32],                 one of these
 *    "warmup_ratio": 0.1}                                        always this */
#ifndef REVUE_STUDY_SPACE_H
#define REVUE_STUDY_SPACE_H

#include "engine/study.h"

struct setting {
	const struct option_row *row;
	char value[STUDY_SETTING_TEXT];
};

struct settings {
	struct setting list[STUDY_SETTINGS_MAX];
	int count;
};

/* False with ERROR_USAGE for a value that the option does not take. */
bool setting_check(const struct setting *setting, struct error *error);

/* The options of a trial. */
bool settings_apply(const struct settings *settings, struct train_options *options, struct error *error);

/* Draws up to `most` different trials into out, [most]; where there are only lists and no more combinations than that, all of
 * these in their order. A trial whose options cannot go together with `options` is refused. 0 with one line. */
int space_draw(const char *path, const struct train_options *options, int most, uint64_t seed, struct settings *out,
               struct error *error);

#endif
