/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/config.h"

#include "ui/action.h"
#include "ui/keymap.h"
#include "ui/terminal/key.h"
#include "ui/terminal/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CONFIG_BYTES_MAX ((size_t)1 << 20)

/* What stands in the new file already. */
struct written {
	bool settings[SETTING_COUNT];
	bool bindings[KEYMAP_MAX];
};

static void put_setting(FILE *out, const struct settings *settings, int setting)
{
	char value[SETTING_TEXT_MAX];

	setting_format(settings, setting, value);
	fprintf(out, "set %s %s\n", setting_rows[setting].name, value);
}

/* A line for each of the named screens that make up the contexts; one without a screen where they are all that the action has. */
static void put_binding(FILE *out, const struct binding *binding)
{
	const bool unmaps = binding->action == ACTION_NONE;
	unsigned left = binding->contexts;
	const unsigned all = unmaps ? ANYWHERE : action_rows[binding->action].contexts & ANYWHERE;
	char key[32];

	key_format(binding->key, key, sizeof key);
	for (const struct config_screen *screen = config_screens; screen->name && left; screen++) {
		const bool whole = binding->contexts == all;

		if (!whole && !(screen->contexts & left && (screen->contexts & ~binding->contexts) == 0))
			continue;
		left &= whole ? 0 : ~screen->contexts;
		fprintf(out, "%s %s%s%s%s%s%s%s\n", unmaps ? "unmap" : "map", whole ? "" : screen->name, whole ? "" : " ", key,
		        unmaps ? "" : " ", unmaps ? "" : action_rows[binding->action].name, binding->argument[0] ? " " : "",
		        binding->argument);
	}
}

static void keep_set(FILE *out, const char *rest, const struct settings *settings, struct written *written)
{
	const char *name = rest + strspn(rest, " \t");
	const int setting = setting_find(name, strcspn(name, " \t\r\n"));

	if (setting < 0)
		return;
	if (!written->settings[setting])
		put_setting(out, settings, setting);
	written->settings[setting] = true;
}

static bool is_same(const struct binding *binding, const struct config_map *map)
{
	return binding->contexts == map->contexts && binding->action == map->action && strcmp(binding->argument, map->words) == 0;
}

/* The keys that the line was about, as they are now. */
static void keep_map(FILE *out, const char *line, const struct config_map *map, struct written *written)
{
	for (int i = 0; i < keymap_count(); i++) {
		const struct binding *binding = keymap_at(i);

		if (binding->key != map->key || !(binding->contexts & map->contexts) || written->bindings[i])
			continue;
		if (is_same(binding, map))
			fprintf(out, "%s\n", line);
		else
			put_binding(out, binding);
		written->bindings[i] = true;
	}
}

/* What could not be read is kept too: its writer will want to set it right. */
static void keep_line(FILE *out, char *line, const struct settings *settings, struct written *written)
{
	struct settings scratch = *settings;
	const char *rest, *word = config_word(line, &rest);
	struct config_map map;
	bool sound;

	line[strcspn(line, "\r\n")] = '\0';
	if (word && strcmp(word, "set") == 0)
		sound = config_do(&scratch, line, NULL);
	else
		sound = word && config_map_parse(rest, *word == 'u', &map, NULL);
	if (!sound)
		fprintf(out, "%s\n", line);
	else if (strcmp(word, "set") == 0)
		keep_set(out, rest, settings, written);
	else
		keep_map(out, line, &map, written);
}

static void put_all(FILE *out, FILE *before, const struct settings *settings)
{
	struct written written = {0};
	char *line = NULL;
	size_t capacity = 0;

	while (before && getline(&line, &capacity, before) > 0)
		keep_line(out, line, settings, &written);
	free(line);
	for (int i = 0; i < SETTING_COUNT; i++)
		if (!written.settings[i] && !setting_is_default(settings, i))
			put_setting(out, settings, i);
	for (int i = 0; i < keymap_count(); i++)
		if (!written.bindings[i])
			put_binding(out, keymap_at(i));
}

static void make_folders(const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof folder, "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(folder, 0700);
		*slash = '/';
	}
}

bool config_write(const char *path, const struct settings *settings, struct error *error)
{
	struct error why = {0};
	FILE *before = small_file_open(path, CONFIG_BYTES_MAX, &why), *out;
	char *text = NULL;
	size_t size = 0;
	bool done;

	if (why.kind || (!before && errno != ENOENT)) {
		*error = why;
		return why.kind ? false : error_errno(error, "read", path);
	}
	out = open_memstream(&text, &size);
	if (out)
		put_all(out, before, settings);
	make_folders(path);
	done = out && fclose(out) == 0 ? small_file_replace(path, text, size, error) : error_memory(error, "writing the settings");
	free(text);
	if (before)
		fclose(before);
	return done;
}
