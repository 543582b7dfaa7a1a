/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/runs/runs.h"

#include <stdlib.h>
#include <string.h>


static struct runs_state *state_of(struct app *app)
{
	return app->states[SCREEN_RUNS];
}

/* A run that is shown or trained here is in use as well, though nobody holds its lock. */
static bool may_change(struct app *app, const char *path)
{
	char whole[PATH_MAX], shown[PATH_MAX];
	const bool same = app->session.run_path[0] && realpath(path, whole) && realpath(app->session.run_path, shown) &&
	                  strcmp(whole, shown) == 0;

	if (same && session_is_training(&app->session))
		app_say(app, "this run is training here");
	else
		return true;
	return false;
}

/* A search that is under way may have found it as it was: it begins again. */
static void refresh(struct app *app, struct runs_state *runs, const char *path, const char *now)
{
	struct error error = {0};

	runs_table_refresh(&runs->table, path, now);
	if (runs->table.job && !runs_table_load(&runs->table, app->session.jobs, NULL, &error))
		app_complain(app, &error);
}

/* Notes */

static void note_answer(struct app *app, void *context, const char *answer)
{
	struct runs_state *runs = context;
	const struct run_row *run = runs_chosen(runs);
	struct error error = {0};
	char path[PATH_MAX];

	if (!run || !may_change(app, run->path))
		return;
	snprintf(path, sizeof path, "%s", run->path);
	if (!run_note_write(path, answer, &error)) {
		app_complain(app, &error);
		return;
	}
	refresh(app, runs, path, path);
	app_say(app, *answer ? "noted" : "the note is taken away");
}

static void note(struct app *app, struct runs_state *runs, const struct run_row *run, const char *text)
{
	if (*text)
		note_answer(app, runs, text);
	else
		app_prompt(app, &(struct line_options){.prompt = "note: ", .initial = run->note, .history = LINE_HISTORY_NONE},
		           note_answer, runs);
}

/* Another name */

static void rename_answer(struct app *app, void *context, const char *answer)
{
	struct runs_state *runs = context;
	const struct run_row *run = runs_chosen(runs);
	struct error error = {0};
	char before[PATH_MAX], now[PATH_MAX];

	if (!run || !*answer || !may_change(app, run->path))
		return;
	snprintf(before, sizeof before, "%s", run->path);
	if (!run_rename(before, answer, now, sizeof now, &error)) {
		app_complain(app, &error);
		return;
	}
	run_figures_forget(&runs->figures);
	refresh(app, runs, before, now);
	runs->list.chosen = runs_table_find(&runs->table, now);
	app_say(app, "it is %s now", now);
}

static void give_name(struct app *app, struct runs_state *runs, const struct run_row *run, const char *name)
{
	const char *slash = strrchr(run->path, '/');

	if (*name)
		rename_answer(app, runs, name);
	else
		app_prompt(app, &(struct line_options){.prompt = "new name: ", .initial = slash ? slash + 1 : run->path,
		                                       .history = LINE_HISTORY_NONE}, rename_answer, runs);
}

/* Removing */

static const struct app_choice delete_choices[] = {
	{'y', "delete it with its model and checkpoints"},
	{'n', "keep it"},
	{0, NULL},
};

static void delete_chosen(struct app *app, int key)
{
	struct runs_state *runs = state_of(app);
	const struct run_row *run = runs_chosen(runs);
	struct error error = {0};
	char path[PATH_MAX];

	if (key != 'y' || !run)
		return;
	snprintf(path, sizeof path, "%s", run->path);
	run_figures_forget(&runs->figures);
	if (!run_delete(path, &error))
		app_complain(app, &error);
	else
		app_say(app, "%s is deleted", path);
	refresh(app, runs, path, error.kind ? path : NULL);
}

static void ask_delete(struct app *app, const struct run_row *run)
{
	char question[256], name[WIDGET_NAME_MAX];

	if (!may_change(app, run->path))
		return;
	if (run->readable && run->summary.state <= RUN_PAUSED) {
		app_say(app, "%s is training: it cannot be deleted", run->name);
		return;
	}
	draw_shorten(app->terminal, run->path, 120, name);
	snprintf(question, sizeof question, "Delete %.120s for good?", name);
	app_ask(app, question, delete_choices, delete_chosen);
}

bool runs_keep_act(struct app *app, struct runs_state *runs, enum action action, const char *argument)
{
	const struct run_row *run = runs_chosen(runs);

	if (action != ACTION_NOTE && action != ACTION_RENAME_RUN && action != ACTION_DELETE_RUN)
		return false;
	if (!run)
		app_say(app, "no run is chosen");
	else if (action == ACTION_NOTE)
		note(app, runs, run, argument);
	else if (action == ACTION_RENAME_RUN)
		give_name(app, runs, run, argument);
	else
		ask_delete(app, run);
	return true;
}
