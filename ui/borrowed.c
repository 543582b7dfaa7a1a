/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/borrowed.h"

#include "engine/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define LOOK_NANOSECONDS 50000000 /* between two looks at the folder of the run */
#define LOOKS_PER_ORDER 100       /* a step that has its checkpoint already gets no other: the next one is asked for then */

/* 0: there is none. */
static uint64_t newest(const char *run)
{
	uint64_t steps[RUN_CHECKPOINTS_MAX];
	const size_t count = run_checkpoints(run, steps, RUN_CHECKPOINTS_MAX);

	return count > 0 ? steps[count - 1] : 0;
}

/* After which step a training is paused. */
static uint64_t paused_step(const struct run *run)
{
	size_t count;
	const struct run_event *events = run_events(run, &count);

	while (count > 0 && events[count - 1].kind != RUN_EVENT_STATE)
		count--;
	return count > 0 ? events[count - 1].step : UINT64_MAX;
}

/* Whether the newest checkpoint is what is wanted, as things stand. */
static bool is_there(const struct run *run, uint64_t before, uint64_t now, bool ask, enum borrowed *how)
{
	const enum run_state state = run_state(run);

	*how = BORROWED_NEWEST;
	if (now == 0)
		return false;
	if (!ask || state > RUN_PAUSED)
		return true;
	*how = now > before ? BORROWED_SAVED : BORROWED_PAUSED;
	return now > before || (state == RUN_PAUSED && now >= paused_step(run));
}

static bool wait_a_little(const struct progress *progress, struct error *error)
{
	const struct timespec rest = {.tv_nsec = LOOK_NANOSECONDS};

	if (!progress_report(progress, "waiting for a checkpoint", 0, 0))
		return error_set(error, ERROR_INTERRUPTED, "given up");
	nanosleep(&rest, NULL);
	return true;
}

static bool look(struct run *run, bool ask, const struct progress *progress, uint64_t *step, enum borrowed *how,
                 struct error *error)
{
	const char *directory = run_directory(run);
	const uint64_t before = newest(directory);

	for (unsigned looks = 0;; looks++) {
		run_update(run);
		*step = newest(directory);
		if (is_there(run, before, *step, ask, how))
			return true;
		RETURN_IF(!ask, error, ERROR_FAILED, "%s has no checkpoint yet, and none is asked for: it is only looked at", directory);
		RETURN_IF(run_state(run) > RUN_PAUSED, error, ERROR_FAILED, "%s has ended without a checkpoint", directory);
		if (looks % LOOKS_PER_ORDER == 0 && !run_send(directory, "save", error))
			return false;
		if (!wait_a_little(progress, error))
			return false;
	}
}

bool borrowed_find(const char *run, bool ask, const struct progress *progress, uint64_t *step, enum borrowed *how,
                   struct error *error)
{
	struct run *opened = run_open(run, error);
	const bool found = opened && look(opened, ask, progress, step, how, error);

	run_close(opened);
	return found;
}

void borrowed_describe(uint64_t step, enum borrowed how, char *out, size_t capacity)
{
	static const char *const words[] = {
		[BORROWED_SAVED] = "saved for this",
		[BORROWED_PAUSED] = "where it is paused",
		[BORROWED_NEWEST] = "the newest there is",
	};

	snprintf(out, capacity, "checkpoint-%" PRIu64 ", %s", step, words[how]);
}
