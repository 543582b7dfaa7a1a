/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/takeover.h"

#include "engine/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool takeover_streams(posix_spawn_file_actions_t *actions)
{
	return posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0
	       && posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0
	       && posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0
	       && posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1) == 0;
}

/* Signals that this process ignores or blocks are none of the other's business. */
static bool takeover_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0
	       && posix_spawnattr_setsigmask(attributes, &none) == 0
	       && posix_spawnattr_setsigdefault(attributes, &all) == 0;
}

/* Returns 0 or an errno. posix_spawn shares memory with its child until that runs the other program, so the
 * threads of the pool do not matter to it. */
static int takeover_spawn(pid_t *pid, const char *program, const char *run, bool paused)
{
	char *const arguments[] = {(char *)"revue", (char *)"train", (char *)"--resume", (char *)run,
	                           paused ? (char *)"--paused" : NULL, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int failed = ENOMEM;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return failed;
	if (posix_spawnattr_init(&attributes) == 0) {
		if (takeover_streams(&actions) && takeover_attributes(&attributes))
			failed = posix_spawn(pid, program, &actions, &attributes, arguments, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

bool takeover_start(struct takeover *takeover, const char *program, const char *run, bool paused, double patience,
                    struct error *error)
{
	int failed;

	*takeover = (struct takeover){.until = clock_seconds() + patience};
	failed = takeover_spawn(&takeover->pid, program, run, paused);
	RETURN_IF(failed, error, ERROR_FAILED, "no other process could be started: %s", strerror(failed));
	takeover->state = TAKEOVER_WAITING;
	return true;
}

void takeover_stop(struct takeover *takeover)
{
	if (takeover->state != TAKEOVER_WAITING)
		return;
	if (!takeover->ended) /* else the number may be another's by now */
		kill(takeover->pid, SIGTERM);
	takeover->state = TAKEOVER_NONE;
}

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The holder of the lock writes "is resumed" first, and one of these two when everything is checked and read. What
 * stands before that, back to our own "stopped", was said by others. */
static bool takeover_is_announced(const struct run *run)
{
	size_t count;
	const struct run_event *events = run_events(run, &count);

	for (size_t i = count; i-- > 0;) {
		const char *text = events[i].text;

		if (starts(text, "goes on from ") || starts(text, "there is no checkpoint to go on from"))
			return true;
		if (starts(text, "is resumed") || starts(text, "stopped") || starts(text, "starts"))
			return false;
	}
	return false;
}

/* Why it ended: its own last words where it had any. */
static void takeover_describe(const struct run *run, int status, struct error *error)
{
	if (run && run_state(run) == RUN_FAILED)
		error_set(error, ERROR_FAILED, "%s", run_message(run));
	else if (WIFSIGNALED(status))
		error_set(error, ERROR_FAILED, "the other process was ended by signal %d", WTERMSIG(status));
	else
		error_set(error, ERROR_FAILED, "the other process ended with status %d", WEXITSTATUS(status));
}

static enum takeover_state takeover_ended(struct takeover *takeover, const struct run *run, struct error *error)
{
	if (run && run_state(run) == RUN_FINISHED)
		return takeover->state = TAKEOVER_DONE;
	takeover_describe(run, takeover->status, error);
	return takeover->state = TAKEOVER_FAILED;
}

/* Its last words are in the log that is read after its end, so that counts only when it is seen the next time. */
enum takeover_state takeover_look(struct takeover *takeover, const struct run *run, struct error *error)
{
	const bool holds = run && run_pid(run) == takeover->pid;

	if (takeover->state != TAKEOVER_WAITING)
		return takeover->state;
	if (takeover->ended)
		return takeover_ended(takeover, run, error);
	if (holds && takeover_is_announced(run))
		return takeover->state = TAKEOVER_DONE;
	takeover->ended = waitpid(takeover->pid, &takeover->status, WNOHANG) == takeover->pid;
	if (takeover->ended || holds || clock_seconds() < takeover->until)
		return TAKEOVER_WAITING;
	kill(takeover->pid, SIGKILL); /* a checkpoint survives that */
	waitpid(takeover->pid, NULL, 0);
	error_set(error, ERROR_FAILED, "the other process did not begin");
	return takeover->state = TAKEOVER_FAILED;
}
