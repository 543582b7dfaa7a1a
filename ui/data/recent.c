/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data/recent.h"

#include "ui/terminal/history.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char file_name[] = "recent-files";

void recent_load(struct recent *recent)
{
	char *line = NULL;
	size_t capacity = 0;
	ssize_t size;
	FILE *file = history_open(file_name);

	while (file && recent->count < RECENT_MAX && (size = getline(&line, &capacity, file)) > 0) {
		if (line[size - 1] == '\n')
			line[size - 1] = '\0';
		if (*line == '/' && strlen(line) < PATH_MAX && (recent->paths[recent->count] = strdup(line)))
			recent->count++;
	}
	free(line);
	if (file)
		fclose(file);
}

void recent_save(const struct recent *recent)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	for (int i = 0; i < recent->count; i++)
		fprintf(out, "%s\n", recent->paths[i]);
	if (fclose(out) == 0)
		history_write(file_name, text, size);
	free(text);
}

void recent_free(struct recent *recent)
{
	for (int i = 0; i < recent->count; i++)
		free(recent->paths[i]);
	*recent = (struct recent){.count = 0};
}

static bool make_absolute(const char *path, char out[PATH_MAX])
{
	char folder[PATH_MAX];
	int size;

	if (*path == '/')
		size = snprintf(out, PATH_MAX, "%s", path);
	else if (getcwd(folder, sizeof folder))
		size = snprintf(out, PATH_MAX, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, path);
	else
		return false;
	return size < PATH_MAX && !strchr(out, '\n');
}

bool recent_add(struct recent *recent, const char *path)
{
	char whole[PATH_MAX], *copy;
	int from = 0;

	if (!make_absolute(path, whole) || (recent->count > 0 && strcmp(recent->paths[0], whole) == 0) || !(copy = strdup(whole)))
		return false;
	while (from < recent->count && strcmp(recent->paths[from], whole) != 0)
		from++;
	if (from == RECENT_MAX)
		from--;
	if (from < recent->count)
		free(recent->paths[from]);
	else
		recent->count++;
	memmove(recent->paths + 1, recent->paths, (size_t)from * sizeof *recent->paths);
	recent->paths[0] = copy;
	return true;
}
