/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening, closing, asking. */
#include "engine/dataset.h"

#include "engine/base/file.h"
#include "engine/base/names.h"
#include "engine/base/number.h"
#include "engine/data/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_BLOCK ((size_t)64 << 10)
#define LOOK_MILLISECONDS 100 /* how late a wish to stop is heard while nothing comes */

/* A file that only this process has, gone when it is closed. */
static int open_temporary(struct error *error)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (!path_join(path, sizeof path, folder && *folder ? folder : "/tmp", "revue-input-XXXXXX", error))
		return -1;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		error_errno(error, "make", path);
	else
		unlink(path);
	return fd;
}

/* Waits until there is something to read, or the other end was closed. False: it was asked to stop. */
static bool wait_for_input(int fd, uint64_t done, const struct progress *progress, const char *name,
                           struct error *error)
{
	struct pollfd input = {.fd = fd, .events = POLLIN};
	int ready;

	do {
		RETURN_IF(!progress_report(progress, "reading bytes", done, 0), error, ERROR_INTERRUPTED,
		          "stopped while reading %s", name);
		ready = poll(&input, 1, LOOK_MILLISECONDS);
	} while (ready == 0 || (ready < 0 && errno == EINTR));
	return true;
}

static bool copy_block(int from, int to, char *block, uint64_t *done, bool *end, const char *name, struct error *error)
{
	ssize_t got = read(from, block, COPY_BLOCK);

	if (got < 0)
		return errno == EINTR || errno == EAGAIN || error_errno(error, "read", name);
	*end = got == 0;
	*done += (uint64_t)got;
	return file_write_all(to, block, (size_t)got, "temporary file", error);
}

static bool copy_input(int from, int to, const struct progress *progress, const char *name, struct error *error)
{
	char *block = malloc(COPY_BLOCK);
	bool copied = block || error_memory(error, "reading a stream"), end = false;
	uint64_t done = 0;

	while (copied && !end)
		copied = wait_for_input(from, done, progress, name, error) &&
		         copy_block(from, to, block, &done, &end, name, error);
	free(block);
	return copied;
}

