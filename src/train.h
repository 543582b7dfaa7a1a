/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `revue train` and `revue pretrain` have in common: all but what is learnt. */
#ifndef REVUE_SRC_TRAIN_H
#define REVUE_SRC_TRAIN_H

#include "src/args.h"

struct train_arguments {
	const char *model, *output, *resume, *data, *seeds, *probes;
	struct options_file file;
	int64_t folds;
	bool paused;
};

/* A training from its options on to its result. `task`: what --task means where the line does not say. */
bool train_command(int argc, char **argv, const struct argument_row *rows, const char *task, struct error *error);

#endif
