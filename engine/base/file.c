/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/file.h"

#include "engine/base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

int file_open(const char *path, uint64_t *size, struct error *error)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		error_errno(error, "open", path);
		return -1;
	}
	if (fstat(fd, &status) != 0)
		error_errno(error, "look at", path);
	else if (S_ISDIR(status.st_mode))
		error_set(error, ERROR_IO, "%s: is a directory, a file is needed", path);
	else if (!S_ISREG(status.st_mode))
		error_set(error, ERROR_IO, "%s: is not a regular file", path);
	else {
		*size = (uint64_t)status.st_size;
		return fd;
	}
	close(fd);
	return -1;
}

bool file_read_at(int fd, void *out, size_t size, uint64_t offset, const char *path, struct error *error)
{
	char *to = out;

	while (size > 0) {
		ssize_t got = pread(fd, to, size, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(error, "read", path);
		RETURN_IF(got == 0, error, ERROR_IO, "%s: ended at byte %llu while it was read; did it change?", path,
		          (unsigned long long)offset);
		to += got;
		size -= (size_t)got;
		offset += (uint64_t)got;
	}
	return true;
}

char *file_read(const char *path, size_t limit, size_t *size, struct error *error)
{
	uint64_t length;
	char *data = NULL;
	int fd = file_open(path, &length, error);

	if (fd < 0)
		return NULL;
	if (length > limit)
		error_set(error, ERROR_DATA, "%s: is %llu bytes long, more than the %zu that are read", path,
		          (unsigned long long)length, limit);
	else if (!(data = malloc((size_t)length + 1)))
		error_memory(error, "reading a file");
	else if (!file_read_at(fd, data, (size_t)length, 0, path, error)) {
		free(data);
		data = NULL;
	} else {
		data[length] = '\0';
		*size = (size_t)length;
	}
	close(fd);
	return data;
}

bool file_has_suffix(const char *path, const char *suffix)
{
	size_t length = strlen(path), tail = strlen(suffix);

	return length > tail && strcasecmp(path + length - tail, suffix) == 0;
}

bool file_exists(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool folder_exists(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* fsync of the directory that holds `path`, which has less than 4096 bytes and no '/' at its end. */
static bool parent_sync(const char *path, struct error *error)
{
	char folder[4096];
	char *slash;

	memcpy(folder, path, strlen(path) + 1);
	slash = strrchr(folder, '/');
	if (!slash)
		memcpy(folder, ".", 2);
	else
		slash[slash == folder ? 1 : 0] = '\0';
	return folder_sync(folder, error);
}

/* A run that is synced inside of a directory which is not is lost with it. */
static bool make_one(const char *path, struct error *error)
{
	int reason;

	if (mkdir(path, 0777) == 0)
		return parent_sync(path, error);
	reason = errno;
	if (folder_exists(path))
		return true;
	errno = reason;
	return error_errno(error, "make directory", path);
}

bool folder_make(const char *path, struct error *error)
{
	char part[4096];
	size_t length = strlen(path);

	RETURN_IF(length == 0 || length >= sizeof part, error, ERROR_USAGE, "a directory's name must have 1 to %zu bytes",
	          sizeof part - 1);
	memcpy(part, path, length + 1);
	for (size_t i = 1; i <= length; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		char kept = part[i];
		part[i] = '\0';
		if (!make_one(part, error))
			return false;
		part[i] = kept;
	}
	return true;
}

bool file_write_all(int fd, const void *data, size_t size, const char *path, struct error *error)
{
	const char *from = data;

	while (size > 0) {
		ssize_t put = write(fd, from, size);
		if (put < 0 && errno == EINTR)
			continue;
		RETURN_IF(put == 0, error, ERROR_IO, "%s: could not write: the file takes nothing", path);
		if (put < 0)
			return error_errno(error, "write", path);
		from += put;
		size -= (size_t)put;
	}
	return true;
}

/* Creates `temporary`, whose last six characters are drawn until the name is free. Not mkostemp, which makes
 * private files: the mode is what the umask leaves, and to ask for the umask is to change it for all threads. */
static int create_unique(char *temporary)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char *end = temporary + strlen(temporary) - 6;
	int fd = -1;

	for (int attempt = 0; fd < 0 && attempt < 100; attempt++) {
		unsigned char drawn[6];
		if (getrandom(drawn, sizeof drawn, 0) != (ssize_t)sizeof drawn)
			return -1;
		for (size_t i = 0; i < sizeof drawn; i++)
			end[i] = letters[drawn[i] % (sizeof letters - 1)];
		fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			return -1;
	}
	return fd;
}

bool file_writer_begin(struct file_writer *writer, const char *path, struct error *error)
{
	size_t length = strlen(path);

	writer->fd = -1;
	writer->temporary[0] = '\0';
	RETURN_IF(length + sizeof FILE_TEMPORARY "XXXXXX" > sizeof writer->temporary, error, ERROR_USAGE,
	          "%.100s...: name too long", path);
	memcpy(writer->path, path, length + 1);
	memcpy(writer->temporary, path, length);
	memcpy(writer->temporary + length, FILE_TEMPORARY "XXXXXX", sizeof FILE_TEMPORARY "XXXXXX");
	writer->fd = create_unique(writer->temporary);
	if (writer->fd >= 0)
		return true;
	writer->temporary[0] = '\0';
	return error_errno(error, "create", path);
}

bool file_writer_write(struct file_writer *writer, const void *data, size_t size, struct error *error)
{
	return file_write_all(writer->fd, data, size, writer->path, error);
}

bool file_writer_commit(struct file_writer *writer, struct error *error)
{
	/* After a failed fsync the pages count as clean: never a second fsync on the same descriptor. */
	if (fsync(writer->fd) != 0)
		return error_errno(error, "write", writer->path);
	if (close(writer->fd) != 0) {
		writer->fd = -1;
		return error_errno(error, "write", writer->path);
	}
	writer->fd = -1;
	if (rename(writer->temporary, writer->path) != 0)
		return error_errno(error, "replace", writer->path);
	writer->temporary[0] = '\0';
	return parent_sync(writer->path, error);
}

void file_writer_abort(struct file_writer *writer)
{
	if (writer->fd >= 0)
		close(writer->fd);
	writer->fd = -1;
	if (writer->temporary[0])
		unlink(writer->temporary);
	writer->temporary[0] = '\0';
}

bool file_replace(const char *path, const void *data, size_t size, struct error *error)
{
	struct file_writer writer;
	bool done = file_writer_begin(&writer, path, error) && file_writer_write(&writer, data, size, error) &&
	            file_writer_commit(&writer, error);

	if (!done)
		file_writer_abort(&writer);
	return done;
}

bool folder_sync(const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done;

	/* What may be written but not read cannot be opened. */
	if (fd < 0)
		return errno == EACCES || error_errno(error, "open directory", path);
	/* Some file systems cannot sync a directory and say EINVAL: nothing more can be done there. */
	done = fsync(fd) == 0 || errno == EINVAL || error_errno(error, "write directory", path);
	close(fd);
	return done;
}

bool path_join(char *out, size_t capacity, const char *folder, const char *name, struct error *error)
{
	size_t length = strlen(folder);
	const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
	int needed = snprintf(out, capacity, "%s%s%s", folder, slash, name);

	RETURN_IF(needed < 0 || (size_t)needed >= capacity, error, ERROR_USAGE, "%.100s...: name too long", folder);
	return true;
}

bool file_sha256(const char *path, char out[65], struct error *error)
{
	enum { BLOCK = 1 << 18 };
	struct sha256_ctx context;
	uint64_t size;
	bool done = true;
	int fd = file_open(path, &size, error);
	uint8_t *block = fd < 0 ? NULL : malloc(BLOCK);

	if (fd < 0)
		return false;
	if (!block) {
		close(fd);
		return error_memory(error, "hashing a file");
	}
	sha256_init(&context);
	for (uint64_t offset = 0; done && offset < size;) {
		size_t part = size - offset < BLOCK ? (size_t)(size - offset) : BLOCK;
		done = file_read_at(fd, block, part, offset, path, error);
		if (done)
			sha256_update(&context, part, block);
		offset += part;
	}
	sha256_hex(&context, out);
	free(block);
	close(fd);
	return done;
}
