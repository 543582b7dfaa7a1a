/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gives the terminal back when the program fails while the screens are on: by a fault, by abort(), or where a library ends
 * the process. What is to be undone is prepared before, since a handler of such a signal may call next to nothing. */
#ifndef REVUE_UI_RESCUE_H
#define REVUE_UI_RESCUE_H

#include "ui/terminal/kept_stderr.h"

#include <stddef.h>
#include <termios.h>

#define RESCUE_UNDO_MAX 512

/* From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT and exit() undo what the screens did to the terminal, print what was
 * kept of stderr and, of a signal, a line that names it; then the signal does what it did before. Nothing is done to a
 * terminal that is not ours at that moment. `terminal` is a descriptor of it; all is copied. */
void rescue_arm(int terminal, const struct termios *modes, const struct kept_stderr *kept);

/* What to write to the terminal then, RESCUE_UNDO_MAX bytes at most; of no effect unless armed. */
void rescue_prepare(const char *bytes, size_t size);

void rescue_disarm(void); /* of no effect unless armed */

#endif
