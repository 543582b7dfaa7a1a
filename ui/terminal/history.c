/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/history.h"

#include "ui/terminal/small_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/readline.h>

#define HISTORY_BYTES_MAX ((size_t)64 << 20)

bool history_is_wanted(void)
{
	const char *wanted = getenv("REVUE_HISTORY");

	return !wanted || strcmp(wanted, "off") != 0;
}

/* Makes every folder of `path` up to its last '/'. */
static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

bool history_path(const char *name, char out[PATH_MAX])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int size = -1;

	if (state && *state == '/')
		size = snprintf(out, PATH_MAX, "%s/revue/%s", state, name);
	else if (home && *home == '/')
		size = snprintf(out, PATH_MAX, "%s/.local/state/revue/%s", home, name);
	return size > 0 && size < PATH_MAX - 8;
}

/* Turns \n and \\ back, in place. */
static void history_decode(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\\' && text[1])
			*to++ = *++text == 'n' ? '\n' : *text;
		else
			*to++ = *text;
	}
	*to = '\0';
}

static void history_encode(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n' || *text == '\\')
			fputc('\\', file);
		fputc(*text == '\n' ? 'n' : *text, file);
	}
	fputc('\n', file);
}

void history_append(const char *text)
{
	const HIST_ENTRY *newest = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;

	if (newest && strcmp(newest->line, text) == 0)
		return;
	add_history(text);
	while (history_length > HISTORY_ENTRIES_MAX)
		free_history_entry(remove_history(0));
}

void history_load(const char *name)
{
	char path[PATH_MAX], *text = NULL;
	struct error ignored = {0};
	size_t capacity = 0;
	ssize_t size;
	FILE *file;

	if (!history_path(name, path) || !(file = small_file_open(path, HISTORY_BYTES_MAX, &ignored)))
		return;
	while ((size = getline(&text, &capacity, file)) > 0) {
		if (text[size - 1] == '\n')
			text[size - 1] = '\0';
		history_decode(text);
		if (*text)
			history_append(text);
	}
	free(text);
	fclose(file);
}

void history_save(const char *name)
{
	char path[PATH_MAX], temporary[PATH_MAX + 8];
	FILE *file;
	int fd;

	if (history_length == 0 || !history_path(name, path))
		return;
	make_folders(path);
	snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC); /* made with mode 0600 */
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!file)
		return;
	for (int i = 0; i < history_length; i++)
		history_encode(file, history_get(history_base + i)->line);
	if (fclose(file) != 0 || rename(temporary, path) != 0)
		unlink(temporary);
}

HISTORY_STATE history_copy_state(void)
{
	HISTORY_STATE *state = history_get_history_state();
	HISTORY_STATE copy = {0};

	if (state)
		copy = *state;
	free(state);
	return copy;
}
