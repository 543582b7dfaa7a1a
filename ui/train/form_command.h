/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line that starts the training that the form stands for. Pure: knows no terminal. */
#ifndef REVUE_UI_FORM_COMMAND_H
#define REVUE_UI_FORM_COMMAND_H

#include "engine/trainer.h"

/* "revue train reviews.csv -m pocket -o run-1 --max-length 128", what is at its default left out, quoted for a shell. Freed by
 * the caller; not scrubbed. NULL: out of memory. */
char *form_command(const struct trainer_request *request);

#endif
