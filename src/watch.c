/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue watch`: a run of another process, as live charts on a terminal and as lines elsewhere. */
#include "engine/run.h"
#include "engine/words.h"
#include "src/command.h"
#include "src/follow.h"
#include "src/output.h"
#include "src/screens.h"
#include "src/signals.h"

#include <poll.h>
#include <unistd.h>

#define LOOK_MILLISECONDS 500 /* the lock of a dead trainer tells nobody that it is free */

struct watch_arguments {
	struct screens_arguments screens;
	const char *probes;
	bool lines;
};

#define AT(field) offsetof(struct watch_arguments, field)
const struct argument_row watch_options[] = {
	{0, "lines", ARGUMENT_FLAG, .offset = AT(lines),
	 .help = "follow it as lines on standard error, as without a terminal"},
	{0, "read-only", ARGUMENT_FLAG, .offset = AT(screens.read_only),
	 .help = "look only: no file is changed, and nothing is told to a training"},
	{0, "probes", ARGUMENT_FILE, "FILE", .offset = AT(probes),
	 .help = "sentences to follow from now on, one a line, eight at most together with those that it follows"},
	{0, "max-rate", ARGUMENT_INTEGER, "N", .minimum = 1, .maximum = 1e9, .offset = AT(screens.max_rate),
	 .help = "write at most so many bytes a second of what moves, for slow lines; keys are answered at once"},
	{0, "ascii", ARGUMENT_FLAG, .offset = AT(screens.ascii),
	 .help = "draw with ASCII only"},
	{0, "plain", ARGUMENT_FLAG, .offset = AT(screens.plain),
	 .help = "no screen: everything as lines, for screen readers"},
	{0, "no-color", ARGUMENT_FLAG, .offset = AT(screens.no_color),
	 .help = "no colours; NO_COLOR in the environment says the same"},
	{.name = NULL},
};

static bool is_over(const struct run *run)
{
	enum run_state state = run_state(run);

	return state != RUN_LIVE && state != RUN_PAUSED;
}

/* A run that is dead because its directory was removed cannot go on. The lock may be gone before the rest is. */
static bool is_there(const struct run *run, struct error *error)
{
	struct run *again;

	poll(NULL, 0, LOOK_MILLISECONDS);
	again = run_open(run_directory(run), error);
	run_close(again);
	return again != NULL;
}

/* A run seems dead also where there was no memory to read its last words. */
static bool was_read(const struct run *run, struct error *error)
{
	struct error why = {0};

	if (run_check_log(run, &why) || why.kind != ERROR_FAILED)
		return true;
	*error = why;
	return error_prefix(error, "%s", run_directory(run));
}

static bool print_end(const struct run *run, struct error *error)
{
	enum run_state state = run_state(run);
	struct output output;
	char text[256];

	if (state == RUN_DEAD && (!is_there(run, error) || !was_read(run, error)))
		return false;
	if (run_damaged_lines(run) > 0)
		message_note("%s/metrics.jsonl: %s of its lines damaged, passed over", run_directory(run),
		             words_count(run_damaged_lines(run)).text);
	follow_summary(run, text, sizeof text);
	RETURN_IF(state == RUN_FAILED, error, ERROR_FAILED, "%s: %s", run_directory(run), run_message(run));
	if (!output_open(&output, true, error))
		return false;
	fprintf(output.record, "%s: %s\n", run_directory(run), text);
	if (state == RUN_STOPPED || state == RUN_DEAD)
		fprintf(output.record, "go on with: revue train --resume %s\n", run_directory(run));
	output_commit(&output);
	return output_close(&output, true, error);
}

/* Those that the run follows already are left out, so that the same command can be given again. */
static bool add_probes(const struct watch_arguments *values, const char *directory, struct error *error)
{
	char lines[OPTION_TEXT_MAX];
	struct run *run;
	bool over;

	RETURN_IF(values->screens.read_only, error, ERROR_USAGE, "--read-only changes nothing of a run: leave --probes out");
	run = run_open(directory, error);
	if (!run)
		return false;
	over = run_state(run) == RUN_FINISHED;
	run_close(run);
	RETURN_IF(over, error, ERROR_USAGE, "%s has finished, no more is scored in it: leave --probes out", directory);
	return run_read_probes(values->probes, lines, error) && run_add_probes(directory, lines, error);
}

static bool follow_lines(const char *directory, struct error *error)
{
	struct progress_line line;
	struct follower follower = {.line = &line};
	struct run *run = run_open(directory, error);
	bool done;

	if (!run)
		return false;
	signals_catch(false);
	progress_begin(&line);
	for (;;) {
		struct pollfd fd = {run_fd(run), POLLIN, 0};

		run_update(run);
		follow_run(&follower, run);
		if (is_over(run) || signals_stopped())
			break;
		poll(&fd, 1, LOOK_MILLISECONDS);
	}
	progress_clear(&line);
	done = is_over(run) ? print_end(run, error)
	                    : error_set(error, ERROR_INTERRUPTED, "interrupted; the training goes on");
	run_close(run);
	return done;
}

bool watch_run(int argc, char **argv, struct error *error)
{
	struct watch_arguments values = {0};
	struct arguments arguments = {.rows = watch_options, .values = &values};

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 1, 1, "RUN", error))
		return false;
	values.screens.run = arguments.operands[0];
	if (values.probes && !add_probes(&values, values.screens.run, error))
		return false;
	if (values.lines || (!values.screens.plain && !screens_possible()))
		return follow_lines(arguments.operands[0], error);
	return screens_open(&values.screens, error);
}
