/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/table.h"

#include "engine/base/crc32.h"
#include "engine/base/file.h"
#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tensor_file *table_new(struct error *error)
{
	struct tensor_file *file = calloc(1, sizeof *file);

	if (!file)
		error_memory(error, "opening weights");
	return file;
}

void table_free(struct tensor_file *file)
{
	if (!file)
		return;
	for (size_t i = 0; i < file->source_count; i++) {
		close(file->sources[i].fd);
		free(file->sources[i].path);
		free(file->sources[i].hash);
	}
	for (size_t i = 0; i < file->entry_count; i++)
		free((char *)(uintptr_t)file->entries[i].tensor.name);
	free(file->sources);
	free(file->records);
	free(file->entries);
	free(file);
}

bool table_open_source(struct tensor_file *file, const char *path, size_t *source, struct error *error)
{
	struct tensor_source *sources = size_realloc(file->sources, file->source_count + 1, sizeof *sources);
	struct tensor_source *new;
	struct stat status;

	if (!sources)
		return error_memory(error, "opening weights");
	file->sources = sources;
	new = &sources[file->source_count];
	*new = (struct tensor_source){.path = strdup(path)};
	if (!new->path)
		return error_memory(error, "opening weights");
	new->fd = file_open(path, &new->size, error);
	if (new->fd < 0) {
		free(new->path);
		return false;
	}
	*source = file->source_count++;
	if (fstat(new->fd, &status) != 0)
		return error_errno(error, "look at", path);
	new->changed = status.st_mtim;
	return true;
}

static bool grow_entries(struct tensor_file *file)
{
	size_t capacity = file->entry_capacity ? file->entry_capacity * 2 : 64;
	struct tensor_entry *entries = size_realloc(file->entries, capacity, sizeof *entries);

	if (!entries)
		return false;
	file->entries = entries;
	file->entry_capacity = capacity;
	return true;
}

struct tensor_entry *table_add(struct tensor_file *file, struct span name, struct error *error)
{
	struct tensor_entry *entry;
	char *copy;

	if (file->entry_count >= TENSOR_COUNT_MAX) {
		error_set(error, ERROR_DATA, "more than %d tensors", TENSOR_COUNT_MAX);
		return NULL;
	}
	if (name.size == 0 || name.size > TENSOR_NAME_MAX || !tensor_text_is_clean(name)) {
		error_set(error, ERROR_DATA, "a tensor's name of %zu bytes: 1 to %d bytes of UTF-8 without control "
		          "characters are allowed", name.size, TENSOR_NAME_MAX);
		return NULL;
	}
	copy = strndup(name.data, name.size);
	if (!copy || (file->entry_count == file->entry_capacity && !grow_entries(file))) {
		free(copy);
		error_memory(error, "listing tensors");
		return NULL;
	}
	entry = &file->entries[file->entry_count++];
	*entry = (struct tensor_entry){.tensor.name = copy, .record = NO_RECORD};
	return entry;
}

bool table_count_elements(struct tensor *tensor, struct error *error)
{
	uint64_t count = 1;

	/* Every partial product is checked, also before a later 0 that would hide it. */
	for (int i = 0; i < tensor->rank; i++)
		RETURN_IF(!u64_multiply(count, (uint64_t)tensor->shape[i], &count) || count > INT64_MAX, error, ERROR_DATA,
		          "tensor %.200s: its shape multiplies beyond 2^63", tensor->name);
	tensor->count = count;
	return true;
}

void table_set_contiguous(struct tensor_entry *entry)
{
	uint64_t stride = 1;

	for (int i = entry->tensor.rank - 1; i >= 0; i--) {
		entry->stride[i] = stride;
		stride *= (uint64_t)entry->tensor.shape[i];
	}
	entry->span = entry->tensor.count;
	entry->contiguous = true;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct tensor_entry *)a)->tensor.name, ((const struct tensor_entry *)b)->tensor.name);
}

bool table_finish(struct tensor_file *file, struct error *error)
{
	if (file->entry_count > 1)
		qsort(file->entries, file->entry_count, sizeof *file->entries, compare_names);
	for (size_t i = 1; i < file->entry_count; i++)
		RETURN_IF(compare_names(&file->entries[i - 1], &file->entries[i]) == 0, error, ERROR_DATA,
		          "tensor %.200s occurs twice", file->entries[i].tensor.name);
	return true;
}

const struct tensor_entry *table_find(const struct tensor_file *file, const char *name)
{
	const struct tensor_entry key = {.tensor.name = name};

	return file->entry_count ? bsearch(&key, file->entries, file->entry_count, sizeof key, compare_names) : NULL;
}

enum { BLOCK = 1 << 16 }; /* bytes */

bool table_hash_up_to(struct tensor_source *source, uint64_t end, struct error *error)
{
	unsigned char *block = source->hashed < end ? malloc(BLOCK) : NULL;
	bool done = block || source->hashed >= end || error_memory(error, "hashing weights");

	while (done && source->hashed < end) {
		size_t part = end - source->hashed < BLOCK ? (size_t)(end - source->hashed) : BLOCK;
		done = file_read_at(source->fd, block, part, source->hashed, source->path, error);
		if (done)
			sha256_update(source->hash, part, block);
		source->hashed += part;
	}
	free(block);
	return done;
}

bool table_name_source(const struct tensor_source *source, struct error *error)
{
	return error && strncmp(error->text, source->path, strlen(source->path)) != 0 && error_prefix(error, "%s", source->path);
}

bool table_read(struct tensor_source *source, void *out, size_t size, uint64_t offset, struct error *error)
{
	if (!file_read_at(source->fd, out, size, offset, source->path, error))
		return false;
	if (!source->hash || offset + size <= source->hashed)
		return true;
	if (!table_hash_up_to(source, offset, error))
		return false;
	sha256_update(source->hash, (size_t)(offset + size - source->hashed),
	              (const uint8_t *)out + (source->hashed - offset));
	source->hashed = offset + size;
	return true;
}

static bool sum_bytes(struct tensor_source *source, uint64_t offset, uint64_t size, uint32_t *crc,
                      struct error *error)
{
	unsigned char *block = malloc(BLOCK);
	bool done = true;

	if (!block)
		return error_memory(error, "verifying weights");
	for (uint64_t at = 0; done && at < size;) {
		size_t part = size - at < BLOCK ? (size_t)(size - at) : BLOCK;
		done = table_read(source, block, part, offset + at, error);
		if (done)
			*crc = crc32_update(*crc, block, part);
		at += part;
	}
	free(block);
	return done;
}

bool table_verify_record(struct tensor_file *file, size_t record, struct error *error)
{
	struct tensor_record *row = &file->records[record];
	struct tensor_source *source = &file->sources[row->source];
	uint32_t crc = 0;

	if (row->verified)
		return true;
	if (!sum_bytes(source, row->offset, row->size, &crc, error))
		return false;
	RETURN_IF(crc != row->crc32, error, ERROR_DATA,
	          "%s: the checksum of the record at byte %llu is wrong: the file is damaged, download it again", source->path,
	          (unsigned long long)row->offset);
	row->verified = true;
	return true;
}
