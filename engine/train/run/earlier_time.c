/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long a training took that was like the one that is planned: what its log says a step took. */
#include "engine/runs.h"
#include "engine/trainer.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MIN 5 /* a log of fewer steps tells nothing */

/* What decides how long a step takes, beside the model and the reviews. */
static const char *const decisive[] = {
	"per-device-train-batch-size", "gradient-accumulation-steps", "max-length", "truncation", "max-windows", "freeze", "freeze-layers",
	"lora-r", "load-in-4bit", "fp16", "bf16", "tf32", "device", "threads", "distill-attention", "attention-loss", "distill-hidden",
	"hidden-loss",
};

struct search {
	const struct train_options *options;
	char data[PATH_MAX], model[PATH_MAX];
	char path[PATH_MAX], name[256]; /* the newest that is like it; "" */
	int64_t started;
};

static bool same_settings(const struct search *search, const struct run_row *row)
{
	char wanted[OPTION_TEXT_MAX];

	for (size_t i = 0; i < sizeof decisive / sizeof *decisive; i++) {
		const struct option_row *option = train_option_find(decisive[i]);
		const char *has = row->settings[option - train_option_rows];

		train_option_format(search->options, option, wanted, sizeof wanted);
		if (train_option_is_default(search->options, option) ? has != NULL : !has || strcmp(has, wanted) != 0)
			return false;
	}
	return true;
}

static bool same_place(const char *path, const char *real)
{
	char found[PATH_MAX];

	return path && realpath(path, found) && strcmp(found, real) == 0;
}

static void take(void *context, struct run_row *row)
{
	struct search *search = context;

	if (row->readable && row->settings && row->summary.step >= STEPS_MIN && row->summary.started >= search->started &&
	    strlen(row->path) < sizeof search->path && same_settings(search, row) && same_place(row->data, search->data) &&
	    same_place(row->model, search->model)) {
		snprintf(search->path, sizeof search->path, "%s", row->path);
		snprintf(search->name, sizeof search->name, "%s", row->summary.name);
		search->started = row->summary.started;
	}
	run_row_free(row);
}

/* From the first line of a step to the last, evaluations between them included; < 0: the log does not tell. */
static double seconds_of_a_step(const char *path)
{
	struct error ignored = {0};
	struct run *run = run_open(path, &ignored);
	const struct run_point *points;
	double seconds = -1;
	size_t count;

	if (!run)
		return seconds;
	points = run_points(run, &count);
	if (count > 1 && points[count - 1].step > points[0].step)
		seconds = (points[count - 1].time - points[0].time) / (double)(points[count - 1].step - points[0].step);
	run_close(run);
	return seconds;
}

bool train_time_of_runs(const struct trainer_request *request, const char *folder, uint64_t steps,
                        const struct progress *progress, struct train_time *time)
{
	struct search search = {.options = request->options};
	struct model_place place;
	struct error ignored = {0};
	double step;

	*time = (struct train_time){.seconds = -1};
	if (!realpath(request->data, search.data) || !model_find(request->model, &place, &ignored) ||
	    !realpath(place.folder, search.model) || !runs_find(folder, take, &search, progress, &ignored) || !search.path[0])
		return false;
	step = seconds_of_a_step(search.path);
	if (!(step >= 0))
		return false;
	time->seconds = step * (double)steps;
	snprintf(time->run, sizeof time->run, "%s", search.name);
	return true;
}
