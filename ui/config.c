/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/config.h"

#include "engine/nearest.h"
#include "ui/action.h"
#include "ui/keymap.h"
#include "ui/terminal/key.h"
#include "ui/terminal/small_file.h"

#include <stdlib.h>
#include <string.h>

#define CONFIG_BYTES_MAX ((size_t)1 << 20)

const struct config_screen config_screens[] = {
	{"everywhere", ANYWHERE}, {"lists", IN_LISTS}, {"data", IN_DATA}, {"files", IN_FILES}, {"dialect", IN_DIALECT},
	{"reviews", IN_REVIEWS},
	{"form", IN_FORM}, {"charts", IN_RUN}, {"score", IN_SCORE}, {"runs", IN_RUNS}, {"help", IN_HELP},
	{NULL, 0},
};

static const char blanks[] = " \t\r\n";

/* The next word of *line, which moves past it; `size` 0: there is none. */
static const char *take_word(const char **line, size_t *size)
{
	const char *word = *line + strspn(*line, blanks);

	*size = strcspn(word, blanks);
	*line = word + *size;
	return word;
}

static const char *skip_blanks(const char *line)
{
	return line + strspn(line, blanks);
}

static unsigned find_screen(const char *word, size_t size)
{
	for (const struct config_screen *screen = config_screens; screen->name; screen++) {
		if (strlen(screen->name) == size && memcmp(screen->name, word, size) == 0)
			return screen->contexts;
	}
	return 0;
}

static bool unknown_action(const char *word, size_t size, struct error *error)
{
	char wanted[NEAREST_NAME_MAX];
	struct nearest nearest = {.wanted = wanted};

	snprintf(wanted, sizeof wanted, "%.*s", (int)(size < sizeof wanted ? size : sizeof wanted - 1), word);
	for (int i = 0; i < ACTION_COUNT; i++)
		nearest_offer(&nearest, action_rows[i].name);
	if (nearest.name)
		return error_set(error, ERROR_USAGE, "no action is called \"%s\"; did you mean \"%s\"?", wanted, nearest.name);
	return error_set(error, ERROR_USAGE, "no action is called \"%s\" (F1 shows all)", wanted);
}

/* The contexts where a key can mean the action: of `wanted`, or all. */
static bool parse_action(struct config_map *map, unsigned wanted, const char **line, struct error *error)
{
	const char *word;
	size_t size;
	unsigned own, valid;

	word = take_word(line, &size);
	RETURN_IF(size == 0, error, ERROR_USAGE, "map: which action? map [SCREEN] KEY ACTION [WORDS]");
	map->action = action_by_name(word, size);
	if (map->action == ACTION_NONE)
		return unknown_action(word, size, error);
	own = action_rows[map->action].contexts & (ANYWHERE | IN_PLAIN);
	valid = action_rows[map->action].contexts & BY_NAME ? ANYWHERE : own;
	map->contexts = wanted ? wanted & valid : own;
	RETURN_IF(map->contexts == 0, error, ERROR_USAGE, "%s cannot be done on that screen", action_rows[map->action].name);
	return true;
}

bool config_map_parse(const char *line, bool unmaps, struct config_map *map, struct error *error)
{
	const char *word;
	unsigned screen;
	size_t size;

	word = take_word(&line, &size);
	screen = find_screen(word, size);
	if (screen)
		word = take_word(&line, &size);
	RETURN_IF(size == 0, error, ERROR_USAGE, "which key? %s", unmaps ? "unmap [SCREEN] KEY" : "map [SCREEN] KEY ACTION [WORDS]");
	*map = (struct config_map){.contexts = screen ? screen : ANYWHERE, .key = key_parse(word, size), .action = ACTION_NONE};
	RETURN_IF(map->key == UI_KEY_NONE, error, ERROR_USAGE, "no key is called %.*s: F6, Ctrl-T, Alt-x, Space, Enter, PgDn, x ...",
	          (int)(size < 40 ? size : 40), word);
	if (!unmaps && !parse_action(map, screen, &line, error))
		return false;
	map->words = skip_blanks(line);
	RETURN_IF(!unmaps && *map->words && !*action_rows[map->action].argument, error, ERROR_USAGE,
	          "\"%s\" takes nothing after its name", action_rows[map->action].name);
	return true;
}

