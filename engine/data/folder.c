/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A folder of folders of .txt files, one review a file; the folder's name is the label. Also a folder of .txt files
 * alone, without labels. */
#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/data/encoding.h"
#include "engine/data/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define UNLABELLED UINT32_MAX
#define SAMPLE_FILES 64

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_names(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static bool is_text_file(const char *name)
{
	size_t length = strlen(name);

	return length > 4 && strcmp(name + length - 4, ".txt") == 0;
}

static bool add_name(char ***names, size_t *count, const char *name)
{
	char **more;

	if ((*count & (*count - 1)) == 0) { /* full at every power of two */
		more = size_realloc(*names, *count ? 2 * *count : 1, sizeof **names);
		if (!more)
			return false;
		*names = more;
	}
	(*names)[*count] = strdup(name);
	return (*names)[*count] && ++*count;
}

/* The sorted names of a folder's entries that `wanted` likes. */
static bool list(const char *path, bool (*wanted)(const char *path, const char *name), char ***names, size_t *count,
                 struct error *error)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	bool added = true;

	if (!folder)
		return error_errno(error, "open", path);
	while (added && (entry = readdir(folder)))
		if (entry->d_name[0] != '.' && wanted(path, entry->d_name))
			added = add_name(names, count, entry->d_name);
	closedir(folder);
	if (!added)
		return error_memory(error, "listing a folder");
	if (*count > 1)
		qsort(*names, *count, sizeof **names, by_name);
	return true;
}

static bool want_text_file(const char *path, const char *name)
{
	(void)path;
	return is_text_file(name);
}

static bool want_folder(const char *path, const char *name)
{
	char joined[4096];

	return path_join(joined, sizeof joined, path, name, NULL) && folder_exists(joined);
}

void folder_free(struct folder *folder)
{
	free_names(folder->names, folder->count);
	free_names(folder->labels, folder->label_count);
	free(folder->label_of);
}

/* Takes over the names. */
static bool add_rows(struct folder *folder, char **names, size_t count, uint32_t label)
{
	char **all = size_realloc(folder->names, folder->count + count, sizeof *all);
	uint32_t *labels;

	if (all)
		folder->names = all;
	labels = all ? size_realloc(folder->label_of, folder->count + count, sizeof *labels) : NULL;
	if (!labels) {
		free_names(names, count);
		return false;
	}
	folder->label_of = labels;
	for (size_t i = 0; i < count; i++) {
		all[folder->count] = names[i];
		labels[folder->count++] = label;
	}
	free(names);
	return true;
}

static bool add_folder(struct dataset *dataset, const char *path, uint32_t label, struct error *error)
{
	char **names = NULL;
	size_t count = 0;

	if (!list(path, want_text_file, &names, &count, error)) {
		free_names(names, count);
		return false;
	}
	if (count == 0) {
		free(names);
		return true;
	}
	return add_rows(&dataset->folder, names, count, label) || error_memory(error, "listing a folder");
}

static bool file_path(const struct dataset *dataset, size_t index, char *out, size_t capacity, struct error *error)
{
	const struct folder *folder = &dataset->folder;
	uint32_t label = folder->label_of[index];
	char inner[4096];

	if (label == UNLABELLED)
		return path_join(out, capacity, dataset->path, folder->names[index], error);
	return path_join(inner, sizeof inner, dataset->path, folder->labels[label], error) &&
	       path_join(out, capacity, inner, folder->names[index], error);
}

/* One encoding for all files without a mark, by the evidence of some spread over the folder. */
static bool find_encoding(struct dataset *dataset, struct error *error)
{
	struct encoding_evidence evidence = {0};
	size_t step = dataset->folder.count / SAMPLE_FILES + 1, size;
	char path[4096], block[8192];
	uint64_t length;
	bool read;
	int fd;

	for (size_t i = 0; i < dataset->folder.count; i += step) {
		if (!file_path(dataset, i, path, sizeof path, error) || (fd = file_open(path, &length, error)) < 0)
			return false;
		size = length < sizeof block ? (size_t)length : sizeof block;
		read = file_read_at(fd, block, size, 0, path, error);
		close(fd);
		if (!read)
			return false;
		encoding_observe(&evidence, block, size);
	}
	dataset->encoding = encoding_choose(&evidence);
	return true;
}

