/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/script.h"

#include "engine/clock.h"
#include "ui/frame.h"
#include "ui/terminal/key.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define SCRIPT_PATIENCE 120.0 /* seconds that `wait idle` and `wait text` wait */

enum script_wait { WAIT_NOTHING, WAIT_TIME, WAIT_IDLE, WAIT_TEXT };

struct script {
	FILE *file;
	const char *path;
	unsigned line_number;
	char *line;
	size_t capacity;
	enum script_wait wait;
	double until;
	char text[256];
};

struct script *script_open(const char *path, struct error *error)
{
	struct script *script = calloc(1, sizeof *script);

	if (!script || !(script->file = fopen(path, "re"))) {
		error_errno(error, "open", path);
		free(script);
		return NULL;
	}
	script->path = path;
	return script;
}

void script_close(struct script *script)
{
	if (!script)
		return;
	fclose(script->file);
	free(script->line);
	free(script);
}

static bool script_keys(struct app *app, const char *names, struct error *error)
{
	const char *name;
	size_t size;

	while (!app_is_leaving(app) && (name = key_list_next(&names, &size))) {
		const int key = key_parse(name, size);

		RETURN_IF(key == UI_KEY_NONE, error, ERROR_USAGE, "no key is called %.*s", (int)size, name);
		app_key(app, key);
	}
	return true;
}

/* Character by character, as a keyboard would. What stands after a key that leaves is not heard, there as here. */
static bool script_type(struct app *app, const char *text, struct error *error)
{
	while (*text && !app_is_leaving(app)) {
		size_t size = 1;
		int key;

		while (((unsigned char)text[size] & 0xC0) == 0x80)
			size++;
		key = *text == ' ' ? ' ' : key_parse(text, size);
		RETURN_IF(key == UI_KEY_NONE, error, ERROR_USAGE, "the text is not UTF-8");
		app_key(app, key);
		text += size;
	}
	return true;
}

/* \n in the text is a line break. */
static bool script_paste(struct app *app, char *text)
{
	char *to = text, *from = text;

	for (; *from; from++) {
		if (from[0] == '\\' && from[1] == 'n') {
			*to++ = '\n';
			from++;
		} else {
			*to++ = *from;
		}
	}
	app_paste(app, (struct span){text, (size_t)(to - text)});
	return true;
}

static bool script_wait(struct script *script, const char *what)
{
	script->until = clock_seconds() + SCRIPT_PATIENCE;
	if (strcmp(what, "idle") == 0) {
		script->wait = WAIT_IDLE;
	} else if (strncmp(what, "text ", 5) == 0) {
		script->wait = WAIT_TEXT;
		snprintf(script->text, sizeof script->text, "%s", what + 5);
	} else {
		script->wait = WAIT_TIME;
		script->until = clock_seconds() + (double)strtol(what, NULL, 10) / 1000;
	}
	return true;
}

static bool script_save(struct app *app, const char *path, struct error *error)
{
	FILE *file = fopen(path, "we");

	frame_draw(app);
	if (!file || !terminal_save(app->terminal, file) || fclose(file) != 0)
		return error_errno(error, "write", path);
	return true;
}

static bool script_resize(struct app *app, const char *size)
{
	char *end;
	const long rows = strtol(size, &end, 10), columns = strtol(end, NULL, 10);

	app_resize(app, (int)rows, (int)columns);
	return true;
}

static bool script_mouse(struct app *app, const char *text, struct error *error)
{
	static const char *const deeds[] = {[MOUSE_CLICK] = "press", [MOUSE_RELEASE] = "release", [MOUSE_UP] = "up", [MOUSE_DOWN] = "down"};
	const size_t size = strcspn(text, " ");
	char *end;
	const long row = strtol(text + size, &end, 10), column = strtol(end, NULL, 10);

	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
		if (strlen(deeds[i]) == size && memcmp(deeds[i], text, size) == 0) {
			app_mouse(app, (enum mouse_deed)i, (int)row - 1, (int)column - 1);
			return true;
		}
	return error_set(error, ERROR_USAGE, "the mouse does press, release, up and down, and not %.*s", (int)size, text);
}

static bool script_command(struct app *app, const char *text, struct error *error)
{
	const size_t size = strcspn(text, " ");
	const enum action action = action_for_name(app_context(app), text, size);

	RETURN_IF(action == ACTION_NONE, error, ERROR_USAGE, "no action is called %.*s", (int)size, text);
	app_do(app, action, text[size] ? text + size + 1 : "");
	return true;
}

static bool script_line(struct script *script, struct app *app, char *line, struct error *error)
{
	char *rest = line + strcspn(line, " ");

	if (*line == '\0' || *line == '#')
		return true;
	if (*rest)
		*rest++ = '\0';
	if (strcmp(line, "key") == 0)
		return script_keys(app, rest, error);
	if (strcmp(line, "type") == 0)
		return script_type(app, rest, error);
	if (strcmp(line, "paste") == 0)
		return script_paste(app, rest);
	if (strcmp(line, "do") == 0)
		return script_command(app, rest, error);
	if (strcmp(line, "wait") == 0)
		return script_wait(script, rest);
	if (strcmp(line, "save-screen") == 0)
		return script_save(app, rest, error);
	if (strcmp(line, "resize") == 0)
		return script_resize(app, rest);
	if (strcmp(line, "mouse") == 0)
		return script_mouse(app, rest, error);
	return error_set(error, ERROR_USAGE, "scripts do not have the word %s", line);
}

/* True while the script still waits; *failed when it has waited too long. */
static bool script_waits(struct script *script, struct app *app, bool *failed)
{
	const bool over = clock_seconds() >= script->until;

	if (script->wait != WAIT_NOTHING)
		frame_draw(app);
	if (script->wait == WAIT_NOTHING || (script->wait == WAIT_TIME && over)
	    || (script->wait == WAIT_IDLE && !app_is_busy(app))
	    || (script->wait == WAIT_TEXT && terminal_shows(app->terminal, script->text))) {
		script->wait = WAIT_NOTHING;
		return false;
	}
	*failed = over;
	return true;
}

bool script_play(struct script *script, struct app *app, struct error *error)
{
	bool failed = false;

	while (!app_is_leaving(app) && !script_waits(script, app, &failed)) {
		const ssize_t size = getline(&script->line, &script->capacity, script->file);

		if (size < 0) {
			app_leave(app, LEAVE_SCRIPT_ENDED);
			break;
		}
		if (size > 0 && script->line[size - 1] == '\n')
			script->line[size - 1] = '\0';
		script->line_number++;
		if (!script_line(script, app, script->line, error))
			return error_prefix(error, "%s: line %u", script->path, script->line_number);
		app_update(app);
	}
	RETURN_IF(failed, error, ERROR_FAILED, "%s: line %u: waited in vain", script->path, script->line_number);
	return true;
}

int script_timeout(const struct script *script)
{
	if (script->wait != WAIT_TIME)
		return script->wait == WAIT_NOTHING ? 0 : 200;
	const double left = script->until - clock_seconds();

	return left > 0 ? (int)(left * 1000) + 1 : 0;
}