static bool do_map(const char *line, bool unmaps, struct error *error)
{
	struct config_map map;

	if (!config_map_parse(line, unmaps, &map, error))
		return false;
	RETURN_IF(!keymap_bind(map.contexts, map.key, map.action, map.words), error, ERROR_USAGE,
	          "%d keys at most can be mapped, to actions with %d bytes of words", KEYMAP_MAX, KEYMAP_ARGUMENT_MAX - 1);
	return true;
}

static bool unknown_setting(const char *word, size_t size, struct error *error)
{
	char wanted[NEAREST_NAME_MAX];
	struct nearest nearest = {.wanted = wanted};

	snprintf(wanted, sizeof wanted, "%.*s", (int)(size < sizeof wanted ? size : sizeof wanted - 1), word);
	for (int i = 0; i < SETTING_COUNT; i++)
		nearest_offer(&nearest, setting_rows[i].name);
	if (nearest.name)
		return error_set(error, ERROR_USAGE, "no setting is called \"%s\"; did you mean \"%s\"?", wanted, nearest.name);
	return error_set(error, ERROR_USAGE, "no setting is called \"%s\" (F1 shows all)", wanted);
}

static bool do_set(struct settings *settings, const char *line, struct error *error)
{
	const char *word;
	char value[64];
	size_t size;
	int setting;

	word = take_word(&line, &size);
	RETURN_IF(size == 0, error, ERROR_USAGE, "set: which setting? set NAME VALUE");
	setting = setting_find(word, size);
	if (setting < 0)
		return unknown_setting(word, size, error);
	word = take_word(&line, &size);
	RETURN_IF(*skip_blanks(line), error, ERROR_USAGE, "%s: one word is its value", setting_rows[setting].name);
	snprintf(value, sizeof value, "%.*s", (int)(size < sizeof value ? size : sizeof value - 1), word);
	return setting_set(settings, setting, value, error);
}

const char *config_word(const char *line, const char **rest)
{
	static const char *const words[] = {"set", "map", "unmap"};
	const char *word;
	size_t size;

	word = take_word(&line, &size);
	*rest = line;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strlen(words[i]) == size && memcmp(words[i], word, size) == 0)
			return words[i];
	}
	return NULL;
}

bool config_do(struct settings *settings, const char *line, struct error *error)
{
	const char *rest, *word = config_word(line, &rest);

	RETURN_IF(!word, error, ERROR_USAGE, "a line begins with set, map, unmap or #");
	if (strcmp(word, "set") == 0)
		return do_set(settings, rest, error);
	return do_map(rest, *word == 'u', error);
}

bool config_path(char out[PATH_MAX])
{
	const char *own = getenv("REVUE_CONFIG"), *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int size = -1;

	if (own && strcmp(own, "off") == 0)
		return false;
	if (own && *own)
		size = snprintf(out, PATH_MAX, "%s", own);
	else if (config && *config == '/')
		size = snprintf(out, PATH_MAX, "%s/revue/config", config);
	else if (home && *home == '/')
		size = snprintf(out, PATH_MAX, "%s/.config/revue/config", home);
	return size > 0 && size < PATH_MAX - 8;
}

/* A line may have been changed by a hand that slipped: bytes that are no text end it. */
static void read_lines(FILE *file, const char *path, struct settings *settings,
                       void (*complain)(void *context, const struct error *error), void *context)
{
	char *line = NULL;
	size_t capacity = 0;
	unsigned number = 0;

	while (getline(&line, &capacity, file) > 0) {
		const char *text = skip_blanks(line);
		struct error error = {0};

		number++;
		line[strcspn(line, "\r\n")] = '\0';
		if (*text == '\0' || *text == '#' || config_do(settings, text, &error))
			continue;
		error_prefix(&error, "%s: line %u", path, number);
		complain(context, &error);
	}
	free(line);
}

void config_read(const char *path, struct settings *settings, void (*complain)(void *context, const struct error *error),
                 void *context)
{
	struct error error = {0};
	FILE *file = small_file_open(path, CONFIG_BYTES_MAX, &error);

	if (error.kind)
		complain(context, &error);
	if (!file)
		return;
	read_lines(file, path, settings, complain, context);
	fclose(file);
}
