/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/source.h"

#include "engine/base/file.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)1 << 20)
#define HASH_STEP ((size_t)256 << 10) /* as much as is indexed at a time */

struct hasher {
	struct sha256_ctx context;
	uint8_t *block;
	uint64_t done, total; /* bytes; total 0: not known, as in a folder */
	const struct progress *progress;
};

static bool hash_file(struct hasher *hasher, const char *path, struct error *error)
{
	uint64_t size;
	int fd = file_open(path, &size, error);
	bool good = fd >= 0;

	for (uint64_t offset = 0; good && offset < size;) {
		size_t part = size - offset < BLOCK ? (size_t)(size - offset) : BLOCK;
		good = file_read_at(fd, hasher->block, part, offset, path, error);
		if (!good)
			break;
		sha256_update(&hasher->context, part, hasher->block);
		offset += part;
		hasher->done += part;
		if (!progress_report(hasher->progress, "hashing the data", hasher->done, hasher->total))
			good = error_set(error, ERROR_INTERRUPTED, "stopped while hashing %s", path);
	}
	if (fd >= 0)
		close(fd);
	return good;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Hands every entry to `entry`: only those that are folders, or only those that are not. */
static bool hash_folder(struct hasher *hasher, const char *folder, bool (*entry)(struct hasher *, const char *,
                        struct error *), bool folders, struct error *error)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, visible, by_bytes);
	char path[4096];
	bool good = count >= 0 || error_errno(error, "read", folder);

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		good = good && path_join(path, sizeof path, folder, name, error);
		if (good && folder_exists(path) == folders) {
			sha256_update(&hasher->context, strlen(name) + 1, (const uint8_t *)name);
			good = entry(hasher, path, error);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return good;
}

static bool hash_files(struct hasher *hasher, const char *folder, struct error *error)
{
	return hash_folder(hasher, folder, hash_file, false, error);
}

/* A label's folder, or a part of a set with the label folders in it. */
static bool hash_label_folder(struct hasher *hasher, const char *folder, struct error *error)
{
	return hash_files(hasher, folder, error) && hash_folder(hasher, folder, hash_files, true, error);
}

static bool hash_path(const char *path, char out[65], const struct progress *progress, struct error *error)
{
	struct hasher hasher = {.progress = progress, .block = malloc(BLOCK)};
	struct stat status;
	bool done;

	if (!hasher.block)
		return error_memory(error, "hashing the data");
	sha256_init(&hasher.context);
	hasher.total = stat(path, &status) == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
	done = folder_exists(path) ? hash_folder(&hasher, path, hash_label_folder, true, error)
	                           : hash_file(&hasher, path, error);
	free(hasher.block);
	if (done)
		sha256_hex(&hasher.context, out);
	return done;
}

/* Its own bytes are at hand only of a file that is read as it is, and not converted first. */
static bool has_own_bytes(const struct dataset *dataset)
{
	return dataset_format(dataset) != DATASET_FOLDER && !dataset_is_converted(dataset);
}

bool source_hash_begin(struct source_hash *hash, struct error *error)
{
	sha256_init(&hash->context);
	hash->block = malloc(HASH_STEP);
	return hash->block || error_memory(error, "hashing the data");
}

bool source_hash_step(struct source_hash *hash, const struct dataset *dataset, struct error *error)
{
	uint64_t left = has_own_bytes(dataset) ? dataset_file_size(dataset) - hash->done : 0;
	size_t part = left < HASH_STEP ? (size_t)left : HASH_STEP;

	if (part == 0)
		return true;
	if (!dataset_file_bytes(dataset, hash->block, part, hash->done, error))
		return false;
	sha256_update(&hash->context, part, hash->block);
	hash->done += part;
	return true;
}

bool source_hash_end(struct source_hash *hash, const struct dataset *dataset, char out[65],
                     const struct progress *progress, struct error *error)
{
	bool own = has_own_bytes(dataset), done = true;

	while (out && own && done && hash->done < dataset_file_size(dataset)) {
		done = source_hash_step(hash, dataset, error);
		if (done && !progress_report(progress, "hashing the data", hash->done, dataset_file_size(dataset)))
			done = error_set(error, ERROR_INTERRUPTED, "stopped while hashing %s", dataset_path(dataset));
	}
	free(hash->block);
	hash->block = NULL;
	if (out && done && own)
		sha256_hex(&hash->context, out);
	return done && (!out || own || hash_path(dataset_path(dataset), out, progress, error));
}

bool source_path(char *out, size_t capacity, const char *path, struct error *error)
{
	struct stat status;
	char *real;
	bool fits;

	RETURN_IF(strcmp(path, "-") == 0, error, ERROR_USAGE,
	          "a training reads its data more than once, so it needs a file instead of -");
	RETURN_IF(stat(path, &status) == 0 && S_ISFIFO(status.st_mode), error, ERROR_USAGE,
	          "%s: is a pipe; a training reads its data more than once: save it in a file first", path);
	real = realpath(path, NULL);
	if (!real)
		return error_errno(error, "open", path);
	fits = strlen(real) < capacity;
	if (fits)
		memcpy(out, real, strlen(real) + 1);
	free(real);
	return fits || error_set(error, ERROR_USAGE, "%.100s...: name too long", path);
}
