/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/runs/study_view.h"

#include "engine/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_SECONDS 1.0 /* between two looks at least, */
#define LOOK_SHARE 20.0  /* and so many times what one takes: a thousand trials are no reason to read all the time */

bool study_view_find(const char *run, char folder[PATH_MAX])
{
	const char *slash = strrchr(run, '/');

	snprintf(folder, PATH_MAX, "%.*s", slash ? (int)(slash - run) : 1, slash ? run : ".");
	return *folder && study_is_there(folder);
}

/* The job */

struct look_task {
	struct study *study;
	double seconds;
	char path[];
};

static bool look_work(void *context, const struct progress *progress, struct error *error)
{
	struct look_task *task = context;
	const double start = clock_seconds();

	(void)progress;
	task->study = study_open(task->path, error);
	if (!task->study)
		return false;
	study_look(task->study);
	task->seconds = clock_seconds() - start;
	return true;
}

static void look_free(void *context)
{
	struct look_task *task = context;

	study_close(task->study);
	free(task);
}

static void look(struct study_view *view, struct jobs *jobs)
{
	static const struct job_kind looking = {"looking at a study", look_work, look_free};
	struct look_task *task = calloc(1, sizeof *task + strlen(view->path) + 1);

	if (!task) {
		error_memory(&view->error, looking.name);
		return;
	}
	memcpy(task->path, view->path, strlen(view->path) + 1);
	view->job = job_start(jobs, &looking, task, &view->error);
}

void study_view_forget(struct study_view *view)
{
	job_let_go(&view->job);
	study_close(view->study);
	*view = (struct study_view){.job = NULL};
}

void study_view_ask(struct study_view *view, struct jobs *jobs, const char *folder)
{
	size_t size = strlen(folder);

	while (size > 1 && folder[size - 1] == '/')
		size--;
	if (strlen(view->path) != size || memcmp(view->path, folder, size) != 0)
		study_view_forget(view);
	snprintf(view->path, sizeof view->path, "%.*s", (int)size, folder);
	if (!view->job)
		look(view, jobs);
}

void study_view_update(struct study_view *view)
{
	struct look_task *task;

	if (!job_finished(view->job))
		return;
	task = job_context(view->job);
	view->error = (struct error){.kind = ERROR_NONE};
	if (job_error(view->job)) {
		view->error = *job_error(view->job);
	} else {
		study_close(view->study);
		view->study = task->study;
		task->study = NULL;
	}
	view->due = clock_seconds() + (LOOK_SHARE * task->seconds > LOOK_SECONDS ? LOOK_SHARE * task->seconds : LOOK_SECONDS);
	job_let_go(&view->job);
}

/* What is known */

int study_view_trials(const struct study_view *view)
{
	return view->study ? study_trials(view->study) : 0;
}

/* Of enum study_trial.state. */
static int count_of(const struct study_view *view, int state)
{
	int count = 0;

	for (int i = 0; i < study_view_trials(view); i++) {
		struct study_trial trial;

		study_trial(view->study, i, &trial);
		count += (int)trial.state == state;
	}
	return count;
}

bool study_view_is_live(const struct study_view *view)
{
	return count_of(view, STUDY_WAITS) + count_of(view, STUDY_TRAINS) > 0;
}

bool study_view_is_best(const struct study_view *view, int trial)
{
	return view->study && study_kind(view->study) == STUDY_SEARCH && study_best(view->study) == trial;
}

void study_view_describe(const struct study_view *view, char *out, size_t capacity)
{
	static const char *const kinds[] = {[STUDY_SEARCH] = "trials of a search", [STUDY_SEEDS] = "seeds", [STUDY_FOLDS] = "folds"};
	static const char *const states[] = {[STUDY_FINISHED] = "finished", [STUDY_OUT] = "out by halving",
	                                     [STUDY_FAILED] = "failed", [STUDY_TRAINS] = "begun", [STUDY_WAITS] = "waiting"};
	static const int order[] = {STUDY_FINISHED, STUDY_OUT, STUDY_FAILED, STUDY_TRAINS, STUDY_WAITS};
	const char *before = ": ";
	size_t used;

	out[0] = '\0';
	if (!view->study)
		return;
	used = (size_t)snprintf(out, capacity, "%d %s", study_trials(view->study), kinds[study_kind(view->study)]);
	for (size_t i = 0; i < sizeof order / sizeof *order && used < capacity; i++) {
		const int count = count_of(view, order[i]);

		if (count == 0)
			continue;
		used += (size_t)snprintf(out + used, capacity - used, "%s%d %s", before, count, states[order[i]]);
		before = ", ";
	}
}

/* Looking again */

void study_view_refresh(struct study_view *view, struct jobs *jobs)
{
	if (study_view_timeout(view) == 0)
		look(view, jobs);
}

int study_view_timeout(const struct study_view *view)
{
	const double left = view->due - clock_seconds();

	if (view->job || !study_view_is_live(view))
		return -1;
	return left > 0 ? (int)(left * 1000) + 1 : 0;
}
