/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A folder of folders of .txt files, one review a file; the folder's name is the label. Also a folder of .txt files
 * alone, without labels. All names are read at once: there is nothing to index. */
#include "engine/data/folder.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/data/encoding.h"
#include "engine/data/row.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define UNLABELLED UINT32_MAX
#define SAMPLE_FILES 64     /* for the encoding, */
#define SAMPLE_SIZE 8192    /* the beginning of each */

/* The .txt files in order. Names are relative to the folder that was opened. Fixed after folder_open. */
struct folder {
	const char *path;
	enum dataset_encoding encoding; /* of files without a mark */
	char **names;                   /* [count] */
	char **labels;                  /* [label_count], of sub-folders */
	uint32_t *label_of;             /* [count] */
	size_t count, label_count;
};

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

static void folder_close(void *state)
{
	struct folder *folder = state;

	free_names(folder->names, folder->count);
	free_names(folder->labels, folder->label_count);
	free(folder->label_of);
	free(folder);
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

static bool add_folder(struct folder *folder, const char *path, uint32_t label, struct error *error)
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
	return add_rows(folder, names, count, label) || error_memory(error, "listing a folder");
}

static bool file_path(const struct folder *folder, size_t index, char *out, size_t capacity, struct error *error)
{
	uint32_t label = folder->label_of[index];
	char inner[4096];

	if (label == UNLABELLED)
		return path_join(out, capacity, folder->path, folder->names[index], error);
	return path_join(inner, sizeof inner, folder->path, folder->labels[label], error) &&
	       path_join(out, capacity, inner, folder->names[index], error);
}

static bool observe_file(const struct folder *folder, size_t index, struct encoding_evidence *evidence,
                         struct error *error)
{
	char path[4096], block[SAMPLE_SIZE];
	uint64_t length;
	size_t size;
	bool read;
	int fd;

	if (!file_path(folder, index, path, sizeof path, error) || (fd = file_open(path, &length, error)) < 0)
		return false;
	size = length < sizeof block ? (size_t)length : sizeof block;
	read = file_read_at(fd, block, size, 0, path, error);
	close(fd);
	if (read)
		encoding_observe(evidence, block, size);
	return read;
}

/* One encoding for all files without a mark, by the evidence of some spread over the folder. */
static bool find_encoding(struct folder *folder, struct error *error)
{
	struct encoding_evidence evidence = {0};
	size_t step = folder->count / SAMPLE_FILES + 1;

	for (size_t i = 0; i < folder->count; i += step)
		if (!observe_file(folder, i, &evidence, error))
			return false;
	folder->encoding = encoding_choose(&evidence);
	return true;
}

static bool name_columns(struct columns *columns, bool labelled, struct error *error)
{
	if (!columns_add(columns, span_of("text")) || (labelled && !columns_add(columns, span_of("label"))))
		return error_memory(error, "opening a folder");
	columns->text = 0;
	columns->label = labelled ? 1 : -1;
	return true;
}

static bool list_files(struct folder *folder, struct error *error)
{
	char path[4096];

	if (!list(folder->path, want_folder, &folder->labels, &folder->label_count, error))
		return false;
	for (size_t i = 0; i < folder->label_count; i++)
		if (!path_join(path, sizeof path, folder->path, folder->labels[i], error) ||
		    !add_folder(folder, path, (uint32_t)i, error))
			return false;
	if (folder->count == 0 && !add_folder(folder, folder->path, UNLABELLED, error))
		return false;
	RETURN_IF(folder->count == 0, error, ERROR_DATA,
	          "%s: has no LABEL/*.txt in it (a folder of reviews has one sub-folder for each label)", folder->path);
	return true;
}

static int folder_fits(const struct opening *opening)
{
	return opening->source->folder ? FITS_SURELY : FITS_NOT;
}

static bool fill(struct folder *folder, const struct opening *opening, struct shape *shape, struct error *error)
{
	folder->path = opening->source->path;
	RETURN_IF(!opening->source->folder, error, ERROR_DATA, "%s: is not a folder", folder->path);
	if (!list_files(folder, error) || !find_encoding(folder, error))
		return false;
	shape->encoding = folder->encoding;
	return name_columns(&shape->columns, folder->label_of[0] != UNLABELLED, error);
}

static void *folder_open(const struct opening *opening, struct shape *shape, struct error *error)
{
	struct folder *folder = calloc(1, sizeof *folder);

	if (!folder) {
		error_memory(error, "opening a folder");
		return NULL;
	}
	if (fill(folder, opening, shape, error))
		return folder;
	folder_close(folder);
	return NULL;
}

static uint64_t folder_rows(const void *state)
{
	return ((const struct folder *)state)->count;
}

static bool read_window(struct row *row, int fd, size_t size, const char *path, struct error *error)
{
	if (!row_window_reserve(row, size))
		return error_memory(error, "reading a file");
	row->buffers->window_size = size;
	return file_read_at(fd, row->buffers->window, size, 0, path, error);
}

static bool take_text(const struct folder *folder, struct row *row)
{
	struct row_buffers *buffers = row->buffers;
	enum dataset_encoding encoding = folder->encoding;
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

/* "unsup" holds the unlabelled reviews of the IMDb set. */
static bool add_label(const struct folder *folder, uint32_t label, struct row *row)
{
	if (label == UNLABELLED)
		return true;
	return row_add_field(row, strcmp(folder->labels[label], "unsup") == 0 ? (struct span){"", 0}
	                                                                      : span_of(folder->labels[label]));
}

static bool folder_read(void *state, uint64_t index, const struct columns *columns, struct row *row,
                        struct error *error)
{
	const struct folder *folder = state;
	char path[4096];
	uint64_t size;
	bool read = true;
	int fd;

	(void)columns;
	if (!file_path(folder, (size_t)index, path, sizeof path, error) || (fd = file_open(path, &size, error)) < 0)
		return false;
	if (size > DATASET_FIELD_MAX)
		row->status = ROW_TOO_LONG;
	else
		read = read_window(row, fd, (size_t)size, path, error);
	close(fd);
	if (!read || row->status != ROW_OK)
		return read;
	return (take_text(folder, row) && add_label(folder, folder->label_of[index], row)) ||
	       error_memory(error, "reading a file");
}

const struct reader reader_folder = {
	.name = "folder",
	.format = DATASET_FOLDER,
	.fits_bytes = folder_fits,
	.open = folder_open,
	.rows = folder_rows,
	.read = folder_read,
	.close = folder_close,
};
