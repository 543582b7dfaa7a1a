/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/time_travel.h"

#include "engine/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define AT_RESULT UINT64_MAX

static bool is_there(const char *folder, const char *name)
{
	char path[PATH_MAX + 32];
	struct stat status;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return stat(path, &status) == 0;
}

/* "RUN/model" of a run. */
static bool is_result(const char *path, char run[PATH_MAX])
{
	static const char end[] = "/model";
	const size_t size = strlen(path);

	if (size < sizeof end || strcmp(path + size - (sizeof end - 1), end) != 0)
		return false;
	snprintf(run, PATH_MAX, "%.*s", (int)(size - (sizeof end - 1)), path);
	return is_there(run, "run.json");
}

/* The run, and the step of the checkpoint that is used of it; AT_RESULT: another model. False: there is no run. */
static bool find_run(const struct app *app, char run[PATH_MAX], uint64_t *step)
{
	const char *model = app->session.model_path;

	if (run_is_checkpoint(model, run, PATH_MAX, step))
		return true;
	*step = AT_RESULT;
	if (is_result(model, run))
		return true;
	snprintf(run, PATH_MAX, "%s", app->session.run_path);
	return run[0] != '\0';
}

static void load(struct app *app, const char *run, const uint64_t *step)
{
	char path[PATH_MAX + 32];

	if (step && !run_checkpoint_path(run, *step, path, sizeof path))
		return;
	if (!step)
		snprintf(path, sizeof path, "%s/model", run);
	session_load_model(&app->session, path);
}

void time_travel(struct app *app, int by)
{
	uint64_t *steps = calloc(RUN_CHECKPOINTS_MAX, sizeof *steps), step;
	char run[PATH_MAX];
	size_t count, at = 0;

	if (!steps || !find_run(app, run, &step)) {
		app_say(app, "no run is shown and no model of a run is used: :watch RUN shows one");
		free(steps);
		return;
	}
	count = run_checkpoints(run, steps, RUN_CHECKPOINTS_MAX);
	while (at < count && steps[at] < step)
		at++; /* the one that is used, or where it would stand */
	if (count == 0)
		app_say(app, "this run has no checkpoint");
	else if (by < 0 && at == 0)
		app_say(app, "this is the first of %zu checkpoint%s", count, count == 1 ? "" : "s");
	else if (by < 0)
		load(app, run, &steps[at - 1]);
	else if (at + 1 < count)
		load(app, run, &steps[at + 1]);
	else if (at < count && is_there(run, "model"))
		load(app, run, NULL);
	else
		app_say(app, at < count ? "this is the last checkpoint" : "this is the result; checkpoint-back goes to checkpoints");
	free(steps);
}

void time_travel_borrow(struct app *app, const char *run, bool live)
{
	const char *name = strrchr(run, '/');

	if (!live) {
		app_say(app, "%s is over: checkpoint-back opens its checkpoints", name ? name + 1 : run);
		return;
	}
	session_borrow(&app->session, run);
	app_say(app, app->session.read_only ? "opening the newest checkpoint of %s..."
	                                    : "asking %s for a checkpoint... (Esc gives it up)", name ? name + 1 : run);
}

void time_travel_now(struct app *app)
{
	const struct session *session = &app->session;
	struct error error = {0};

	if (!session_is_training(session) && session->run)
		time_travel_borrow(app, run_directory(session->run), run_state(session->run) <= RUN_PAUSED);
	else if (session_lend(&app->session, &error))
		app_say(app, "the training lends its weights after the next step");
	else
		app_complain(app, &error);
}
