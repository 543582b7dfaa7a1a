/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data/file_chooser.h"

#include "engine/words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SIZE_COLUMNS 10
#define DATE_COLUMNS 12
#define WIDE 60 /* columns from which on the date is shown */

/* The lines: recent files, the way up, then the folder's entries. */

static uint64_t recent_lines(const struct file_chooser *chooser)
{
	return chooser->at_home ? (uint64_t)chooser->recent.count : 0;
}

uint64_t file_chooser_lines(const struct file_chooser *chooser)
{
	return recent_lines(chooser) + (chooser->folder ? 1 + chooser->folder->count : 0);
}

/* NULL: a recent file, or the way up. */
const struct folder_entry *file_chooser_entry(const struct file_chooser *chooser, uint64_t line)
{
	const uint64_t before = recent_lines(chooser) + 1;

	if (!chooser->folder || line < before || line - before >= chooser->folder->count)
		return NULL;
	return &chooser->folder->entries[line - before];
}

static void parent_of(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	snprintf(out, PATH_MAX, "%.*s", slash && slash > path ? (int)(slash - path) : 1, path);
}

bool file_chooser_path(const struct file_chooser *chooser, char out[PATH_MAX])
{
	const uint64_t line = chooser->list.chosen;
	const struct folder_entry *entry = file_chooser_entry(chooser, line);
	const char *folder = chooser->folder ? chooser->folder->path : "";

	if (line < recent_lines(chooser))
		return snprintf(out, PATH_MAX, "%s", chooser->recent.paths[line]) < PATH_MAX;
	if (!chooser->folder)
		return false;
	if (!entry)
		parent_of(folder, out);
	return !entry || snprintf(out, PATH_MAX, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, entry->name) < PATH_MAX;
}

/* Going about */

static void go_to(struct app *app, struct file_chooser *chooser, const char *folder)
{
	job_let_go(&chooser->job);
	chooser->error = (struct error){0};
	chooser->job = folder_list_start(app->session.jobs, folder, &chooser->error);
}

void file_chooser_show(struct app *app, struct file_chooser *chooser, const char *folder)
{
	chooser->shown = true;
	chooser->at_home = !*folder;
	chooser->list = (struct list){0};
	go_to(app, chooser, *folder ? folder : ".");
}

void file_chooser_free(struct file_chooser *chooser)
{
	job_let_go(&chooser->job);
	folder_list_free(chooser->folder);
	recent_free(&chooser->recent);
}

/* After the way up the cursor stands on the folder that was left. */
static void take_folder(struct file_chooser *chooser)
{
	struct folder_list *before = chooser->folder;
	const char *name = before ? strrchr(before->path, '/') : NULL;

	chooser->folder = folder_list_take(chooser->job);
	chooser->list = (struct list){.chosen = chooser->at_home ? 0 : 1};
	for (size_t i = 0; !chooser->at_home && name && i < chooser->folder->count; i++) {
		char path[PATH_MAX];

		parent_of(before->path, path);
		if (strcmp(path, chooser->folder->path) == 0 && strcmp(chooser->folder->entries[i].name, name + 1) == 0)
			chooser->list.chosen = recent_lines(chooser) + 1 + i;
	}
	folder_list_free(before);
}

static void remember(struct app *app, struct file_chooser *chooser)
{
	const char *path = app->session.dataset ? dataset_path(app->session.dataset) : "";

	if (!*path || strcmp(path, app->samples) == 0 || !recent_add(&chooser->recent, path))
		return;
	if (line_keeps_histories(app->line))
		recent_save(&chooser->recent);
}

void file_chooser_wake(struct app *app, struct file_chooser *chooser)
{
	if (!chooser->loaded && line_has_histories(app->line))
		recent_load(&chooser->recent);
	chooser->loaded = true;
	remember(app, chooser);
	if (!job_finished(chooser->job))
		return;
	if (job_error(chooser->job))
		chooser->error = *job_error(chooser->job);
	else
		take_folder(chooser);
	job_let_go(&chooser->job);
}

void file_chooser_settle(struct file_chooser *chooser, struct rect body)
{
	chooser->rows = body.rows - 2;
	list_settle(&chooser->list, file_chooser_lines(chooser), chooser->rows);
}

/* Drawing */

static void draw_entry(struct app *app, struct rect rect, int row, const struct folder_entry *entry, enum style style)
{
	const bool wide = rect.columns >= WIDE;
	const int facts = SIZE_COLUMNS + (wide ? DATE_COLUMNS : 0);
	char name[PATH_MAX], date[16] = "";
	struct tm when;
	time_t changed = (time_t)entry->changed;

	snprintf(name, sizeof name, "%s%s", entry->name, entry->folder ? "/" : "");
	draw_span(app->terminal, rect, row, 1, rect.columns - facts - 2, span_of(name),
	          style == STYLE_SELECTED ? style : entry->folder ? STYLE_TITLE : entry->data ? STYLE_NORMAL : STYLE_DIM);
	if (!entry->folder)
		draw_format(app->terminal, rect, row, rect.columns - facts, style, "%*s", SIZE_COLUMNS - 1, words_bytes(entry->size).text);
	if (wide && localtime_r(&changed, &when) && strftime(date, sizeof date, "%Y-%m-%d", &when) > 0)
		draw_text(app->terminal, rect, row, rect.columns - DATE_COLUMNS + 1, date, style);
}

