/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct setting_row setting_rows[SETTING_COUNT] = {
#define X(id, name, words, preset, least, most, help) [SETTING_##id] = {name, words, preset, least, most, help},
	SETTINGS(X)
#undef X
};

void settings_init(struct settings *settings)
{
	for (int i = 0; i < SETTING_COUNT; i++)
		setting_set(settings, i, setting_rows[i].preset, NULL);
}

static bool same_name(const char *name, const char *given, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (name[i] != (given[i] == '_' ? '-' : given[i]))
			return false;
	return name[size] == '\0';
}

int setting_find(const char *name, size_t size)
{
	for (int i = 0; i < SETTING_COUNT; i++)
		if (size > 0 && same_name(setting_rows[i].name, name, size))
			return i;
	return -1;
}

/* The place of `text` among words; -1: it is none of them. */
static int find_word(const char *words, const char *text)
{
	for (int place = 0; *words; place++) {
		const size_t size = strcspn(words, "|");

		if (strlen(text) == size && memcmp(words, text, size) == 0)
			return place;
		words += size + (words[size] == '|');
	}
	return -1;
}

static int find_switch(const char *text)
{
	const int place = find_word("off|on|false|true|no|yes|0|1", text);

	return place < 0 ? -1 : place % 2;
}

static bool set_number(const struct setting_row *row, int *value, const char *text, struct error *error)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	RETURN_IF(errno || end == text || *end || number < row->least || number > row->most, error, ERROR_USAGE,
	          "%s: \"%.40s\" is not a whole number from %d to %d", row->name, text, row->least, row->most);
	*value = (int)number;
	return true;
}

bool setting_set(struct settings *settings, int setting, const char *text, struct error *error)
{
	const struct setting_row *row = &setting_rows[setting];
	int place;

	if (!row->words[0])
		return set_number(row, &settings->values[setting], text, error);
	place = strcmp(row->words, SETTING_SWITCH) == 0 ? find_switch(text) : find_word(row->words, text);
	RETURN_IF(place < 0, error, ERROR_USAGE, "%s: \"%.40s\" is none of %s", row->name, text, row->words);
	settings->values[setting] = place;
	return true;
}

void setting_format(const struct settings *settings, int setting, char out[SETTING_TEXT_MAX])
{
	const struct setting_row *row = &setting_rows[setting];
	const char *word = row->words;

	if (!*word) {
		snprintf(out, SETTING_TEXT_MAX, "%d", settings->values[setting]);
		return;
	}
	for (int i = 0; i < settings->values[setting]; i++)
		word += strcspn(word, "|") + 1;
	snprintf(out, SETTING_TEXT_MAX, "%.*s", (int)strcspn(word, "|"), word);
}

bool setting_is_default(const struct settings *settings, int setting)
{
	struct settings presets;

	settings_init(&presets);
	return settings->values[setting] == presets.values[setting];
}