/* All that can be read from `from` as a file. */
static int file_of_stream(int from, const struct progress *progress, const char *name, struct error *error)
{
	int fd = open_temporary(error);

	if (fd >= 0 && !copy_input(from, fd, progress, name, error)) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool is_pipe(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

static int open_pipe(const char *path, const struct dataset_options *options, struct error *error)
{
	int pipe, fd;

	if (!options->stream) {
		error_set(error, ERROR_USAGE, "%s: is a pipe; this reads its data more than once: save it in a file first", path);
		return -1;
	}
	pipe = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (pipe < 0) {
		error_errno(error, "open", path);
		return -1;
	}
	fd = file_of_stream(pipe, options->progress, path, error);
	close(pipe);
	return fd;
}

static bool open_file(struct dataset *dataset, bool input, const struct dataset_options *options, struct error *error)
{
	struct stat status;
	uint64_t size;

	dataset->fd = input                    ? file_of_stream(STDIN_FILENO, options->progress, dataset->path, error)
	              : is_pipe(dataset->path) ? open_pipe(dataset->path, options, error)
	                                       : file_open(dataset->path, &size, error);
	if (dataset->fd < 0)
		return false;
	if (fstat(dataset->fd, &status) != 0)
		return error_errno(error, "look at", dataset->path);
	dataset->size = (uint64_t)status.st_size;
	dataset->changed = status.st_mtim;
	RETURN_IF(dataset->size == 0, error, ERROR_DATA, "%s: is empty", dataset->path);
	return true;
}

static const char *column_name(const void *dataset, int i)
{
	return dataset_column_name(dataset, i);
}

/* By its number from 1 where no column is called so: a table without a header has no names. */
static int find_numbered(const struct dataset *dataset, const char *text)
{
	int64_t number;

	return number_parse_integer(text, &number) && number >= 1 && number <= dataset->columns ? (int)number - 1 : -1;
}

static bool choose_column(const struct dataset *dataset, const char *name, int *column, struct error *error)
{
	char list[400];

	if (!name)
		return true;
	*column = *name ? dataset_find_column(dataset, name) : -1;
	if (*column < 0 && *name)
		*column = find_numbered(dataset, name);
	if (*column >= 0 || !*name)
		return true;
	names_list(list, sizeof list, dataset->columns, column_name, dataset);
	return error_set(error, ERROR_DATA, "%s: has no column \"%.*s\"; it has: %s", dataset->path, NAME_ARGUMENTS(name),
	                 list);
}

static bool choose_columns(struct dataset *dataset, const struct dataset_options *options, struct error *error)
{
	if (!choose_column(dataset, options->text_column, &dataset->text_column, error) ||
	    !choose_column(dataset, options->label_column, &dataset->label_column, error))
		return false;
	if (dataset->label_column == dataset->text_column && !options->label_column)
		dataset->label_column = -1; /* what is named as the review was a wrong guess at the label */
	return true;
}

static bool prepare_index(struct dataset *dataset, size_t block_size, struct error *error)
{
	dataset->scan.delimiter = dataset->delimiter;
	dataset->scan.quoting = dataset->quoting;
	dataset->scan.blank_rows = dataset->format == DATASET_LINES;
	scan_begin(&dataset->scan, dataset->start);
	dataset->block_size = block_size;
	dataset->block = malloc(block_size);
	dataset->narrow = dataset->unit == 2 ? malloc(block_size / 2) : NULL;
	if (!dataset->block || (dataset->unit == 2 && !dataset->narrow))
		return error_memory(error, "opening a file");
	dataset_index_step(dataset);
	return true;
}

static bool fill(struct dataset *dataset, bool input, const struct dataset_options *options, size_t block_size,
                 struct error *error)
{
	if (!input && folder_exists(dataset->path)) {
		dataset->format = DATASET_FOLDER;
		return folder_open(dataset, error) && choose_columns(dataset, options, error);
	}
	RETURN_IF(options->format == DATASET_FOLDER, error, ERROR_DATA, "%s: is not a folder", dataset->path);
	return open_file(dataset, input, options, error) && dataset_sniff(dataset, options, error) &&
	       choose_columns(dataset, options, error) && prepare_index(dataset, block_size, error);
}

struct dataset *dataset_open_blocks(const char *path, const struct dataset_options *options, size_t block_size,
                                    struct error *error)
{
	static const struct dataset_options none = {.format = DATASET_AUTO};
	static _Atomic uint64_t serials;
	struct dataset *dataset = calloc(1, sizeof *dataset);
	bool input = strcmp(path, "-") == 0;

	if (!dataset) {
		error_memory(error, "opening a file");
		return NULL;
	}
	dataset->fd = -1;
	dataset->unit = 1;
	dataset->text_column = dataset->label_column = -1;
	dataset->serial = ++serials;
	pthread_mutex_init(&dataset->mutex, NULL);
	dataset->path = strdup(input ? "standard input" : path);
	if (!dataset->path)
		error_memory(error, "opening a file");
	if (!dataset->path || !fill(dataset, input, options ? options : &none, block_size, error)) {
		dataset_close(dataset);
		return NULL;
	}
	return dataset;
}

struct dataset *dataset_open(const char *path, const struct dataset_options *options, struct error *error)
{
	return dataset_open_blocks(path, options, DATASET_BLOCK, error);
}

void dataset_close(struct dataset *dataset)
{
	if (!dataset)
		return;
	atomic_store(&dataset->stop, true);
	if (dataset->thread_runs)
		pthread_join(dataset->thread, NULL);
	if (dataset->fd >= 0)
		close(dataset->fd);
	row_index_free(&dataset->index);
	folder_free(&dataset->folder);
	for (int i = 0; i < dataset->columns; i++)
		free(dataset->names[i]);
	free(dataset->names);
	free(dataset->minus_one);
	free(dataset->block);
	free(dataset->narrow);
	free(dataset->path);
	pthread_mutex_destroy(&dataset->mutex);
	free(dataset);
}

const char *dataset_path(const struct dataset *dataset)
{
	return dataset->path;
}

enum dataset_format dataset_format(const struct dataset *dataset)
{
	return dataset->format;
}

enum dataset_encoding dataset_encoding(const struct dataset *dataset)
{
	return dataset->encoding;
}

char dataset_delimiter(const struct dataset *dataset)
{
	return dataset->delimiter;
}

uint64_t dataset_file_size(const struct dataset *dataset)
{
	return dataset->size;
}

int dataset_columns(const struct dataset *dataset)
{
	return dataset->columns;
}

const char *dataset_column_name(const struct dataset *dataset, int column)
{
	return dataset->names[column];
}

int dataset_find_column(const struct dataset *dataset, const char *name)
{
	for (int i = 0; i < dataset->columns; i++)
		if (strcmp(dataset->names[i], name) == 0)
			return i;
	for (int i = 0; i < dataset->columns; i++)
		if (strcasecmp(dataset->names[i], name) == 0)
			return i;
	return -1;
}

int dataset_text_column(const struct dataset *dataset)
{
	return dataset->text_column;
}

int dataset_label_column(const struct dataset *dataset)
{
	return dataset->label_column;
}

bool dataset_check_columns(const struct dataset *dataset, bool labels, struct error *error)
{
	RETURN_IF(dataset->text_column < 0, error, ERROR_DATA,
	          "%s: no column looks like the reviews: --text-column names it", dataset->path);
	RETURN_IF(labels && dataset->label_column < 0, error, ERROR_DATA,
	          "%s: no column looks like the labels: --label-column names it", dataset->path);
	RETURN_IF(labels && dataset->label_column == dataset->text_column, error, ERROR_USAGE,
	          "%s: \"%.*s\" cannot be both the review and the label: --text-column names the other", dataset->path,
	          NAME_ARGUMENTS(dataset->names[dataset->text_column]));
	return true;
}

void dataset_set_text_column(struct dataset *dataset, int column)
{
	dataset->text_column = column;
}

void dataset_set_label_column(struct dataset *dataset, int column)
{
	dataset->label_column = column;
}