static bool name_columns(struct dataset *dataset, bool labelled, struct error *error)
{
	static const char *const names[] = {"text", "label"};

	dataset->names = calloc(2, sizeof *dataset->names);
	for (int i = 0; dataset->names && i < 1 + labelled; i++) {
		dataset->names[i] = strdup(names[i]);
		if (!dataset->names[i])
			break;
		dataset->columns++;
	}
	dataset->text_column = 0;
	dataset->label_column = labelled ? 1 : -1;
	return dataset->columns == 1 + labelled || error_memory(error, "opening a folder");
}

bool folder_open(struct dataset *dataset, struct error *error)
{
	struct folder *folder = &dataset->folder;
	char path[4096];

	if (!list(dataset->path, want_folder, &folder->labels, &folder->label_count, error))
		return false;
	for (size_t i = 0; i < folder->label_count; i++)
		if (!path_join(path, sizeof path, dataset->path, folder->labels[i], error) ||
		    !add_folder(dataset, path, (uint32_t)i, error))
			return false;
	if (folder->count == 0 && !add_folder(dataset, dataset->path, UNLABELLED, error))
		return false;
	RETURN_IF(folder->count == 0, error, ERROR_DATA,
	          "%s: has no LABEL/*.txt in it (a folder of reviews has one sub-folder for each label)", dataset->path);
	dataset->state = INDEX_COMPLETE;
	return name_columns(dataset, folder->label_of[0] != UNLABELLED, error) && find_encoding(dataset, error);
}

static bool read_window(struct row_buffers *buffers, int fd, size_t size, const char *path, struct error *error)
{
	buffers->serial = 0;
	if (size > buffers->window_capacity) {
		free(buffers->window);
		buffers->window_capacity = 0;
		buffers->window = malloc(size);
		if (!buffers->window)
			return error_memory(error, "reading a file");
		buffers->window_capacity = size;
	}
	buffers->window_size = size;
	return file_read_at(fd, buffers->window, size, 0, path, error);
}

static bool take_text(const struct dataset *dataset, struct row *row)
{
	struct row_buffers *buffers = row->buffers;
	enum dataset_encoding encoding = dataset->encoding;
	size_t mark = encoding_mark(buffers->window, buffers->window_size, &encoding);

	buffers->decoded.size = 0;
	if (!buffer_reserve(&buffers->decoded, 0) ||
	    !encoding_decode(encoding, buffers->window + mark, buffers->window_size - mark, &buffers->decoded,
	                     &row->replaced))
		return false;
	if (memchr(buffers->decoded.data, '\0', buffers->decoded.size))
		row->status = ROW_NUL;
	return row_add_field(row, (struct span){buffers->decoded.data, buffers->decoded.size});
}

bool folder_read(const struct dataset *dataset, uint64_t index, struct row *row, struct error *error)
{
	const struct folder *folder = &dataset->folder;
	uint32_t label = folder->label_of[index];
	char path[4096];
	uint64_t size;
	bool read = true;
	int fd;

	if (!file_path(dataset, (size_t)index, path, sizeof path, error) || (fd = file_open(path, &size, error)) < 0)
		return false;
	if (size > DATASET_FIELD_MAX)
		row->status = ROW_TOO_LONG;
	else
		read = read_window(row->buffers, fd, (size_t)size, path, error);
	close(fd);
	if (!read || row->status != ROW_OK)
		return read;
	if (!take_text(dataset, row))
		return error_memory(error, "reading a file");
	if (label == UNLABELLED)
		return true;
	/* "unsup" holds the unlabelled reviews of the IMDb set. */
	if (!row_add_field(row, strcmp(folder->labels[label], "unsup") == 0 ? (struct span){"", 0}
	                                                                     : span_of(folder->labels[label])))
		return error_memory(error, "reading a file");
	return true;
}