static void draw_line(struct app *app, const struct file_chooser *chooser, struct rect rect, int row, uint64_t line)
{
	const enum style style = line == chooser->list.chosen ? STYLE_SELECTED : STYLE_NORMAL;
	const struct folder_entry *entry = file_chooser_entry(chooser, line);
	char name[WIDGET_NAME_MAX];

	if (style == STYLE_SELECTED)
		draw_fill(app->terminal, rect, row, 0, style);
	if (line < recent_lines(chooser)) {
		app_path_name(app, chooser->recent.paths[line], rect.columns - 10, name);
		draw_text(app->terminal, rect, row, 1, "lately", style == STYLE_SELECTED ? style : STYLE_DIM);
		draw_text(app->terminal, rect, row, 9, name, style);
	} else if (entry) {
		draw_entry(app, rect, row, entry, style);
	} else {
		draw_text(app->terminal, rect, row, 1, "../", style == STYLE_SELECTED ? style : STYLE_TITLE);
	}
}

static void draw_title(struct app *app, const struct file_chooser *chooser, struct rect rect)
{
	char name[WIDGET_NAME_MAX];
	uint64_t done, total;

	if (chooser->error.kind) {
		app_draw_message(app, rect, 1, 1, chooser->error.text, STYLE_ERROR);
	} else if (chooser->job) {
		job_progress(chooser->job, &done, &total);
		draw_format(app->terminal, rect, 1, 1, STYLE_DIM, "reading a folder: %s entries so far", words_count(done).text);
	} else if (chooser->folder && chooser->folder->unlisted > 0) {
		draw_format(app->terminal, rect, 1, 1, STYLE_DIM, "and %s more, which are not listed: o takes a name",
		            words_count(chooser->folder->unlisted).text);
	}
	if (chooser->folder) {
		app_path_name(app, chooser->folder->path, rect.columns - 24, name);
		draw_text(app->terminal, rect, 0, 1, name, STYLE_TITLE);
	}
	draw_range(app->terminal, rect, 0, rect.columns - 22, chooser->list.top, file_chooser_lines(chooser), chooser->rows);
}

void file_chooser_draw(struct app *app, const struct file_chooser *chooser, struct rect body)
{
	const struct rect lines = {body.y + 2, body.x, body.rows - 2, body.columns};
	const uint64_t count = file_chooser_lines(chooser);

	draw_title(app, chooser, body);
	for (int row = 0; row < lines.rows && chooser->list.top + (uint64_t)row < count; row++)
		draw_line(app, chooser, lines, row, chooser->list.top + (uint64_t)row);
}

/* Actions */

static void choose(struct app *app, struct file_chooser *chooser)
{
	const uint64_t line = chooser->list.chosen;
	const struct folder_entry *entry = file_chooser_entry(chooser, line);
	struct error error = {0};
	char path[PATH_MAX];

	if (!file_chooser_path(chooser, path))
		return;
	if (line >= recent_lines(chooser) && (!entry || entry->folder)) {
		chooser->at_home = false;
		go_to(app, chooser, path);
	} else if (session_open_data(&app->session, path, true, &error)) {
		app_say(app, "opening %s... (Esc gives it up)", path);
	} else {
		app_complain(app, &error);
	}
}

static void go_up(struct app *app, struct file_chooser *chooser)
{
	char path[PATH_MAX];

	if (!chooser->folder)
		return;
	chooser->at_home = false;
	parent_of(chooser->folder->path, path);
	go_to(app, chooser, path);
}

const char *file_chooser_name(const struct file_chooser *chooser, uint64_t line)
{
	const struct folder_entry *entry = file_chooser_entry(chooser, line);

	return line < recent_lines(chooser) ? chooser->recent.paths[line] : entry ? entry->name : "..";
}

/* From the line after the cursor on, and then from the first. */
static void find(struct app *app, void *context, const char *text)
{
	struct file_chooser *chooser = context;
	const uint64_t count = file_chooser_lines(chooser);

	snprintf(chooser->wanted, sizeof chooser->wanted, "%s", text);
	for (uint64_t i = 1; *text && i <= count; i++) {
		const uint64_t line = (chooser->list.chosen + i) % count;

		if (strcasestr(file_chooser_name(chooser, line), chooser->wanted)) {
			chooser->list.chosen = line;
			return;
		}
	}
	if (*text)
		app_say(app, "no name here has %s in it", text);
}

bool file_chooser_act(struct app *app, struct file_chooser *chooser, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_CHOOSE_FILE:
		choose(app, chooser);
		return true;
	case ACTION_FOLDER_UP:
		go_up(app, chooser);
		return true;
	case ACTION_FIND:
		if (*argument)
			find(app, chooser, argument);
		else
			app_prompt(app, &(struct line_options){.prompt = "name: ", .history = LINE_HISTORY_NONE}, find, chooser);
		return true;
	case ACTION_FIND_NEXT:
		find(app, chooser, chooser->wanted);
		return true;
	default:
		return list_move(&chooser->list, action, file_chooser_lines(chooser), chooser->rows);
	}
}
