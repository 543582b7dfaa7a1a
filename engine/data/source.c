/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/source.h"

#include "engine/base/file.h"
#include "engine/clock.h"
#include "engine/data/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_BLOCK ((size_t)64 << 10)
#define TEMPORARY "temporary file (in TMPDIR, else /tmp)"
#define LOOK_MILLISECONDS 100 /* how late a wish to stop is heard while nothing comes */
#define WRITING_LOOKS 20      /* who writes sets the time of the file a moment before its size: so often is looked again, */
#define WRITING_NANOSECONDS 2000000 /* after as long */

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
	return file_write_all(to, block, (size_t)got, TEMPORARY, error);
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

/* Notes what the file is now: later it must still be that. */
static bool note_file(struct source *source, struct error *error)
{
	struct stat status;

	if (fstat(source->fd, &status) != 0)
		return error_errno(error, "look at", source->path);
	source->size = (uint64_t)status.st_size;
	source->changed = status.st_mtim;
	source->device = status.st_dev;
	source->inode = status.st_ino;
	RETURN_IF(source->size == 0, error, ERROR_DATA, "%s: is empty", source->path);
	return true;
}

/* The bytes before `end`, at most SOURCE_TAIL. False: they cannot be read. */
static bool read_tail(const struct source *source, uint64_t end, char *tail, size_t *size)
{
	*size = end < SOURCE_TAIL ? (size_t)end : SOURCE_TAIL;
	return file_read_at(source->fd, tail, *size, end - *size, source->path, NULL);
}

bool source_open(struct source *source, const char *path, const struct dataset_options *options, struct error *error)
{
	bool input = strcmp(path, "-") == 0;
	uint64_t size;

	*source = (struct source){.fd = -1, .path = strdup(input ? "standard input" : path), .blocks = blocks_new()};
	pthread_mutex_init(&source->mutex, NULL);
	if (!source->path)
		return error_memory(error, "opening a file");
	source->folder = !input && folder_exists(path);
	if (source->folder)
		return true;
	source->fd = input           ? file_of_stream(STDIN_FILENO, options->progress, source->path, error)
	             : is_pipe(path) ? open_pipe(path, options, error)
	                             : file_open(path, &size, error);
	if (source->fd < 0 || !note_file(source, error))
		return false;
	source->file_size = source->size;
	source->follow = options->follow && !input && !is_pipe(path) && read_tail(source, source->size, source->tail,
	                                                                          &source->tail_size);
	return true;
}

static bool is_as_noted(const struct source *source, const struct stat *status)
{
	return (uint64_t)status->st_size == source->size && status->st_mtim.tv_sec == source->changed.tv_sec &&
	       status->st_mtim.tv_nsec == source->changed.tv_nsec;
}

/* As it was, or longer where it may grow; what is under way is waited for, so that this is for source_look only. Whether the same
 * still stands at its beginning is for that to see. */
static bool is_sound(const struct source *source, struct stat *status)
{
	const struct timespec pause = {.tv_nsec = WRITING_NANOSECONDS};
	pthread_mutex_t *mutex = (pthread_mutex_t *)&source->mutex;
	bool sound = false, wait = true;

	for (int look = 0; !sound && wait && look < WRITING_LOOKS; look++) {
		if (look > 0)
			nanosleep(&pause, NULL);
		if (fstat(source->fd, status) != 0)
			return false;
		pthread_mutex_lock(mutex);
		sound = is_as_noted(source, status) || (uint64_t)status->st_size > source->size;
		wait = (uint64_t)status->st_size == source->size;
		pthread_mutex_unlock(mutex);
	}
	return sound;
}

/* A file of another time and the same size, whose size may follow as long as source_look would wait for it. */
static bool is_in_doubt(struct source *source)
{
	const uint64_t now = (uint64_t)(clock_seconds() * 1e6) + 1;
	uint64_t since = 0;

	if (atomic_compare_exchange_strong(&source->doubt_since, &since, now))
		return true;
	return now < since + WRITING_LOOKS * (WRITING_NANOSECONDS / 1000);
}

/* The same as is_sound, without waiting. */
static bool is_readable(const struct source *source)
{
	struct source *own = (struct source *)source;
	bool sound, in_place;
	struct stat status;

	if (atomic_load(&own->changed_for_good) || fstat(source->fd, &status) != 0)
		return false;
	if (!source->follow)
		return is_as_noted(source, &status);
	pthread_mutex_lock(&own->mutex);
	sound = is_as_noted(source, &status) || (uint64_t)status.st_size > source->size;
	in_place = (uint64_t)status.st_size == source->size;
	pthread_mutex_unlock(&own->mutex);
	if (!sound)
		return in_place && is_in_doubt(own);
	if (atomic_load(&own->doubt_since) != 0)
		atomic_store(&own->doubt_since, 0);
	return true;
}

