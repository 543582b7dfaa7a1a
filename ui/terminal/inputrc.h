/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The person's settings of readline, read in its place: readline itself waits for a pipe, and follows a file that includes
 * itself until the stack is full. Knows no terminal. */
#ifndef REVUE_UI_INPUTRC_H
#define REVUE_UI_INPUTRC_H

#include "engine/error.h"

/* One line without its end; may be changed, is gone afterwards. */
typedef void inputrc_taker(char *line);

/* Hands over the lines of $INPUTRC, or else of ~/.inputrc, or else of /etc/inputrc, those of included files in the place
 * of their $include. What cannot be read is left out; `error` tells of the first such thing. Files that are not there
 * are no error. */
void inputrc_read(inputrc_taker *take, struct error *error);

#endif
