/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/run.h"

#include "engine/base/file.h"
#include "engine/train/options/best.h"
#include "engine/train/run/checkpoint.h"
#include "engine/train/run/journal.h"
#include "engine/train/run/lock.h"
#include "engine/train/run/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The last part of the directory's name, also where that is "." or ends with a slash. */
static void take_name(struct run_summary *summary, const char *directory)
{
	char *whole = realpath(directory, NULL);
	const char *path = whole ? whole : directory, *slash = strrchr(path, '/');

	snprintf(summary->name, sizeof summary->name, "%s", slash && slash[1] ? slash + 1 : path);
	free(whole);
}

static bool take_record(struct run_summary *summary, const char *directory, struct best_rule *rule, struct error *error)
{
	struct run_record *record = calloc(1, sizeof *record);
	struct stat status;
	bool done;

	if (!record)
		return error_memory(error, "reading a run");
	done = run_record_find(directory, &status, error) && run_record_read(directory, record, error);
	if (done) {
		/* A metric that a newer version knows: then the best is told as without one. */
		if (!best_rule_of(&record->options, rule, NULL))
			*rule = (struct best_rule){0};
		summary->steps = record->steps;
		summary->best_counts = record->options.load_best_model_at_end;
		summary->started = record->started ? record->started : (int64_t)status.st_mtim.tv_sec;
	}
	run_record_free(record);
	free(record);
	return done;
}

static void take_evaluation(struct run_summary *summary, const struct best_rule *rule,
                            const struct run_evaluation *evaluation)
{
	if (evaluation->step == 0)
		return;
	if (evaluation->step >= summary->last.step)
		summary->last = *evaluation;
	if (best_is_better(rule, evaluation, &summary->best))
		summary->best = *evaluation;
}

/* Evaluations that lie further back in the log than its end are known to the checkpoint that followed them. */
static void take_checkpoint(struct run_summary *summary, const struct best_rule *rule, const char *directory)
{
	struct checkpoint_state state;

	if (!checkpoint_glance(directory, &state))
		return;
	summary->step = state.step;
	take_evaluation(summary, rule, &state.best);
	take_evaluation(summary, rule, &state.last);
}

/* False: there was no memory for it. */
static bool take_line(struct run_summary *summary, const struct best_rule *rule, struct span text,
                      enum journal_state *state)
{
	struct journal_line line;

	journal_parse(text, &line);
	switch (line.kind) {
	case JOURNAL_POINT:
		summary->step = line.point.step;
		summary->epoch = line.point.epoch;
		summary->loss = line.point.loss;
		return true;
	case JOURNAL_EVALUATION:
		take_evaluation(summary, rule, &line.evaluation);
		return true;
	case JOURNAL_EVENT:
		snprintf(summary->message, sizeof summary->message, "%.*s",
		         (int)span_prefix(span_of(line.event.text), sizeof summary->message - 1).size, line.event.text);
		if (line.event.state != JOURNAL_NOTE)
			*state = line.event.state;
		return true;
	case JOURNAL_PROBE:
		return true;
	case JOURNAL_UNREAD:
		return false;
	case JOURNAL_DAMAGED:
	case JOURNAL_OTHER:
		return true;
	}
	return true;
}

#define STEP_LINE "{\"type\":\"step\"," /* as the journal begins the line of a step */

static bool is_step(struct span line)
{
	return line.size > strlen(STEP_LINE) && memcmp(line.data, STEP_LINE, strlen(STEP_LINE)) == 0;
}

/* Of the lines of steps the last one counts, and most lines are such: the others are not looked into, unless `all`. A line that
 * was cut off at the front is none of ours; one that is torn at the end does not count yet. */
static bool take_some(struct run_summary *summary, const struct best_rule *rule, struct span text, bool all,
                      enum journal_state *state)
{
	struct span last = {NULL, 0};
	const char *end;

	for (; (end = memchr(text.data, '\n', text.size)); text = (struct span){end + 1, text.size - (size_t)(end + 1 - text.data)}) {
		const struct span line = {text.data, (size_t)(end - text.data)};

		if (!all && is_step(line))
			last = line;
		else if (!take_line(summary, rule, line, state))
			return false;
	}
	return !last.data || take_line(summary, rule, last, state);
}

/* Where the last line of a step is damaged, one before it may tell how far the run came. */
static bool take_lines(struct run_summary *summary, const struct best_rule *rule, const char *text, size_t size,
                       enum journal_state *state)
{
	const struct span span = {text, size};

	return take_some(summary, rule, span, false, state) &&
	       (isfinite(summary->epoch) || take_some(summary, rule, span, true, state));
}

/* A run that has just been started has no log yet. */
static bool take_log(struct run_summary *summary, const struct best_rule *rule, const char *directory,
                     enum journal_state *state, struct error *error)
{
	char path[RECORD_PATH_MAX], *text;
	struct stat status;
	uint64_t size;
	size_t part;
	bool done;
	int fd;

	if (!path_join(path, sizeof path, directory, JOURNAL_FILE, error))
		return false;
	if (!file_exists(path))
		return true;
	fd = file_open(path, &size, error);
	if (fd < 0)
		return false;
	if (fstat(fd, &status) == 0)
		summary->changed = (int64_t)status.st_mtim.tv_sec;
	part = size < RUN_SUMMARY_BYTES ? (size_t)size : RUN_SUMMARY_BYTES;
	text = malloc(part + 1);
	done = text ? file_read_at(fd, text, part, size - part, path, error) : error_memory(error, "reading a run");
	if (done && !take_lines(summary, rule, text, part, state))
		done = error_memory(error, "reading a run");
	free(text);
	close(fd);
	return done;
}

bool run_summary_read(const char *directory, struct run_summary *summary, struct error *error)
{
	enum journal_state state = JOURNAL_NOTE;
	struct best_rule rule = {0};
	bool held;

	*summary = (struct run_summary){.epoch = (double)NAN, .loss = (double)NAN};
	/* The lock is asked before the log is read: the last words of a trainer that has gone are then seen. */
	held = run_lock_held(directory, NULL);
	if (!take_record(summary, directory, &rule, error))
		return false;
	summary->changed = summary->started;
	take_name(summary, directory);
	take_checkpoint(summary, &rule, directory);
	if (!take_log(summary, &rule, directory, &state, error))
		return false;
	summary->state = journal_run_state(state, held);
	return true;
}
