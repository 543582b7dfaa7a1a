/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A folder of folders of .txt files, one review a file; the folder's name is the label. Also a folder of .txt files
 * alone, without labels. All names are read at once: there is nothing to index. */
#include "engine/data/folder.h"

#include "engine/base/file.h"
#include "engine/data/convert.h"
#include "engine/data/detect.h"
#include "engine/data/folder_files.h"
#include "engine/data/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SAMPLE_FILES 64     /* for the encoding, */
#define SAMPLE_SIZE 8192    /* the beginning of each */

/* Fixed after folder_open. */
struct folder {
	struct folder_files files;
	enum dataset_encoding encoding;       /* of files without a mark */
	char encoding_name[DIALECT_WORD_MAX]; /* of ENCODING_NAMED */
};

static void folder_close(void *state)
{
	struct folder *folder = state;

	folder_files_free(&folder->files);
	free(folder);
}

static bool observe_file(const struct folder *folder, size_t index, struct encoding_evidence *evidence,
                         struct buffer *sample, struct error *error)
{
	char path[4096], block[SAMPLE_SIZE];
	uint64_t length;
	size_t size;
	bool read;
	int fd;

	if (!folder_files_path(&folder->files, index, path, sizeof path, error) || (fd = file_open(path, &length, error)) < 0)
		return false;
	size = length < sizeof block ? (size_t)length : sizeof block;
	read = file_read_at(fd, block, size, 0, path, error);
	close(fd);
	if (!read)
		return false;
	encoding_observe(evidence, block, size);
	return (buffer_add(sample, block, size) && buffer_add_byte(sample, '\n')) || error_memory(error, "opening a folder");
}

static bool guess_encoding(struct folder *folder, const char *path, struct shape *shape, struct error *error)
{
	struct encoding_evidence evidence = {0};
	struct buffer sample = {.maximum = 2 * SAMPLE_FILES * SAMPLE_SIZE};
	size_t step = folder->files.count / SAMPLE_FILES + 1;
	bool observed = true;

	for (size_t i = 0; observed && i < folder->files.count; i += step)
		observed = observe_file(folder, i, &evidence, &sample, error);
	observed = observed && detect_by_evidence(path, &evidence, (struct span){sample.data, sample.size}, &folder->encoding,
	                                          &shape->notices, error);
	buffer_free(&sample);
	return observed;
}

/* One encoding for all files without a mark: the one that is named, else by the evidence of some spread over the folder. */
static bool find_encoding(struct folder *folder, const struct opening *opening, struct shape *shape, struct error *error)
{
	const char *wanted = opening->options->dialect.encoding;

	if (!*wanted)
		return guess_encoding(folder, opening->source->path, shape, error);
	if (encoding_of_name(wanted, &folder->encoding))
		return true;
	folder->encoding = ENCODING_NAMED;
	snprintf(folder->encoding_name, sizeof folder->encoding_name, "%s", wanted);
	snprintf(shape->encoding_name, sizeof shape->encoding_name, "%s", wanted);
	return true;
}

static bool name_columns(struct columns *columns, bool labelled, struct error *error)
{
	if (!columns_add(columns, span_of("text")) || (labelled && !columns_add(columns, span_of("label"))))
		return error_memory(error, "opening a folder");
	columns->text = 0;
	columns->label = labelled ? 1 : -1;
	if (labelled)
		columns->traits[1].marked = true;
	return true;
}

static int folder_fits(const struct opening *opening)
{
	return opening->source->folder ? FITS_SURELY : FITS_NOT;
}

static bool fill(struct folder *folder, const struct opening *opening, struct shape *shape, struct error *error)
{
	const char *path = opening->source->path;

	RETURN_IF(!opening->source->folder, error, ERROR_DATA, "%s: is not a folder", path);
	if (!folder_files_find(&folder->files, path, &shape->notices, opening->options->progress, error) ||
	    !find_encoding(folder, opening, shape, error))
		return false;
	shape->encoding = folder->encoding;
	return name_columns(&shape->columns, folder->files.label_of[0] != UNLABELLED, error);
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
	return ((const struct folder *)state)->files.count;
}

static bool read_window(struct row *row, int fd, size_t size, const char *path, struct error *error)
{
	if (!row_window_reserve(row, size))
		return error_memory(error, "reading a file");
	row->buffers->window_size = size;
	return file_read_at(fd, row->buffers->window, size, 0, path, error);
}

static bool decode(const struct folder *folder, struct row *row)
{
	struct row_buffers *buffers = row->buffers;
	enum dataset_encoding encoding = folder->encoding;
	size_t mark = encoding_mark(buffers->window, buffers->window_size, &encoding);
	const char *text = buffers->window + mark;
	size_t size = buffers->window_size - mark;
	uint64_t replaced = 0;

	if (encoding != ENCODING_NAMED)
		return encoding_decode(encoding, text, size, &buffers->decoded, &row->replaced);
	if (!convert_text(folder->encoding_name, text, size, &buffers->decoded, &replaced, NULL))
		return false;
	row->replaced = (uint32_t)replaced;
	return true;
}

static bool take_text(const struct folder *folder, struct row *row)
{
	struct buffer *decoded = &row->buffers->decoded;

	decoded->size = 0;
	if (!buffer_reserve(decoded, 0) || !decode(folder, row))
		return false;
	if (memchr(decoded->data, '\0', decoded->size))
		row->status = ROW_NUL;
	return row_add_field(row, (struct span){decoded->data, decoded->size});
}

/* "unsup" holds the unlabelled reviews of the IMDb set. */
static bool add_label(const struct folder *folder, uint32_t label, struct row *row)
{
	if (label == UNLABELLED)
		return true;
	return row_add_field(row, strcmp(folder->files.labels[label], "unsup") == 0
	                                  ? (struct span){"", 0} : span_of(folder->files.labels[label]));
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
	if (!folder_files_path(&folder->files, (size_t)index, path, sizeof path, error) || (fd = file_open(path, &size, error)) < 0)
		return false;
	if (size > DATASET_FIELD_MAX)
		row->status = ROW_TOO_LONG;
	else
		read = read_window(row, fd, (size_t)size, path, error);
	close(fd);
	if (!read || row->status != ROW_OK)
		return read;
	return (take_text(folder, row) && add_label(folder, folder->files.label_of[index], row)) ||
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
