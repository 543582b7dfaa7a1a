/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/probes.h"

#include "engine/base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 16)

void probes_free(struct probes *probes)
{
	free(probes->texts);
	*probes = (struct probes){0};
}

static struct span trimmed(struct span line)
{
	while (line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t'))
		line = (struct span){line.data + 1, line.size - 1};
	while (line.size > 0 && (line.data[line.size - 1] == ' ' || line.data[line.size - 1] == '\r'))
		line.size--;
	return span_prefix(line, PROBE_BYTES);
}

/* The sentences of a text, empty lines left out; `spans` may be NULL. Returns how many, RUN_PROBES_MAX at most. */
static int split_lines(struct span text, struct span *spans)
{
	int count = 0;

	for (size_t at = 0; at < text.size && count < RUN_PROBES_MAX;) {
		const char *end = memchr(text.data + at, '\n', text.size - at);
		const size_t size = end ? (size_t)(end - text.data) - at : text.size - at;
		const struct span line = trimmed((struct span){text.data + at, size});

		if (line.size > 0 && spans)
			spans[count] = line;
		count += line.size > 0;
		at += size + 1;
	}
	return count;
}

void probes_follow(struct probes *probes, const char *run)
{
	char path[4096];
	struct stat status;
	size_t size = 0;

	if (!path_join(path, sizeof path, run, PROBES_FILE, NULL) || stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
		probes_free(probes);
		return;
	}
	if (probes->texts && status.st_size == probes->size && status.st_mtim.tv_sec == probes->changed.tv_sec &&
	    status.st_mtim.tv_nsec == probes->changed.tv_nsec)
		return;
	probes_free(probes);
	probes->texts = file_read(path, FILE_MAX, &size, NULL);
	if (!probes->texts)
		return;
	probes->size = status.st_size;
	probes->changed = status.st_mtim;
	probes->count = split_lines((struct span){probes->texts, size}, probes->spans);
}

bool probes_begin(const char *run, const char *lines, struct error *error)
{
	char path[4096];

	if (lines[0] == '\0' || !path_join(path, sizeof path, run, PROBES_FILE, error))
		return lines[0] == '\0';
	return file_exists(path) || file_replace(path, lines, strlen(lines), error);
}

/* A line of its own, whatever the text has in it. */
static bool append_line(const char *path, const char *text, struct error *error)
{
	char line[PROBE_BYTES + 2];
	const struct span cut = span_prefix(span_of(text), PROBE_BYTES);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
	bool done;

	if (fd < 0)
		return error_errno(error, "write", path);
	line[0] = '\n'; /* the last one may have no end */
	for (size_t i = 0; i < cut.size; i++)
		line[i + 1] = cut.data[i] == '\n' || cut.data[i] == '\r' ? ' ' : cut.data[i];
	line[cut.size + 1] = '\n';
	done = file_write_all(fd, line, cut.size + 2, path, error);
	close(fd);
	return done;
}

bool run_add_probe(const char *directory, const char *text, struct error *error)
{
	char path[4096];
	struct probes probes = {0};
	int count;

	RETURN_IF(trimmed(span_of(text)).size == 0, error, ERROR_USAGE, "a probe is a sentence");
	if (!path_join(path, sizeof path, directory, PROBES_FILE, error))
		return false;
	probes_follow(&probes, directory);
	count = probes.count;
	probes_free(&probes);
	RETURN_IF(count >= RUN_PROBES_MAX, error, ERROR_USAGE, "a run follows %d probes at most: edit %s", RUN_PROBES_MAX, path);
	return append_line(path, text, error);
}
