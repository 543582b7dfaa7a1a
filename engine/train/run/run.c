/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/run.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/train/optimize/occasions.h"
#include "engine/train/options/best.h"
#include "engine/train/run/journal.h"
#include "engine/train/run/lock.h"
#include "engine/train/run/probe_table.h"
#include "engine/train/run/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BLOCK ((size_t)256 << 10)
#define SPEED_POINTS 100 /* how many of the last points the time left is told from */

/* Which file it was that we read, to see when another one has taken its place. */
struct identity {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct run {
	char directory[RECORD_PATH_MAX];
	char log_path[RECORD_PATH_MAX];
	struct run_record record;
	struct identity record_identity, log_identity;
	int notify;      /* inotify descriptor; -1: none */
	uint64_t offset; /* the log's bytes before it were read; always the start of a line */
	struct run_point *points; /* steps ascend */
	size_t point_count, point_capacity;
	struct run_evaluation *evaluations;
	size_t evaluation_count, evaluation_capacity;
	struct probe_table probes[RUN_PROBES_MAX];
	struct run_event *events;
	size_t event_count, event_capacity;
	size_t damaged;                  /* lines */
	enum journal_state last_state;   /* of the last event that says one */
	int64_t state_when;              /* and when that was; 0: not known */
	double begun;                    /* is added to the times of a log that began at 0 again, see time_going_on */
	struct error log_error;          /* why the log was not read to its end when it was last read */
	bool held;
	int32_t pid;
};

/* The table of points and of evaluations */

/* The log of an early version begins its times at 0 again after each resume: they go on here from the step that was
 * resumed after. */
static double time_going_on(struct run *run, double time)
{
	const double last = run->point_count > 0 ? run->points[run->point_count - 1].time : 0;

	if (run->point_count > 0 && time + run->begun < last)
		run->begun = last;
	return time + run->begun;
}

/* A resumed run computes some steps again: the earlier line of such a step is dropped with all that followed it. */
static bool add_point(struct run *run, const struct run_point *point)
{
	struct run_point *table;

	while (run->point_count > 0 && run->points[run->point_count - 1].step >= point->step)
		run->point_count--;
	table = table_grown(run->points, run->point_count, &run->point_capacity, sizeof *table);
	if (!table)
		return false;
	run->points = table;
	table[run->point_count] = *point;
	table[run->point_count].time = time_going_on(run, point->time);
	run->point_count++;
	return true;
}

static bool add_evaluation(struct run *run, const struct run_evaluation *evaluation)
{
	struct run_evaluation *table;

	while (run->evaluation_count > 0 && run->evaluations[run->evaluation_count - 1].step >= evaluation->step)
		run->evaluation_count--;
	table = table_grown(run->evaluations, run->evaluation_count, &run->evaluation_capacity, sizeof *table);
	if (!table)
		return false;
	run->evaluations = table;
	table[run->evaluation_count] = *evaluation;
	table[run->evaluation_count].time += run->begun;
	run->evaluation_count++;
	return true;
}

static bool add_event(struct run *run, const struct journal_event *event)
{
	struct run_event *table = table_grown(run->events, run->event_count, &run->event_capacity, sizeof *table);
	char *text = strdup(event->text);

	if (table)
		run->events = table;
	if (!table || !text) {
		free(text);
		return false;
	}
	table[run->event_count] = (struct run_event){.step = event->step, .time = event->time, .text = text};
	journal_name_event(event, &table[run->event_count]);
	if (event->state != JOURNAL_NOTE) {
		run->last_state = event->state;
		run->state_when = table[run->event_count].when;
	}
	run->event_count++;
	return true;
}

static void forget_events(struct run *run)
{
	while (run->event_count > 0)
		free(run->events[--run->event_count].text);
}

/* False: there was no memory for it. */
static bool add_line(struct run *run, struct span text)
{
	struct journal_line line;

	journal_parse(text, &line);
	switch (line.kind) {
	case JOURNAL_POINT:
		return add_point(run, &line.point);
	case JOURNAL_EVALUATION:
		return add_evaluation(run, &line.evaluation);
	case JOURNAL_EVENT:
		return add_event(run, &line.event);
	case JOURNAL_PROBE:
		return probe_table_add(run->probes, &line.probe, run->begun);
	case JOURNAL_UNREAD:
		return false;
	case JOURNAL_DAMAGED:
		run->damaged++;
		return true;
	case JOURNAL_OTHER:
		return true;
	}
	return true;
}

/* Reading the log */

/* Takes the whole lines of a block, up to one that there is no memory for, which the next update reads again; returns the bytes
 * that they are. */
static size_t add_lines(struct run *run, const char *data, size_t size)
{
	size_t at = 0;

	for (;;) {
		const char *end = memchr(data + at, '\n', size - at);
		if (!end)
			return at;
		size_t next = (size_t)(end - data) + 1;
		if (!add_line(run, (struct span){data + at, next - 1 - at})) {
			error_memory(&run->log_error, "reading a run");
			return at;
		}
		at = next;
	}
}

/* A line as long as the block is none of ours and is stepped over; anything less waits for its end. */
static bool read_lines(struct run *run, int fd)
{
	char *block = malloc(READ_BLOCK);
	bool any = false;

	if (!block)
		error_memory(&run->log_error, "reading a run");
	while (block) {
		ssize_t got = pread(fd, block, READ_BLOCK, (off_t)run->offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			error_errno(&run->log_error, "read", run->log_path);
		if (got <= 0)
			break;
		size_t taken = add_lines(run, block, (size_t)got);
		if (taken == 0 && (size_t)got == READ_BLOCK && run->log_error.kind == ERROR_NONE)
			taken = READ_BLOCK;
		run->offset += taken;
		any = any || taken > 0;
		if (taken == 0 || run->log_error.kind != ERROR_NONE)
			break;
	}
	free(block);
	return any;
}

static void forget_log(struct run *run)
{
	run->offset = 0;
	run->point_count = 0;
	run->damaged = 0;
	run->evaluation_count = 0;
	for (int i = 0; i < RUN_PROBES_MAX; i++)
		run->probes[i].count = 0;
	forget_events(run);
	run->last_state = JOURNAL_NOTE;
	run->state_when = 0;
	run->begun = 0;
}

/* Another log in the place of the one that was read is read from its start. */
static bool notice_replaced(struct run *run, const struct stat *status)
{
	bool same = status->st_ino == run->log_identity.inode && status->st_dev == run->log_identity.device;
	bool changed = false;

	if (!same || (uint64_t)status->st_size < run->offset) {
		changed = run->offset > 0;
		forget_log(run);
	}
	run->log_identity = (struct identity){.inode = status->st_ino, .device = status->st_dev};
	return changed;
}

static bool read_log(struct run *run)
{
	struct stat status;
	int fd = open(run->log_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool changed = false;

	run->log_error = (struct error){0};
	if (fd < 0) {
		error_errno(&run->log_error, "open", run->log_path);
		return false;
	}
	if (fstat(fd, &status) != 0)
		error_errno(&run->log_error, "read", run->log_path);
	else if (!S_ISREG(status.st_mode))
		error_set(&run->log_error, ERROR_IO, "%s: is not a regular file", run->log_path);
	else
		changed = notice_replaced(run, &status) | read_lines(run, fd);
	close(fd);
	return changed;
}

/* Reading run.json and the lock */

static struct identity identity_of(const struct stat *status)
{
	return (struct identity){status->st_dev, status->st_ino, status->st_size, status->st_mtim};
}

static bool identity_equal(const struct identity *a, const struct identity *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static bool read_record(struct run *run, struct error *error)
{
	struct run_record *record = calloc(1, sizeof *record);

	if (!record)
		return error_memory(error, "reading a run");
	if (!run_record_read(run->directory, record, error)) {
		run_record_free(record);
		free(record);
		return false;
	}
	run_record_free(&run->record);
	run->record = *record;
	free(record);
	return true;
}

static bool refresh_record(struct run *run)
{
	struct error why = {0};
	struct stat status;
	struct identity now;

	if (!run_record_find(run->directory, &status, NULL))
		return false;
	now = identity_of(&status);
	if (identity_equal(&now, &run->record_identity))
		return false;
	/* Without memory for it, it is read again. */
	if (!read_record(run, &why) && why.kind == ERROR_FAILED)
		return false;
	run->record_identity = now;
	return why.kind == ERROR_NONE;
}

static bool refresh_lock(struct run *run)
{
	int32_t pid = 0;
	bool held = run_lock_held(run->directory, &pid);
	bool changed = held != run->held || pid != run->pid;

	run->held = held;
	run->pid = pid;
	return changed;
}

static void watch(struct run *run)
{
	const uint32_t events = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE;

	run->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (run->notify >= 0 && inotify_add_watch(run->notify, run->directory, events) < 0) {
		close(run->notify);
		run->notify = -1;
	}
}

static void drain(struct run *run)
{
	char events[4096];

	while (run->notify >= 0 && read(run->notify, events, sizeof events) > 0)
		;
}

/* The face */

static bool open_parts(struct run *run, const char *directory, struct error *error)
{
	struct stat status;

	if (!run_record_find(directory, &status, error))
		return false;
	if (!path_join(run->directory, sizeof run->directory, directory, "", error) ||
	    !path_join(run->log_path, sizeof run->log_path, directory, JOURNAL_FILE, error))
		return false;
	for (size_t size = strlen(run->directory); size > 1 && run->directory[size - 1] == '/'; size--)
		run->directory[size - 1] = '\0';
	run->record_identity = identity_of(&status);
	watch(run);
	return read_record(run, error);
}

struct run *run_open(const char *directory, struct error *error)
{
	struct run *run = calloc(1, sizeof *run);

	if (!run) {
		error_memory(error, "opening a run");
		return NULL;
	}
	run->notify = -1;
	if (!open_parts(run, directory, error)) {
		run_close(run);
		return NULL;
	}
	run_update(run);
	/* How a run stands that was not read to its end for lack of memory is not known. */
	if (run->log_error.kind == ERROR_FAILED) {
		run_check_log(run, error);
		run_close(run);
		return NULL;
	}
	return run;
}

void run_close(struct run *run)
{
	if (!run)
		return;
	if (run->notify >= 0)
		close(run->notify);
	run_record_free(&run->record);
	forget_events(run);
	free(run->events);
	for (int i = 0; i < RUN_PROBES_MAX; i++)
		free(run->probes[i].points);
	free(run->points);
	free(run->evaluations);
	free(run);
}

bool run_update(struct run *run)
{
	bool changed;

	/* The lock is asked before the log is read: the last words of a trainer that has gone are then seen. */
	drain(run);
	changed = refresh_lock(run);
	changed = refresh_record(run) || changed;
	return read_log(run) || changed;
}

bool run_check_log(const struct run *run, struct error *error)
{
	if (run->log_error.kind == ERROR_NONE)
		return true;
	if (error)
		*error = run->log_error;
	return false;
}

size_t run_damaged_lines(const struct run *run)
{
	return run->damaged;
}

int run_fd(const struct run *run)
{
	return run->notify;
}

const char *run_directory(const struct run *run)
{
	return run->directory;
}

enum run_state run_state(const struct run *run)
{
	return journal_run_state(run->last_state, run->held);
}

bool run_can_resume(const struct run *run)
{
	switch (run_state(run)) {
	case RUN_STOPPED:
	case RUN_DEAD:
		return true;
	case RUN_FAILED:
		return run->point_count > 0 || run->events[run->event_count - 1].step > 0;
	case RUN_LIVE:
	case RUN_PAUSED:
	case RUN_FINISHED:
		break;
	}
	return false;
}

const char *run_message(const struct run *run)
{
	return run->event_count ? run->events[run->event_count - 1].text : "";
}

int64_t run_started(const struct run *run)
{
	return run->record.started;
}

int64_t run_changed(const struct run *run)
{
	struct stat status;

	if (run_state(run) != RUN_DEAD && run->state_when > 0)
		return run->state_when;
	return stat(run->log_path, &status) == 0 ? (int64_t)status.st_mtim.tv_sec : 0;
}

const struct run_point *run_points(const struct run *run, size_t *count)
{
	*count = run->point_count;
	return run->points;
}

const struct probe_table *run_probe_table(const struct run *run, int index)
{
	return &run->probes[index];
}

const struct run_evaluation *run_evaluations(const struct run *run, size_t *count)
{
	*count = run->evaluation_count;
	return run->evaluations;
}

const struct run_event *run_events(const struct run *run, size_t *count)
{
	*count = run->event_count;
	return run->events;
}

uint64_t run_total_steps(const struct run *run)
{
	return run->record.steps;
}

uint64_t run_steps_per_epoch(const struct run *run)
{
	return run->record.steps_per_epoch;
}

bool run_measures(const struct run *run)
{
	return run->record.steps == 0 || run->record.held_out > 0;
}

/* As occasions_evaluate says it of each step. */
uint64_t run_first_evaluation(const struct run *run)
{
	const struct run_record *record = &run->record;
	const double delay = record->options.eval_delay, given = occasions_eval_steps(&record->options);
	double every, first;

	if (record->held_out == 0 || record->steps == 0)
		return 0;
	if (strcmp(record->options.eval_strategy, "epoch") == 0) {
		first = fmax(1, ceil(delay)) * (double)record->steps_per_epoch;
	} else if (strcmp(record->options.eval_strategy, "steps") == 0) {
		every = fmax(1, floor(given < 1 ? ceil((double)record->steps * given) : given));
		first = fmax(1, ceil(delay / every)) * every;
	} else {
		return 0;
	}
	return (uint64_t)fmin(first, (double)record->steps);
}

double run_seconds_left(const struct run *run)
{
	enum run_state state = run_state(run);
	const struct run_point *last, *first;
	size_t back = run->point_count > SPEED_POINTS ? SPEED_POINTS : run->point_count - 1;

	if ((state != RUN_LIVE && state != RUN_PAUSED) || run->point_count < 2)
		return -1;
	last = &run->points[run->point_count - 1];
	first = last - back;
	if (!(last->time > first->time) || last->step >= run->record.steps)
		return -1;
	return (last->time - first->time) / (double)(last->step - first->step) *
	       (double)(run->record.steps - last->step);
}

bool run_baseline(const struct run *run, struct run_baseline *out)
{
	return run_record_read_baseline(&run->record, out);
}

const char *run_report_line(const struct run *run, size_t index, bool *warning)
{
	const json_t *lines = json_object_get(run->record.report, "lines");
	const size_t count = json_array_size(lines);

	*warning = index >= count;
	if (*warning)
		lines = json_object_get(run->record.report, "warnings");
	return json_string_value(json_array_get(lines, *warning ? index - count : index));
}

/* Of a run that has ended, run.json knows which step it is. */
static bool is_result(const struct run *run, const struct best_rule *rule, const struct run_evaluation *candidate,
                      const struct run_evaluation *found)
{
	if (run->record.model_step > 0)
		return candidate->step == run->record.model_step;
	return !found || best_is_better(rule, candidate, found);
}

const struct run_evaluation *run_result(const struct run *run, bool *is_best)
{
	const struct run_evaluation *last = run->evaluation_count ? &run->evaluations[run->evaluation_count - 1] : NULL;
	const struct run_evaluation *found = NULL;
	struct best_rule rule;

	*is_best = false;
	if (!run->record.options.load_best_model_at_end || !best_rule_of(&run->record.options, &rule, NULL))
		return last;
	for (size_t i = 0; i < run->evaluation_count; i++)
		if (run->evaluations[i].step > 0 && is_result(run, &rule, &run->evaluations[i], found))
			found = &run->evaluations[i];
	*is_best = found != NULL;
	return found ? found : last;
}

const char *run_data(const struct run *run)
{
	return run->record.data.path;
}

const char *run_model(const struct run *run)
{
	return run->record.model.path;
}

const struct train_options *run_options(const struct run *run)
{
	return &run->record.options;
}

int32_t run_pid(const struct run *run)
{
	return run->pid;
}
