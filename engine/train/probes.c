/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/probes.h"

#include "engine/base/file.h"
#include "engine/text/unicode.h"

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
	return line;
}

/* The line that begins at *at, without blanks around it; *at goes to the next. */
static struct span next_line(struct span text, size_t *at)
{
	const char *from = text.data + *at, *end = memchr(from, '\n', text.size - *at);
	const size_t size = end ? (size_t)(end - from) : text.size - *at;

	*at += size + 1;
	return trimmed((struct span){from, size});
}

/* The sentences of a text, empty lines left out; `spans` may be NULL. Returns how many, RUN_PROBES_MAX at most. */
static int split_lines(struct span text, struct span *spans)
{
	int count = 0;

	for (size_t at = 0; at < text.size && count < RUN_PROBES_MAX;) {
		const struct span line = span_prefix(next_line(text, &at), PROBE_BYTES);

		if (line.size > 0 && spans)
			spans[count] = line;
		count += line.size > 0;
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

/* False: bytes that no text in UTF-8 has, as of a picture or of UTF-16. */
static bool is_text(struct span text)
{
	const unsigned char *at = (const unsigned char *)text.data, *end = at + text.size;

	while (at < end) {
		const unsigned char *from = at;
		const uint32_t point = unicode_decode(&at, end);

		if (point == 0 || (point == 0xFFFD && (at - from != 3 || memcmp(from, "\xEF\xBF\xBD", 3) != 0)))
			return false;
	}
	return true;
}

/* Adds a line of the file to the others. */
static bool take_line(struct span line, int count, char lines[OPTION_TEXT_MAX], struct error *error)
{
	const size_t used = strlen(lines);

	RETURN_IF(count >= RUN_PROBES_MAX, error, ERROR_DATA, "one sentence too many: %d are followed at most", RUN_PROBES_MAX);
	RETURN_IF(line.size > PROBE_BYTES, error, ERROR_DATA, "the sentence has more than %d bytes", PROBE_BYTES);
	RETURN_IF(used + line.size + 2 > OPTION_TEXT_MAX, error, ERROR_DATA, "the sentences have more than %d bytes together",
	          OPTION_TEXT_MAX - 1);
	snprintf(lines + used, OPTION_TEXT_MAX - used, "%s%.*s", used ? "\n" : "", (int)line.size, line.data);
	return true;
}

static bool take_lines(struct span text, char lines[OPTION_TEXT_MAX], struct error *error)
{
	int count = 0, number = 1;

	RETURN_IF(!is_text(text), error, ERROR_DATA, "not a text in UTF-8: probes are sentences, one a line");
	for (size_t at = 0; at < text.size; number++) {
		const struct span line = next_line(text, &at);

		if (line.size > 0 && !take_line(line, count++, lines, error))
			return error_prefix(error, "line %d", number);
	}
	RETURN_IF(count == 0, error, ERROR_DATA, "no sentence in it: probes are sentences, one a line");
	return true;
}

bool run_read_probes(const char *path, char lines[OPTION_TEXT_MAX], struct error *error)
{
	size_t size = 0;
	char *text = file_read(path, FILE_MAX, &size, error);
	const size_t mark = text && size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	bool done;

	lines[0] = '\0';
	if (!text)
		return false;
	done = take_lines((struct span){text + mark, size - mark}, lines, error) || error_prefix(error, "%s", path);
	free(text);
	return done;
}

static bool follows(const struct probes *probes, struct span text)
{
	for (int i = 0; i < probes->count; i++)
		if (span_equal(probes->spans[i], text))
			return true;
	return false;
}

bool run_add_probes(const char *directory, const char *lines, struct error *error)
{
	const struct span text = span_of(lines);
	char line[PROBE_BYTES + 1];
	struct probes probes = {0};
	bool done = true;

	probes_follow(&probes, directory);
	for (size_t at = 0; done && at < text.size;) {
		const struct span probe = span_prefix(next_line(text, &at), PROBE_BYTES);

		snprintf(line, sizeof line, "%.*s", (int)probe.size, probe.data);
		done = probe.size == 0 || follows(&probes, probe) || run_add_probe(directory, line, error);
	}
	probes_free(&probes);
	return done;
}
