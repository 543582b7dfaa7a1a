/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/signals.h"

#include "engine/error.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t stop_requests;

static void request_stop(int number)
{
	(void)number;
	if (stop_requests)
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
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (survive_hangup)
		signal(SIGHUP, SIG_IGN);
}

bool signals_stopped(void)
{
	return stop_requests != 0;
}
