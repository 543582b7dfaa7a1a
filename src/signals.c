/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/signals.h"

#include "engine/clock.h"
#include "engine/error.h"
#include "engine/wish.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t stop_requests;
static struct wishes stop_wishes; /* the handlers' own: they do not interrupt each other */

static void request_stop(int number)
{
	/* clock_gettime may be called in a handler (POSIX). */
	const bool wish = wishes_add(&stop_wishes, clock_seconds());

	(void)number;
	if (wish && stop_wishes.count > 1)
		_exit(ERROR_INTERRUPTED);
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
