/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/signals.h"

#include "engine/clock.h"
#include "engine/wish.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int signals_taken[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH};

#define SIGNALS_COUNT (sizeof signals_taken / sizeof *signals_taken)

static int signals_pipe[2] = {-1, -1};
static struct sigaction signals_before[SIGNALS_COUNT];

static void signals_handle(int number, siginfo_t *info, void *context)
{
	const int saved = errno;
	const bool typed = number == SIGINT && info->si_code == SI_KERNEL;
	const unsigned char byte = typed ? SIGNALS_TYPED : (unsigned char)number;

	(void)context;
	/* A full pipe holds enough of them. */
	if (write(signals_pipe[1], &byte, 1) < 0)
		errno = saved;
	errno = saved;
}

bool signals_open(struct error *error)
{
	struct sigaction action = {.sa_sigaction = signals_handle, .sa_flags = SA_RESTART | SA_SIGINFO};

	if (pipe2(signals_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return error_errno(error, "make", "pipe");
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < SIGNALS_COUNT; i++) {
		sigaction(signals_taken[i], NULL, &signals_before[i]);
		if (signals_taken[i] != SIGHUP || signals_before[i].sa_handler != SIG_IGN)
			sigaction(signals_taken[i], &action, NULL);
	}
	return true;
}

void signals_close(void)
{
	if (signals_pipe[0] < 0)
		return;
	for (size_t i = 0; i < SIGNALS_COUNT; i++)
		sigaction(signals_taken[i], &signals_before[i], NULL);
	close(signals_pipe[0]);
	close(signals_pipe[1]);
	signals_pipe[0] = signals_pipe[1] = -1;
}

int signals_fd(void)
{
	return signals_pipe[0];
}

int signals_next(void)
{
	unsigned char number;

	return read(signals_pipe[0], &number, 1) == 1 ? number : 0;
}

bool signals_is_wish(void)
{
	static struct wishes wishes;

	return wishes_add(&wishes, clock_seconds());
}

void signals_stop_here(void)
{
	struct sigaction plain = {.sa_handler = SIG_DFL}, ours;

	sigemptyset(&plain.sa_mask);
	sigaction(SIGTSTP, &plain, &ours);
	raise(SIGTSTP);
	sigaction(SIGTSTP, &ours, NULL);
}
