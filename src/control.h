/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The orders of `revue control`, for its help. */
#ifndef REVUE_SRC_CONTROL_H
#define REVUE_SRC_CONTROL_H

#include <stdio.h>

/* Their names one after the other; NULL after the last. */
const char *control_word(int index);
const char *control_help(int index);

void control_print_commands(FILE *out);

#endif
