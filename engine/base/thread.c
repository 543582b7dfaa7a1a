/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/thread.h"

#include <signal.h>
#include <string.h>

bool thread_start(pthread_t *thread, void *(*run)(void *context), void *context, const char *what,
                  struct error *error)
{
	sigset_t all, before;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(thread, NULL, run, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	RETURN_IF(code != 0, error, ERROR_FAILED, "a thread for %s could not be started: %s", what, strerror(code));
	return true;
}
