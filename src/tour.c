/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue tour`: the guided tour over the screens (ui/tour), in a temporary folder that goes with it however the program ends. */
#include "engine/share.h"
#include "src/command.h"
#include "src/screens.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT(field) offsetof(struct screens_arguments, field)
const struct argument_row tour_options[] = {
	{0, "plain", ARGUMENT_FLAG, .offset = AT(plain),
	 .help = "no screen: everything as lines, for screen readers and pipes"},
	{0, "max-rate", ARGUMENT_INTEGER, "N", .minimum = 1, .maximum = 1e9, .offset = AT(max_rate),
	 .help = "write at most so many bytes a second of what moves, for slow lines; keys are answered at once"},
	{0, "ascii", ARGUMENT_FLAG, .offset = AT(ascii),
	 .help = "draw with ASCII only"},
	{0, "no-color", ARGUMENT_FLAG, .offset = AT(no_color),
	 .help = "no colours; NO_COLOR in the environment says the same"},
	{0, "script", ARGUMENT_FILE, "FILE", .offset = AT(script),
	 .help = "play keys and commands from a file instead of the keyboard, for tests"},
	{.name = NULL},
};

/* A process that waits for the end of this one and then removes the folder: also where nothing can be done at the end, as after
 * kill -9. */
struct janitor {
	pid_t pid;
	int hold; /* as long as somebody has this end, the folder stays */
};

/* What cannot be removed stops nothing: the rest goes nevertheless. */
static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	remove(path);
	return 0;
}

/* The terminal, and what signals it sends, are not its affair. */
static void janitor_detach(int hold)
{
	const int nowhere = open("/dev/null", O_RDWR);

	setsid();
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
	for (int fd = 0; fd < 3 && nowhere >= 0; fd++)
		dup2(nowhere, fd);
	for (int fd = 3; fd < 1024; fd++)
		if (fd != hold)
			close(fd);
	prctl(PR_SET_NAME, "revue-tour");
}

__attribute__((noreturn))
static void janitor_run(const char *folder, int hold)
{
	char byte;

	janitor_detach(hold);
	if (chdir("/") != 0)
		_exit(1);
	while (read(hold, &byte, 1) < 0 && errno == EINTR)
		;
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	_exit(0);
}

static bool janitor_start(struct janitor *janitor, const char *folder, struct error *error)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_errno(error, "make", "pipe");
	janitor->pid = fork(); /* no thread has been started yet */
	if (janitor->pid == 0) {
		close(ends[1]);
		janitor_run(folder, ends[0]);
	}
	close(ends[0]);
	janitor->hold = ends[1];
	if (janitor->pid > 0)
		return true;
	close(ends[1]);
	return error_errno(error, "start", "the process that cleans up");
}

/* The folder is gone when this returns. */
static void janitor_end(struct janitor *janitor)
{
	close(janitor->hold);
	while (waitpid(janitor->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static bool copy_into(FILE *from, FILE *to)
{
	char block[4096];
	size_t size;

	while ((size = fread(block, 1, sizeof block, from)) > 0)
		if (fwrite(block, 1, size, to) != size)
			return false;
	return !ferror(from);
}

static bool copy_file(const char *from, const char *to, struct error *error)
{
	FILE *source = fopen(from, "re"), *target = source ? fopen(to, "we") : NULL;
	bool copied = target && copy_into(source, target);

	if (source)
		fclose(source);
	if (target)
		copied = fclose(target) == 0 && copied;
	return copied || error_errno(error, source ? "write" : "open", source ? to : from);
}

/* What names a file is to mean it in another folder too. */
static char *absolute(const char *path, struct error *error)
{
	char *whole = realpath(path, NULL);

	if (!whole)
		error_errno(error, "open", path);
	return whole;
}

/* Nothing of the person's is read but the settings, nothing written. */
static bool prepare(const char *folder, struct error *error)
{
	char samples[PATH_MAX];
	const char *share = getenv("REVUE_SHARE");
	char *whole = share && *share ? realpath(share, NULL) : NULL;

	if (whole)
		setenv("REVUE_SHARE", whole, 1);
	free(whole);
	setenv("REVUE_HISTORY", "off", 1);
	return share_find(SHARE_REVIEWS, samples, sizeof samples, error)
	       && (chdir(folder) == 0 || error_errno(error, "enter", folder)) && copy_file(samples, "reviews.csv", error);
}

static bool make_folder(char *folder, size_t capacity, struct error *error)
{
	const char *where = getenv("TMPDIR");

	snprintf(folder, capacity, "%s/revue-tour-XXXXXX", where && *where == '/' ? where : "/tmp");
	return mkdtemp(folder) || error_errno(error, "make", folder);
}

static bool go(struct screens_arguments *values, const char *folder, struct error *error)
{
	struct janitor janitor = {-1, -1};
	bool went;

	if (!janitor_start(&janitor, folder, error)) {
		rmdir(folder);
		return false;
	}
	went = prepare(folder, error) && screens_open(values, error);
	janitor_end(&janitor);
	return went;
}

bool tour_run(int argc, char **argv, struct error *error)
{
	struct screens_arguments values = {.tour = true, .data = "reviews.csv"};
	struct arguments arguments = {.rows = tour_options, .values = &values};
	char folder[PATH_MAX];
	char *script = NULL;
	bool went;

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 0, 0, "", error))
		return false;
	if (!screens_check(&values, error) || (values.script && !(script = absolute(values.script, error))))
		return false;
	values.script = script;
	went = make_folder(folder, sizeof folder, error) && go(&values, folder, error);
	free(script);
	return went;
}
