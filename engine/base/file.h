/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files, safely: regular files only, sizes known before memory is asked for, whole-file replacement that a
 * crash at any instant leaves old or new. Every system call that can be interrupted is retried. */
#ifndef REVUE_BASE_FILE_H
#define REVUE_BASE_FILE_H

#include "engine/error.h"

#include <stddef.h>
#include <stdint.h>

/* Opens a regular file for reading (never blocks on a FIFO or device) and tells its size; -1 on failure. */
int file_open(const char *path, uint64_t *size, struct error *error);

/* Reads exactly `size` bytes at `offset`; a file that ends earlier is an error. `path` is for the message. */
bool file_read_at(int fd, void *out, size_t size, uint64_t offset, const char *path, struct error *error);

/* A whole file of at most `limit` bytes, with a NUL after it; the caller frees it. NULL on failure. */
char *file_read(const char *path, size_t limit, size_t *size, struct error *error);

/* Whether the name ends so, in any case, and is more than that ending. */
bool file_has_suffix(const char *path, const char *suffix);

bool file_exists(const char *path);      /* anything but "no such file" */
bool folder_exists(const char *path);
bool folder_make(const char *path, struct error *error); /* with parents, each synced; fine when it is there */

/* Writes all of it, over short writes and EINTR. */
bool file_write_all(int fd, const void *data, size_t size, const char *path, struct error *error);

/* What stands between a file's name and the six letters or digits that make the name of its temporary unique: nobody
 * else calls a file so, so that one that a killed process left can be removed. */
#define FILE_TEMPORARY ".revue-"

/* Replacing a file: begin makes a unique temporary beside `path`, commit fsyncs it, renames it over `path` and fsyncs
 * the directory; abort (also after any failure, also after commit failed) removes it. */
struct file_writer {
	int fd;
	char path[4096];
	char temporary[4096];
};
bool file_writer_begin(struct file_writer *writer, const char *path, struct error *error);
bool file_writer_write(struct file_writer *writer, const void *data, size_t size, struct error *error);
bool file_writer_commit(struct file_writer *writer, struct error *error);
void file_writer_abort(struct file_writer *writer);

/* begin, write, commit in one. */
bool file_replace(const char *path, const void *data, size_t size, struct error *error);

/* fsync of a directory, after something in it was created, renamed or removed. */
bool folder_sync(const char *path, struct error *error);

/* Joins with one '/'. False with an error when it does not fit in `capacity`. */
bool path_join(char *out, size_t capacity, const char *folder, const char *name, struct error *error);

/* SHA-256 of a file as 64 hex digits. */
bool file_sha256(const char *path, char out[65], struct error *error);

#endif
