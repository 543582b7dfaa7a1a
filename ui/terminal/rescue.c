/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/rescue.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RESCUE_STACK ((size_t)64 << 10)
#define RESCUE_PIECE 128      /* bytes at once, which whatever poll calls ready takes */
#define RESCUE_STALLED_MS 1000 /* who takes nothing for so long is not waited for */
#define RESCUE_WAIT_NANOSECONDS 10000000

enum { RESCUE_OFF, RESCUE_ARMED, RESCUE_BUSY };

static const struct {
	int number;
	const char *name;
} rescue_signals[] = {
	{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"}, {SIGABRT, "SIGABRT"},
};

#define RESCUE_SIGNALS (sizeof rescue_signals / sizeof *rescue_signals)

static struct {
	_Atomic int state;   /* whoever takes it from armed to busy is the only one who rescues */
	_Atomic int current; /* of undos: the other one is written */
	struct {
		size_t size;
		char bytes[RESCUE_UNDO_MAX];
	} undos[2];
	int terminal;
	struct termios modes;
	struct kept_stderr kept;
	struct sigaction before[RESCUE_SIGNALS];
	bool at_exit;
	_Alignas(16) char stack[RESCUE_STACK]; /* the fault may be that there is no room on the other one */
} rescue;

/* In a handler: from here to rescue_handle only calls that POSIX allows there */

static bool rescue_write(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		struct pollfd ready = {fd, POLLOUT, 0};
		ssize_t written;

		if (poll(&ready, 1, RESCUE_STALLED_MS) < 1)
			return false;
		written = write(fd, bytes, size < RESCUE_PIECE ? size : RESCUE_PIECE);
		if (written < 1)
			return false;
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

static bool rescue_is_ours(void)
{
	const pid_t group = tcgetpgrp(rescue.terminal);

	return group < 0 || group == getpgrp();
}

/* False: the terminal takes nothing. */
static bool rescue_undo(void)
{
	const int current = atomic_load(&rescue.current);
	const int own = fcntl(rescue.terminal, F_DUPFD_CLOEXEC, 3);
	const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const int terminal = own < 0 ? rescue.terminal : own;
	bool written;

	if (own >= 0 && nowhere >= 0)
		dup3(nowhere, rescue.terminal, O_CLOEXEC); /* what another thread draws meanwhile */
	written = rescue_write(terminal, rescue.undos[current].bytes, rescue.undos[current].size);
	tcsetattr(terminal, TCSANOW, &rescue.modes);
	return written;
}

static bool rescue_copy_kept(int out)
{
	char piece[RESCUE_PIECE], last = '\n';
	off_t place = 0;
	ssize_t got;

	while (place < (off_t)KEPT_STDERR_MAX && (got = pread(rescue.kept.kept, piece, sizeof piece, place)) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			if (piece[i] != '\n' && piece[i] != '\t' && (piece[i] < ' ' || piece[i] > '~'))
				piece[i] = '?';
		}
		if (!rescue_write(out, piece, (size_t)got))
			return false;
		last = piece[got - 1];
		place += got;
	}
	return last == '\n' || rescue_write(out, "\n", 1);
}

/* Gives stderr back, also to a sanitizer that may report next. `name` is a signal's, or NULL. */
static void rescue_tell(const char *name)
{
	const bool kept = rescue.kept.before >= 0;

	if (kept)
		dup2(rescue.kept.before, STDERR_FILENO);
	if ((!kept || rescue_copy_kept(STDERR_FILENO)) && name && rescue_write(STDERR_FILENO, "revue: stopped by ", 18)
	    && rescue_write(STDERR_FILENO, name, strlen(name)))
		rescue_write(STDERR_FILENO, "; a training goes on from its last checkpoint: revue train --resume RUN\n", 72);
}

static void rescue_now(const char *name)
{
	const bool has_reader = rescue_is_ours() && rescue_undo();
	const int out = rescue.kept.before >= 0 ? rescue.kept.before : STDERR_FILENO;
	struct termios modes;

	if (has_reader || tcgetattr(out, &modes) != 0)
		rescue_tell(name);
}

/* True for the first who asks. The others wait until that one is done, which mostly ends the process. */
static bool rescue_take(void)
{
	const struct timespec pause = {0, RESCUE_WAIT_NANOSECONDS};
	int armed = RESCUE_ARMED;

	if (atomic_compare_exchange_strong(&rescue.state, &armed, RESCUE_BUSY))
		return true;
	while (atomic_load(&rescue.state) == RESCUE_BUSY)
		nanosleep(&pause, NULL);
	return false;
}

/* The signal comes again as it came, to what handled it before: a core file or a report tells the same as ever. */
static void rescue_handle(int number, siginfo_t *info, void *context)
{
	size_t i = 0;

	(void)context;
	while (rescue_signals[i].number != number)
		i++;
	if (rescue_take()) {
		rescue_now(rescue_signals[i].name);
		atomic_store(&rescue.state, RESCUE_OFF);
	}
	sigaction(number, &rescue.before[i], NULL);
	if (syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), number, info) != 0)
		raise(number);
}

static void rescue_exit(void)
{
	if (!rescue_take())
		return;
	rescue_now(NULL);
	atomic_store(&rescue.state, RESCUE_OFF);
}

/* Arming */

/* Where there is one already it is a sanitizer's, which frees what it finds there. */
static void rescue_give_stack(void)
{
	const stack_t stack = {.ss_sp = rescue.stack, .ss_size = sizeof rescue.stack};
	stack_t there;

	if (sigaltstack(NULL, &there) == 0 && there.ss_flags & SS_DISABLE)
		sigaltstack(&stack, NULL);
}

void rescue_arm(int terminal, const struct termios *modes, const struct kept_stderr *kept)
{
	struct sigaction action = {.sa_sigaction = rescue_handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	rescue.terminal = terminal;
	rescue.modes = *modes;
	rescue.kept = *kept;
	rescue.undos[0].size = rescue.undos[1].size = 0;
	rescue_give_stack();
	if (!rescue.at_exit)
		rescue.at_exit = atexit(rescue_exit) == 0;
	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < RESCUE_SIGNALS; i++) {
		sigaction(rescue_signals[i].number, NULL, &rescue.before[i]);
		if (rescue.before[i].sa_handler != SIG_IGN)
			sigaction(rescue_signals[i].number, &action, NULL);
	}
	atomic_store(&rescue.state, RESCUE_ARMED);
}

void rescue_prepare(const char *bytes, size_t size)
{
	const int other = 1 - atomic_load(&rescue.current);

	rescue.undos[other].size = size < RESCUE_UNDO_MAX ? size : RESCUE_UNDO_MAX;
	memcpy(rescue.undos[other].bytes, bytes, rescue.undos[other].size);
	atomic_store(&rescue.current, other);
}

void rescue_disarm(void)
{
	if (!rescue_take())
		return;
	for (size_t i = 0; i < RESCUE_SIGNALS; i++)
		sigaction(rescue_signals[i].number, &rescue.before[i], NULL);
	atomic_store(&rescue.state, RESCUE_OFF);
}
