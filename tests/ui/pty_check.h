/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program on a pseudo-terminal, for tests of what it writes and how it leaves. REVUE names it. */
#ifndef REVUE_TESTS_PTY_CHECK_H
#define REVUE_TESTS_PTY_CHECK_H

#include "tests/unit/check.h"

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

/* Start with pty_start, end with pty_finish. */
struct session {
	int master, slave;
	pid_t pid;
	char folder[256], file[300];
	const char *model; /* NULL: none is named */
	const char *option; /* before the file; NULL: none */
	const char *const *arguments; /* before the file, up to NULL; NULL: none, and `model` and `option` count */
	unsigned short rows, columns; /* of the terminal when it starts; 0: 24 x 80 */
	bool shell; /* started as a shell starts a job, which eats what is typed while the job is stopped and says fg at once */
	bool blind; /* nothing tells it of changes of files: inotify_init1 fails there */
	const char *variable, *value; /* of its environment; NULL: LC_ALL is C.UTF-8 */
	char *output; /* everything that came, but for the middle of more than 4 MB */
	size_t size;
	struct termios before;
};

extern const char pty_reviews[]; /* three of them */

/* A folder with a file of reviews; then what is NULL or 0 above may be set. */
void pty_prepare(struct session *session, const char *text, size_t size);
void pty_launch(struct session *session, const char *term, bool nohup);

/* Both; pty_start on an xterm with pty_reviews. */
void pty_start_with(struct session *session, const char *term, bool nohup, const char *text, size_t size);
void pty_start(struct session *session);

/* Reads what comes within `patience` milliseconds, once; returns how many bytes. */
size_t pty_drain_once(struct session *session, int patience);

/* Reads until nothing has come for `quiet` milliseconds; returns how many bytes came. Not for charts that move. */
size_t pty_drain(struct session *session, int quiet);

/* Reads until `text` has come; fails after half a minute. */
void pty_drain_until(struct session *session, const char *text);
bool pty_shows(const struct session *session, const char *text);

void pty_press(struct session *session, const char *keys);

/* Waits half a minute at most; the wait status, or -1. What it writes meanwhile is read, or not. */
int pty_ended(struct session *session);
int pty_ended_unread(struct session *session);

/* How often its threads have begun to wait, so that two equal numbers mean that none was woken up between. */
long pty_wake_ups(pid_t pid);

void pty_finish(struct session *session);

/* What a variable of the environment says, or `otherwise`. */
uint64_t pty_number(const char *variable, uint64_t otherwise);

/* The main function of tests on a terminal emulator, in UTF-8: runs them, or says why they are skipped, no REVUE or, where
 * `count` is 0, no libvterm. */
int pty_main(const struct CMUnitTest *tests, size_t count);

#endif
