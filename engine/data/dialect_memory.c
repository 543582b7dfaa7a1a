/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A line a file of reviews: its path, then NAME=VALUE for each row of the dialect that was said, separated by TABs; in the
 * path \\, \t and \n stand for what they stand for in C. The newest is the last. Lines that say anything else are left out,
 * since whoever can write there could write anything. */
#include "engine/dialect.h"

#include "engine/base/buffer.h"
#include "engine/base/file.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 200
#define FILE_MAX ((size_t)4 << 20) /* more than that many of the longest paths would need; a larger file is not ours */

struct entry {
	char *path;
	struct dataset_dialect dialect;
};

struct entries {
	struct entry of[ENTRIES_MAX];
	int count;
};

struct dialect_memory {
	pthread_mutex_t mutex;
	char *file;            /* NULL: nothing is kept */
	bool only_reads;       /* ... of what is said from now on */
	struct entries own;    /* what was said in this process */
};

/* Entries, the newest last */

static void entries_remove(struct entries *entries, int i)
{
	free(entries->of[i].path);
	entries->count--;
	memmove(&entries->of[i], &entries->of[i + 1], (size_t)(entries->count - i) * sizeof entries->of[0]);
}

static void entries_free(struct entries *entries)
{
	while (entries->count > 0)
		entries_remove(entries, entries->count - 1);
}

static const struct entry *entries_find(const struct entries *entries, const char *path)
{
	for (int i = entries->count - 1; i >= 0; i--)
		if (strcmp(entries->of[i].path, path) == 0)
			return &entries->of[i];
	return NULL;
}

static void entries_forget(struct entries *entries, const char *path)
{
	for (int i = entries->count - 1; i >= 0; i--)
		if (strcmp(entries->of[i].path, path) == 0)
			entries_remove(entries, i);
}

static bool entries_put(struct entries *entries, const char *path, const struct dataset_dialect *dialect)
{
	char *copy = strdup(path);

	if (!copy)
		return false;
	entries_forget(entries, path);
	if (entries->count == ENTRIES_MAX)
		entries_remove(entries, 0);
	entries->of[entries->count++] = (struct entry){copy, *dialect};
	return true;
}

/* Their file */

/* Takes the escapes out, in place. False where there is one that is not ours. */
static bool decode_path(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text != '\\') {
			*to++ = *text;
			continue;
		}
		text++;
		if (*text != '\\' && *text != 't' && *text != 'n')
			return false;
		*to++ = *text == 't' ? '\t' : *text == 'n' ? '\n' : '\\';
	}
	*to = '\0';
	return true;
}

static bool read_member(struct dataset_dialect *dialect, char *text)
{
	char *value = strchr(text, '=');
	int row;

	if (!value)
		return false;
	*value++ = '\0';
	row = dialect_find(text);
	return row >= 0 && dialect_set(dialect, row, value, NULL);
}

static void read_line(struct entries *entries, char *line)
{
	struct dataset_dialect dialect = {0};
	char *member = line + strcspn(line, "\t");

	while (*member) {
		char *text = member + 1, *next = text + strcspn(text, "\t");
		const char more = *next;

		*member = *next = '\0';
		if (!read_member(&dialect, text))
			return;
		member = next;
		*member = more;
	}
	if (line[0] == '/' && strlen(line) < 2 * PATH_MAX && decode_path(line))
		entries_put(entries, line, &dialect);
}

/* What is not there, or cannot be read, holds nothing. */
static void entries_read(struct entries *entries, const char *file)
{
	size_t size;
	char *text = file ? file_read(file, FILE_MAX, &size, NULL) : NULL, *line = text;

	while (line && *line) {
		char *end = line + strcspn(line, "\n");
		const bool whole = *end == '\n';

		*end = '\0';
		if (whole)
			read_line(entries, line);
		line = whole ? end + 1 : end;
	}
	free(text);
}

