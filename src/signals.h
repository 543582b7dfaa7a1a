/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking the program to stop. SIGINT and SIGTERM set a flag that every long work obeys (through
 * progress_report) so that what was begun is saved or taken back; a second one leaves at once with 130. */
#ifndef REVUE_SRC_SIGNALS_H
#define REVUE_SRC_SIGNALS_H

#include <stdbool.h>

/* Writing into a pipe without a reader, or beyond the limit for the size of a file, fails instead of ending the
 * program, so that what was half written is taken away. For every command. */
void signals_become_errors(void);

/* For commands that work: the stop flag; `survive_hangup`: a lost terminal does not end it. */
void signals_catch(bool survive_hangup);

bool signals_stopped(void);

#endif