static bool unchanged(const struct source *source, struct error *error)
{
	RETURN_IF(!is_readable(source), error, ERROR_IO,
	          "%s: was changed by another program while it was open; open it again", source->path);
	return true;
}

/* Takes the bytes that were added, where those before them are the same as before. */
static enum dataset_fate take_growth(struct source *source, const struct stat *status)
{
	const uint64_t size = (uint64_t)status->st_size;
	char before[SOURCE_TAIL], tail[SOURCE_TAIL];
	size_t before_size, tail_size;

	if (!read_tail(source, source->size, before, &before_size) || memcmp(before, source->tail, before_size) != 0 ||
	    !read_tail(source, size, tail, &tail_size))
		return FILE_CHANGED;
	memcpy(source->tail, tail, tail_size);
	source->tail_size = tail_size;
	pthread_mutex_lock(&source->mutex);
	source->size = source->file_size = size;
	source->changed = status->st_mtim;
	pthread_mutex_unlock(&source->mutex);
	return FILE_GREW;
}

static enum dataset_fate look(struct source *source)
{
	struct stat status = {0}, named;

	if (!source->follow)
		return FILE_SAME;
	if (!is_sound(source, &status))
		return (uint64_t)status.st_size < source->size ? FILE_CUT : FILE_CHANGED;
	if (stat(source->path, &named) != 0)
		return FILE_GONE;
	if (named.st_dev != source->device || named.st_ino != source->inode)
		return FILE_REPLACED;
	return (uint64_t)status.st_size > source->size ? take_growth(source, &status) : FILE_SAME;
}

enum dataset_fate source_look(struct source *source)
{
	const enum dataset_fate fate = look(source);

	if (fate == FILE_CUT || fate == FILE_CHANGED)
		atomic_store(&source->changed_for_good, true);
	return fate;
}

bool source_read(const struct source *source, void *out, size_t size, uint64_t offset, struct error *error)
{
	return unchanged(source, error) &&
	       blocks_read(source->blocks, source->fd, source->size, source->path, out, size, offset, error);
}

/* Moves the next block of the source, from `at` on, through the converter into the file `to`. */
static bool convert_block(const struct source *source, struct converter *converter, uint64_t at, char *block,
                          struct buffer *text, int to, uint64_t *replaced, struct error *error)
{
	size_t size = source->size - at < COPY_BLOCK ? (size_t)(source->size - at) : COPY_BLOCK;

	if (!source_read(source, block, size, at, error))
		return false;
	text->size = 0;
	if (!converter_feed(converter, block, size, at + size == source->size, text, replaced))
		return error_memory(error, "converting a file");
	return file_write_all(to, text->data, text->size, TEMPORARY, error);
}

static bool convert_all(const struct source *source, struct converter *converter, uint64_t at, int to,
                        const struct dataset_options *options, uint64_t *replaced, struct error *error)
{
	const uint64_t end = options->convert_bytes > 0 && options->convert_bytes < source->size ? options->convert_bytes : source->size;
	struct buffer text = {.maximum = 16 * COPY_BLOCK};
	char *block = malloc(COPY_BLOCK);
	bool converted = block || error_memory(error, "converting a file");

	for (; converted && at < end; at += COPY_BLOCK) {
		converted = progress_report(options->progress, "converting bytes", at, source->size) ||
		            error_set(error, ERROR_INTERRUPTED, "%s: converting was interrupted", source->path);
		converted = converted && convert_block(source, converter, at, block, &text, to, replaced, error);
	}
	buffer_free(&text);
	free(block);
	return converted;
}

bool source_convert(struct source *source, const char *name, size_t mark, const struct dataset_options *options,
                    uint64_t *replaced, struct error *error)
{
	struct converter *converter = converter_open(name, error);
	int fd = converter ? open_temporary(error) : -1;
	bool converted = fd >= 0 && convert_all(source, converter, mark, fd, options, replaced, error);

	converter_close(converter);
	if (!converted) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(source->fd);
	source->fd = fd;
	source->follow = false;
	return note_file(source, error);
}

void source_close(struct source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	if (source->path)
		pthread_mutex_destroy(&source->mutex);
	free(source->path);
	blocks_free(source->blocks);
	*source = (struct source){.fd = -1};
}
