/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words of a command line as a shell reads them back. Pure: knows no terminal. */
#ifndef REVUE_UI_SHELL_WORD_H
#define REVUE_UI_SHELL_WORD_H

#include "engine/span.h"

#include <stdio.h>

/* As it is where nothing in it means anything to a shell, else quoted. Not scrubbed. */
void shell_word_put(FILE *out, struct span text);

/* `before`, and a path, which is no option where it begins with a dash. */
void shell_word_put_path(FILE *out, const char *before, const char *path);

#endif
