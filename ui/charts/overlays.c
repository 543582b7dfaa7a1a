/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/overlays.h"

#include "ui/tasks.h"

#include <stdio.h>
#include <string.h>

char overlays_letter(int place)
{
	return (char)('A' + place);
}

const char *overlays_name(const struct overlay *overlay)
{
	const char *slash = strrchr(overlay->path, '/');

	return slash ? slash + 1 : overlay->path;
}

int overlays_find(const struct overlays *overlays, const char *path)
{
	for (int i = 0; i < OVERLAYS_MAX; i++)
		if (overlays->runs[i].path[0] && strcmp(overlays->runs[i].path, path) == 0)
			return i;
	return -1;
}

static void drop(struct overlays *overlays, int place)
{
	struct overlay *overlay = &overlays->runs[place];

	job_let_go(&overlay->job);
	run_close(overlay->run);
	*overlay = (struct overlay){.run = NULL};
	if (overlays->baseline == place)
		overlays->baseline = -1;
}

static int free_place(const struct overlays *overlays)
{
	for (int i = 0; i < OVERLAYS_MAX; i++)
		if (!overlays->runs[i].path[0])
			return i;
	return -1;
}

int overlays_toggle(struct overlays *overlays, struct jobs *jobs, const char *path, bool *added, struct error *error)
{
	char name[PATH_MAX];
	size_t size;
	int place;

	*added = false;
	if ((size_t)snprintf(name, sizeof name, "%s", path) >= sizeof name) {
		error_set(error, ERROR_USAGE, "the name of the run is too long");
		return -1;
	}
	for (size = strlen(name); size > 1 && name[size - 1] == '/'; size--)
		name[size - 1] = '\0';
	place = overlays_find(overlays, name);
	if (place >= 0) {
		drop(overlays, place);
		return place;
	}
	place = free_place(overlays);
	if (place < 0) {
		error_set(error, ERROR_USAGE, "%d runs are laid over the charts already: `overlay` with one of them takes it away",
		          OVERLAYS_MAX);
		return -1;
	}
	overlays->runs[place].job = task_start_run(jobs, name, false, error);
	if (!overlays->runs[place].job)
		return -1;
	memcpy(overlays->runs[place].path, name, size + 1);
	*added = true;
	return place;
}

/* True: it was read, or it could not be. */
static bool take(struct overlays *overlays, int place, struct error *error)
{
	struct overlay *overlay = &overlays->runs[place];
	struct run_task *task;

	if (!job_finished(overlay->job))
		return false;
	task = job_context(overlay->job);
	overlay->run = task->run;
	task->run = NULL;
	if (!overlay->run) {
		*error = *job_error(overlay->job);
		drop(overlays, place);
	} else {
		job_let_go(&overlay->job);
	}
	return true;
}

bool overlays_update(struct overlays *overlays, struct error *error)
{
	bool changed = false;

	for (int i = 0; i < OVERLAYS_MAX; i++) {
		struct run *run = overlays->runs[i].run;

		changed = take(overlays, i, error) || changed;
		if (run && run_state(run) <= RUN_PAUSED)
			changed = run_update(run) || changed;
	}
	return changed && error->kind == ERROR_NONE;
}

bool overlays_busy(const struct overlays *overlays)
{
	for (int i = 0; i < OVERLAYS_MAX; i++)
		if (overlays->runs[i].job)
			return true;
	return false;
}

void overlays_clear(struct overlays *overlays)
{
	for (int i = 0; i < OVERLAYS_MAX; i++)
		drop(overlays, i);
}
