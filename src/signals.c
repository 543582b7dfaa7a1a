/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/signals.h"

#include "engine/clock.h"
#include "engine/error.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* timeout(1) signals the process and then its whole group, service managers do the like: what comes within this time is
 * the same wish. A person's second Ctrl-C comes later. */
#define SAME_WISH_SECONDS 0.5

static volatile sig_atomic_t stop_requests;
static double stop_requested; /* the handlers' own: they do not interrupt each other */

static void request_stop(int number)
{
	const double now = clock_seconds(); /* clock_gettime may be called in a handler (POSIX) */

	(void)number;
	if (stop_requests && now - stop_requested >= SAME_WISH_SECONDS)
		_exit(ERROR_INTERRUPTED);
	if (!stop_requests)
		stop_requested = now;
	stop_requests = 1;
}

void signals_become_errors(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

void signals_catch(bool survive_hangup)
{
	struct sigaction action = {.sa_handler = request_stop};

	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGINT);
	sigaddset(&action.sa_mask, SIGTERM);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (survive_hangup)
		signal(SIGHUP, SIG_IGN);
}

bool signals_stopped(void)
{
	return stop_requests != 0;
}
