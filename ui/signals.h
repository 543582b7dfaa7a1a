/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signals as numbers that come out of a descriptor, so that the loop handles them like everything else.
 * Handlers take no context: there is one set of them in a process. */
#ifndef REVUE_UI_SIGNALS_H
#define REVUE_UI_SIGNALS_H

#include "engine/error.h"

/* Takes over HUP (unless it is ignored, as nohup does), INT, QUIT, TERM, TSTP, CONT and WINCH. Before curses
 * starts, which leaves signals alone that have a handler. */
bool signals_open(struct error *error);
void signals_close(void); /* puts back what was there */

int signals_fd(void);
#define SIGNALS_TYPED 128 /* the INT of a terminal: Ctrl-C was pressed */

int signals_next(void); /* a signal, or SIGNALS_TYPED; 0: none waits */

/* To be asked for each signal that ends a program. False: it belongs to the wish before (engine/wish.h). */
bool signals_is_wish(void);

/* Stops the process as Ctrl-Z does; returns when it goes on. */
void signals_stop_here(void);

#endif
