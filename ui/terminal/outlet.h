/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What curses writes, on its way to the terminal. curses waits for a terminal that takes nothing (Ctrl-S, a window
 * that nobody reads, a dead connection), and a program that waits there obeys nobody. So curses writes into a file
 * in memory, and from there goes what the terminal takes. */
#ifndef REVUE_UI_OUTLET_H
#define REVUE_UI_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

struct outlet;

/* For the terminal that `fd` is. NULL where it cannot be opened a second time: curses has to write to it then. */
struct outlet *outlet_open(int fd);
/* The same for anything that `fd` is, which outlet_add alone writes to. NULL: out of memory or descriptors. */
struct outlet *outlet_open_stream(int fd);
void outlet_close(struct outlet *outlet); /* NULL is allowed; what was not sent is lost */

/* The descriptor for curses to write to; the outlet's. */
int outlet_file(const struct outlet *outlet);
int outlet_fd(const struct outlet *outlet); /* of the terminal, which does not wait; the outlet's */

/* Adds bytes after what curses has written. */
void outlet_add(struct outlet *outlet, const char *bytes, size_t size);

/* Sends what there is, as far as it is taken at once. */
void outlet_send(struct outlet *outlet);

/* The bytes that it has taken over since it was opened, sent or not: those of curses when outlet_send takes them. */
size_t outlet_taken(const struct outlet *outlet);

/* The descriptor to poll for POLLOUT while something waits to be sent; -1: nothing does. */
int outlet_busy_fd(const struct outlet *outlet);

/* Nobody takes anything any more: the reader of a pipe has left, or the terminal has gone. */
bool outlet_is_gone(const struct outlet *outlet);

/* Sends all of it, unless the terminal takes nothing for `patience` seconds: false then. */
bool outlet_flush(struct outlet *outlet, double patience);

#endif
