/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/takeover.h"

#include "ui/job.h"

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
static int takeover_spawn(pid_t *pid, const char *program, const char *run)
{
	char *const arguments[] = {(char *)"revue", (char *)"train", (char *)"--resume", (char *)run, NULL};
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

bool takeover_start(struct takeover *takeover, const char *program, const char *run, double patience,
                    struct error *error)
{
	int failed;

	*takeover = (struct takeover){.until = ui_seconds() + patience};
	takeover->run = run_open(run, error);
	if (!takeover->run)
		return false;
	failed = takeover_spawn(&takeover->pid, program, run);
	if (failed) {
		run_close(takeover->run);
		takeover->run = NULL;
		return error_set(error, ERROR_FAILED, "no other process could be started: %s", strerror(failed));
	}
	takeover->state = TAKEOVER_WAITING;
	return true;
}

static enum takeover_state takeover_end(struct takeover *takeover, enum takeover_state state)
{
	run_close(takeover->run);
	takeover->run = NULL;
	return takeover->state = state;
}

void takeover_stop(struct takeover *takeover)
{
	if (takeover->state != TAKEOVER_WAITING)
		return;
	kill(takeover->pid, SIGTERM);
	takeover_end(takeover, TAKEOVER_NONE);
}

static void takeover_describe(int status, struct error *error)
{
	if (WIFSIGNALED(status))
		error_set(error, ERROR_FAILED, "the other process was ended by signal %d", WTERMSIG(status));
	else
		error_set(error, ERROR_FAILED, "the other process ended with status %d", WEXITSTATUS(status));
}

enum takeover_state takeover_look(struct takeover *takeover, struct error *error)
{
	const bool late = ui_seconds() >= takeover->until;
	int status;

	if (takeover->state != TAKEOVER_WAITING)
		return takeover->state;
	if (waitpid(takeover->pid, &status, WNOHANG) == takeover->pid) {
		run_update(takeover->run);
		if (run_state(takeover->run) == RUN_FINISHED)
			return takeover_end(takeover, TAKEOVER_DONE);
		takeover_describe(status, error);
		return takeover_end(takeover, TAKEOVER_FAILED);
	}
	run_update(takeover->run);
	if (run_pid(takeover->run) == takeover->pid)
		return takeover_end(takeover, TAKEOVER_DONE);
	if (!late)
		return TAKEOVER_WAITING;
	kill(takeover->pid, SIGKILL); /* a checkpoint survives that */
	waitpid(takeover->pid, NULL, 0);
	error_set(error, ERROR_FAILED, "the other process did not begin");
	return takeover_end(takeover, TAKEOVER_FAILED);
}
