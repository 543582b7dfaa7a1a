/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/thread.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define SPARE_STACK ((size_t)64 << 10)

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

struct start {
	void *(*run)(void *context);
	void *context;
	char spare[SPARE_STACK]; /* for a handler where the fault is that the stack is full */
};

/* Where there is a spare stack already it is a sanitizer's, which frees what it finds there at the end. */
static bool spare_begin(struct start *start)
{
	const stack_t stack = {.ss_sp = start->spare, .ss_size = sizeof start->spare};
	stack_t there;

	return sigaltstack(NULL, &there) == 0 && there.ss_flags & SS_DISABLE && sigaltstack(&stack, NULL) == 0;
}

static void *thread_run(void *argument)
{
	const stack_t none = {.ss_flags = SS_DISABLE};
	struct start *start = argument;
	const bool spare = spare_begin(start);
	void *result = start->run(start->context);

	if (spare)
		sigaltstack(&none, NULL);
	free(start);
	return result;
}

static void thread_signals(sigset_t *blocked)
{
	sigfillset(blocked);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigdelset(blocked, faults[i]);
}

bool thread_start(pthread_t *thread, void *(*run)(void *context), void *context, const char *what,
                  struct error *error)
{
	struct start *start = malloc(sizeof *start);
	sigset_t blocked, before;
	int code;

	if (!start)
		return error_memory(error, what);
	start->run = run;
	start->context = context;
	thread_signals(&blocked);
	pthread_sigmask(SIG_SETMASK, &blocked, &before);
	code = pthread_create(thread, NULL, thread_run, start);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code == 0)
		return true;
	free(start);
	return error_set(error, ERROR_FAILED, "a thread for %s could not be started: %s", what, strerror(code));
}
