/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text for the clipboard of whoever sits at the terminal, also over ssh: the sequence OSC 52 (xterm's "Manipulate Selection
 * Data"), which most terminals take, and which asks nothing of those that do not. Pure. */
#ifndef REVUE_UI_CLIPBOARD_H
#define REVUE_UI_CLIPBOARD_H

#include "engine/span.h"

#define CLIPBOARD_MAX 65536 /* bytes of text: terminals take no more */

/* The sequence that copies `text`, freed by the caller. NULL: a terminal of type `term` is not known to take it, the text is too
 * long, or out of memory. */
char *clipboard_sequence(const char *term, struct span text);

#endif
