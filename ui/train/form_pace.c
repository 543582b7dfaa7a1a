/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/form_pace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define LOWEST_PRIORITY 19

struct pace_task {
	char data[PATH_MAX], model[PATH_MAX];
	struct train_options options;
	uint64_t steps;
	struct train_time time;
};

/* Of a thread, on Linux; those that it starts have it too. */
static bool pace_work(void *context, const struct progress *progress, struct error *error)
{
	struct pace_task *task = context;
	const struct trainer_request request = {.data = task->data, .model = task->model, .options = &task->options};

	setpriority(PRIO_PROCESS, 0, LOWEST_PRIORITY);
	return train_time_measure(&request, task->steps, progress, &task->time, error);
}

void form_pace_free(struct form_pace *pace)
{
	job_let_go(&pace->job);
}

/* Settings that change neither the work of a step nor the reviews of it are left out. */
static void name_kind(const struct trainer_request *request, char out[OPTION_TEXT_MAX])
{
	static const char *const decisive[] = {
		"text-column", "label-column", "per-device-train-batch-size", "gradient-accumulation-steps", "max-length", "truncation",
		"lora-r", "target-modules", "modules-to-save", "load-in-4bit", "fp16", "bf16", "tf32",
		"device", "threads", "teacher", "unlabelled", "freeze", "freeze-layers", "task",
	};
	char value[OPTION_TEXT_MAX];
	size_t used = (size_t)snprintf(out, OPTION_TEXT_MAX, "%s\n%s", request->data, request->model);

	for (size_t i = 0; i < sizeof decisive / sizeof *decisive && used < OPTION_TEXT_MAX; i++) {
		const struct option_row *row = train_option_find(decisive[i]);

		if (!row)
			continue;
		train_option_format(request->options, row, value, sizeof value);
		used += (size_t)snprintf(out + used, OPTION_TEXT_MAX - used, "\n%s", value);
	}
}

/* What was not timed because it was too short may be worth it when it is to take more steps. */
static bool is_too_short(const struct form_pace *pace, uint64_t steps)
{
	return !pace->job && pace->step_seconds < 0 && steps > pace->steps;
}

void form_pace_want(struct form_pace *pace, const struct session *session, const struct trainer_request *request, uint64_t steps,
                    bool tried)
{
	static const struct job_kind timing = {"timing a step", pace_work, free};
	char kind[OPTION_TEXT_MAX];
	struct pace_task *task;
	struct error ignored = {0};

	name_kind(request, kind);
	pace->fits = strcmp(kind, pace->kind) == 0;
	if (tried || (pace->fits && !is_too_short(pace, steps)))
		return;
	form_pace_stop(pace);
	task = malloc(sizeof *task);
	if (!task)
		return;
	memcpy(pace->kind, kind, sizeof kind);
	pace->fits = true;
	pace->steps = steps;
	snprintf(task->data, sizeof task->data, "%s", request->data);
	snprintf(task->model, sizeof task->model, "%s", request->model);
	task->options = *request->options;
	task->steps = steps;
	task->time = (struct train_time){.seconds = -1};
	pace->job = job_start(session->jobs, &timing, task, &ignored); /* then no time is told */
}

void form_pace_stop(struct form_pace *pace)
{
	job_let_go(&pace->job);
	pace->kind[0] = '\0';
	pace->fits = false;
	pace->step_seconds = -1;
}

void form_pace_update(struct form_pace *pace)
{
	const struct pace_task *task;

	if (!job_finished(pace->job))
		return;
	task = job_context(pace->job);
	pace->step_seconds = task->time.seconds >= 0 && task->steps > 0 ? task->time.seconds / (double)task->steps : -1;
	pace->measured = task->time.measured;
	job_let_go(&pace->job);
}

struct words form_pace_words(double seconds)
{
	struct words out = words_duration(seconds);

	if (seconds >= 90 && seconds < 3600)
		snprintf(out.text, sizeof out.text, "%.0f min", seconds / 60);
	return out;
}

bool form_pace_tell(const struct form_pace *pace, uint64_t steps, struct train_time *time)
{
	if (pace->job || !pace->fits || pace->step_seconds < 0)
		return false;
	*time = (struct train_time){.seconds = pace->step_seconds * (double)steps, .measured = pace->measured};
	return true;
}
