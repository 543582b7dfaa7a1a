/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/table.h"

#include "engine/base/file.h"
#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unistr.h>

struct tensor_file *table_new(struct error *error)
{
	struct tensor_file *file = calloc(1, sizeof *file);

	if (!file)
		error_memory(error, "opening weights");
	return file;
}

void tensor_file_close(struct tensor_file *file)
{
	if (!file)
		return;
	for (size_t i = 0; i < file->source_count; i++) {
		close(file->sources[i].fd);
		free(file->sources[i].path);
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
	new->path = strdup(path);
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

/* C0, DEL and the C1 controls, which are C2 80 .. C2 9F in UTF-8. */
static bool has_control(struct span text)
{
	for (size_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];
		if (c < 0x20 || c == 0x7f)
			return true;
		if (c == 0xc2 && i + 1 < text.size && (unsigned char)text.data[i + 1] < 0xa0)
			return true;
	}
	return false;
}

bool table_text_is_clean(struct span text)
{
	return !has_control(text) && !u8_check((const uint8_t *)text.data, text.size);
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
	if (name.size == 0 || name.size > TENSOR_NAME_MAX || !table_text_is_clean(name)) {
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

const char *tensor_file_container(const struct tensor_file *file)
{
	return file->container;
}

size_t tensor_file_count(const struct tensor_file *file)
{
	return file->entry_count;
}

const struct tensor *tensor_file_at(const struct tensor_file *file, size_t index)
{
	return index < file->entry_count ? &file->entries[index].tensor : NULL;
}

const struct tensor *tensor_file_find(const struct tensor_file *file, const char *name)
{
	const struct tensor_entry key = {.tensor.name = name};
	const struct tensor_entry *found;

	if (file->entry_count == 0)
		return NULL;
	found = bsearch(&key, file->entries, file->entry_count, sizeof key, compare_names);
	return found ? &found->tensor : NULL;
}
