/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue pretrain`: a training that learns masked words, of texts without labels. All else is that of `revue train`. */
#include "src/command.h"
#include "src/train.h"

#define AT(field) offsetof(struct train_arguments, field)
const struct argument_row pretrain_options[] = {
	{'m', "model", ARGUMENT_FOLDER, "MODEL", .offset = AT(model),
	 .help = "folder of the model to go on with, as one of revue new; the one that ships where not given"},
	{'o', "output-dir", ARGUMENT_FOLDER, "RUN", .offset = AT(output),
	 .help = "folder of the run, which is made; runs/NAME-N where not given"},
	{0, "args", ARGUMENT_OPTIONS, "FILE", .offset = AT(file),
	 .help = "options from a JSON file, as revue train takes it"},
	{0, "resume", ARGUMENT_FOLDER, "RUN", .offset = AT(resume),
	 .help = "go on with a run from its newest checkpoint, with the options it began with"},
	{0, "data", ARGUMENT_FILE, "DATA", .offset = AT(data),
	 .help = "with --resume: where the run's data lies now; so do -m MODEL and --validation FILE"},
	{0, "paused", ARGUMENT_FLAG, .offset = AT(paused),
	 .help = "with --resume: wait before the first step until it is told to go on, as revue watch can"},
	{.name = NULL},
};

bool pretrain_run(int argc, char **argv, struct error *error)
{
	return train_command(argc, argv, pretrain_options, "masked_lm", error);
}
