/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RUN/control: a unix socket that takes orders (engine/steering.h), one a line, and answers each with "ok" or with what
 * is wrong.
 * A thread of its own serves it, so that commands are heard while a step is computed. Eight clients at a time are
 * served; a ninth takes the place of the one that has been silent for longest. */
#ifndef REVUE_TRAIN_CONTROL_H
#define REVUE_TRAIN_CONTROL_H

#include "engine/error.h"

struct control;

/* Called on the control thread with each line. False with one line: what is wrong with it. */
typedef bool control_hear(void *context, const char *line, struct error *error);

/* A socket file that a dead trainer left is replaced: the caller holds the run's lock. NULL with an error, as on file systems
 * without sockets. */
struct control *control_open(const char *directory, control_hear *hear, void *context, struct error *error);

/* Ends the thread and removes the socket file. */
void control_close(struct control *control);

#endif
