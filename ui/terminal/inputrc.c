/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The format: "Readline Init File" in the manual of GNU readline. */
#include "ui/terminal/inputrc.h"

#include "ui/terminal/small_file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <readline/tilde.h>

#define BYTES_MAX ((size_t)1 << 20) /* of all files together */
#define DEPTH_MAX 16                /* of files that include each other */

struct inputrc {
	inputrc_taker *take;
	struct error *error; /* of the first thing that was left out */
	size_t left;         /* bytes that may still be read */
	int depth;
	struct stat open[DEPTH_MAX]; /* the files that are being read, the outermost first */
};

static bool inputrc_file(struct inputrc *inputrc, const char *name);

/* The file that a line includes; NULL: it is another line. */
static const char *inputrc_included(const char *line)
{
	static const char word[] = "$include";
	const size_t size = sizeof word - 1;

	line += strspn(line, " \t");
	if (strncasecmp(line, word, size) != 0 || (line[size] != ' ' && line[size] != '\t'))
		return NULL;
	return line + size + strspn(line + size, " \t");
}

/* Keeps the first. */
static void inputrc_complain(struct inputrc *inputrc, const char *path, const char *what)
{
	if (!inputrc->error->kind)
		error_set(inputrc->error, ERROR_USAGE, "%s: %s", path, what);
}

static void inputrc_line(struct inputrc *inputrc, char *line)
{
	const char *name = inputrc_included(line);

	if (name)
		inputrc_file(inputrc, name);
	else
		inputrc->take(line);
}

static void inputrc_lines(struct inputrc *inputrc, const char *path, FILE *file)
{
	char *line = NULL;
	size_t capacity = 0;
	ssize_t size;

	while ((size = getline(&line, &capacity, file)) > 0) {
		if ((size_t)size > inputrc->left) {
			inputrc_complain(inputrc, path, "the settings of readline are longer than 1 MB: the rest is not read");
			break;
		}
		inputrc->left -= (size_t)size;
		line[strcspn(line, "\r\n")] = '\0';
		inputrc_line(inputrc, line);
	}
	free(line);
}

/* False after a complaint. */
static bool inputrc_may_read(struct inputrc *inputrc, const char *path, FILE *file)
{
	struct stat *status;

	if (inputrc->depth == DEPTH_MAX) {
		inputrc_complain(inputrc, path, "is not read: too many files of readline settings include each other");
		return false;
	}
	status = &inputrc->open[inputrc->depth];
	if (fstat(fileno(file), status) != 0)
		return false;
	for (int i = 0; i < inputrc->depth; i++) {
		if (inputrc->open[i].st_dev == status->st_dev && inputrc->open[i].st_ino == status->st_ino) {
			inputrc_complain(inputrc, path, "includes itself: take that $include out");
			return false;
		}
	}
	return true;
}

/* False: it cannot be read. readline's tilde_expand never fails: it ends the program where memory is short. */
static bool inputrc_file(struct inputrc *inputrc, const char *name)
{
	struct error error = {0};
	char *path = tilde_expand(name);
	FILE *file = small_file_open(path, BYTES_MAX, &error);

	if (error.kind && !inputrc->error->kind)
		*inputrc->error = error;
	if (file && inputrc_may_read(inputrc, path, file)) {
		inputrc->depth++;
		inputrc_lines(inputrc, path, file);
		inputrc->depth--;
	}
	if (file)
		fclose(file);
	free(path);
	return file;
}

void inputrc_read(inputrc_taker *take, struct error *error)
{
	struct inputrc inputrc = {.take = take, .error = error, .left = BYTES_MAX};
	const char *named = getenv("INPUTRC");

	if (named && *named)
		inputrc_file(&inputrc, named);
	else if (!inputrc_file(&inputrc, "~/.inputrc"))
		inputrc_file(&inputrc, "/etc/inputrc");
}