static bool add_path(struct buffer *out, const char *path)
{
	bool added = true;

	for (; added && *path; path++)
		added = *path == '\n'   ? buffer_add_text(out, "\\n")
		        : *path == '\t' ? buffer_add_text(out, "\\t")
		        : *path == '\\' ? buffer_add_text(out, "\\\\")
		                        : buffer_add_byte(out, *path);
	return added;
}

static bool add_entry(struct buffer *out, const struct entry *entry)
{
	char value[DIALECT_WORD_MAX];

	if (!add_path(out, entry->path))
		return false;
	for (int row = 0; row < DIALECT_ROW_COUNT; row++) {
		dialect_format(&entry->dialect, row, value);
		if (strcmp(value, "auto") != 0 && !buffer_format(out, "\t%s=%s", dialect_rows[row].name, value))
			return false;
	}
	return buffer_add_byte(out, '\n');
}

static bool make_folder_of(const char *file, struct error *error)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(file, '/');

	if (!slash || slash == file || (size_t)(slash - file) >= sizeof folder)
		return true;
	memcpy(folder, file, (size_t)(slash - file));
	folder[slash - file] = '\0';
	return folder_make(folder, error);
}

static bool entries_write(const struct entries *entries, const char *file, struct error *error)
{
	struct buffer out = {.maximum = FILE_MAX};
	bool done = true;

	for (int i = 0; done && i < entries->count; i++)
		done = add_entry(&out, &entries->of[i]);
	done = done ? make_folder_of(file, error) && file_replace(file, out.data ? out.data : "", out.size, error)
	            : error_memory(error, "remembering how a file is read");
	buffer_free(&out);
	return done;
}

/* The memory */

struct dialect_memory *dialect_memory_new(struct error *error)
{
	struct dialect_memory *memory = calloc(1, sizeof *memory);

	if (memory)
		pthread_mutex_init(&memory->mutex, NULL);
	else
		error_memory(error, "remembering how files are read");
	return memory;
}

void dialect_memory_free(struct dialect_memory *memory)
{
	if (!memory)
		return;
	entries_free(&memory->own);
	pthread_mutex_destroy(&memory->mutex);
	free(memory->file);
	free(memory);
}

bool dialect_memory_keep(struct dialect_memory *memory, const char *file, struct error *error)
{
	memory->file = strdup(file);
	return memory->file || error_memory(error, "remembering how files are read");
}

void dialect_memory_write(struct dialect_memory *memory, bool write)
{
	pthread_mutex_lock(&memory->mutex);
	memory->only_reads = !write;
	pthread_mutex_unlock(&memory->mutex);
}

bool dialect_memory_find(struct dialect_memory *memory, const char *path, struct dataset_dialect *dialect)
{
	struct entries kept = {.count = 0};
	const struct entry *entry;

	pthread_mutex_lock(&memory->mutex);
	entry = entries_find(&memory->own, path);
	if (!entry) {
		entries_read(&kept, memory->file);
		entry = entries_find(&kept, path);
	}
	if (entry)
		*dialect = entry->dialect;
	entries_free(&kept);
	pthread_mutex_unlock(&memory->mutex);
	return entry;
}

bool dialect_memory_put(struct dialect_memory *memory, const char *path, const struct dataset_dialect *dialect,
                        struct error *error)
{
	struct entries kept = {.count = 0};
	bool done, writes;

	pthread_mutex_lock(&memory->mutex);
	writes = memory->file && !memory->only_reads;
	done = entries_put(&memory->own, path, dialect);
	if (done && writes) {
		entries_read(&kept, memory->file);
		entries_forget(&kept, path);
		done = dialect_is_empty(dialect) || entries_put(&kept, path, dialect);
	}
	if (!done)
		error_memory(error, "remembering how a file is read");
	else if (writes)
		done = entries_write(&kept, memory->file, error);
	entries_free(&kept);
	pthread_mutex_unlock(&memory->mutex);
	return done;
}
