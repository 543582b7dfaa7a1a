/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding the weights of a model folder: one file, or shards by their index. */
#include "engine/format/tensors.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/size.h"
#include "engine/format/identify.h"
#include "engine/format/safetensors.h"
#include "engine/format/table.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SINGLE_NAME "model.safetensors"
#define INDEX_NAME "model.safetensors.index.json"
#define TORCH_NAME "pytorch_model.bin"

enum { SHARDS_MAX = 1000, FOLDER_ENTRIES_MAX = 10000, INDEX_BYTES_MAX = 16 << 20 };

/* A shard is a file beside the index: a plain name, never a path. */
static bool shard_name_is_plain(const json_t *value)
{
	const char *name = json_string_value(value);
	size_t size = json_string_length(value);

	return name && size > 0 && size <= NAME_MAX && name[0] != '.' && !strchr(name, '/') && !strchr(name, '\\') &&
	       tensor_text_is_clean((struct span){name, size});
}

/* The distinct shard names of the map, in the order of their first use, borrowed from it. */
struct shard_list {
	const char **names;
	size_t count;
};

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool list_shards(const json_t *map, struct shard_list *list, struct error *error)
{
	size_t filled = 0;
	const char *tensor;
	json_t *value;

	list->names = size_calloc(json_object_size(map), sizeof *list->names);
	if (!list->names)
		return error_memory(error, "listing shards");
	json_object_foreach((json_t *)(uintptr_t)map, tensor, value) {
		RETURN_IF(!shard_name_is_plain(value), error, ERROR_DATA,
		          "tensor %.200s: its shard is not the name of a file in the same folder", tensor);
		list->names[filled++] = json_string_value(value);
	}
	qsort(list->names, filled, sizeof *list->names, compare_strings);
	for (size_t i = 0; i < filled; i++)
		if (i == 0 || strcmp(list->names[i], list->names[list->count - 1]) != 0)
			list->names[list->count++] = list->names[i];
	RETURN_IF(list->count > SHARDS_MAX, error, ERROR_DATA, "%zu shards; at most %d are read", list->count, SHARDS_MAX);
	return true;
}

static bool open_shard(struct tensor_file *file, const char *folder, const char *name, struct error *error)
{
	char path[PATH_MAX], start[IDENTIFY_BYTES];
	struct tensor_source *opened;
	size_t source, size;
	const char *what;

	if (!path_join(path, sizeof path, folder, name, error) || !table_open_source(file, path, &source, error))
		return false;
	opened = &file->sources[source];
	size = opened->size < sizeof start ? (size_t)opened->size : sizeof start;
	if (!file_read_at(opened->fd, start, size, 0, path, error))
		return false;
	RETURN_IF(content_identify((struct span){start, size}, opened->size, &what) != CONTENT_SAFETENSORS, error,
	          ERROR_DATA, "%s %s", path, what ? what : "is not a safetensors file: download it again");
	return safetensors_read_table(file, source, error);
}

/* Every tensor of the map lies in the shard that the map names. */
static bool check_map(const struct tensor_file *file, const json_t *map, struct error *error)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)map, name, value) {
		const struct tensor_entry *entry = table_find(file, name);
		const char *slash = entry ? strrchr(file->sources[entry->source].path, '/') : NULL;
		RETURN_IF(!slash || strcmp(slash + 1, json_string_value(value)) != 0, error, ERROR_DATA,
		          "tensor %.200s is not in %.200s, where the index says it is", name, json_string_value(value));
	}
	return true;
}

static bool open_shards(struct tensor_file *file, const char *folder, const json_t *index, struct error *error)
{
	const json_t *map = json_object_get(index, "weight_map");
	struct shard_list list = {0};
	bool done;

	RETURN_IF(!json_is_object(map) || json_object_size(map) == 0, error, ERROR_DATA, "no weight_map");
	RETURN_IF(json_object_size(map) > TENSOR_COUNT_MAX, error, ERROR_DATA, "more than %d tensors", TENSOR_COUNT_MAX);
	done = list_shards(map, &list, error);
	for (size_t i = 0; done && i < list.count; i++)
		done = open_shard(file, folder, list.names[i], error);
	done = done && table_finish(file, error) && check_map(file, map, error);
	snprintf(file->container, sizeof file->container, "safetensors, %zu shard%s", list.count,
	         list.count == 1 ? "" : "s");
	free(list.names);
	return done;
}

static struct tensor_file *open_index(const char *folder, const char *path, struct error *error)
{
	json_t *index = json_read(path, INDEX_BYTES_MAX, error);
	struct tensor_file *file = index ? table_new(error) : NULL;

	if (file && !open_shards(file, folder, index, error)) {
		error_prefix(error, "%s", path);
		tensor_file_close(file);
		file = NULL;
	}
	json_decref(index);
	return file;
}

static bool ends_with(const char *name, const char *end)
{
	size_t size = strlen(name), tail = strlen(end);

	return size >= tail && strcmp(name + size - tail, end) == 0;
}

static bool is_pointer_file(const char *path)
{
	char start[IDENTIFY_BYTES];
	struct error ignored = {0};
	uint64_t size;
	int fd = file_open(path, &size, &ignored);
	bool pointer;

	if (fd < 0)
		return false;
	if (size > sizeof start)
		size = sizeof start;
	pointer = file_read_at(fd, start, (size_t)size, 0, path, &ignored) &&
	          content_is_lfs_pointer((struct span){start, (size_t)size});
	close(fd);
	return pointer;
}

/* What a file in a folder without weights tells about why; false: nothing. */
static bool explain_file(const char *folder, const char *name, struct error *error)
{
	char path[PATH_MAX];

	if (strcmp(name, "adapter_model.safetensors") == 0 || strcmp(name, "adapter_model.bin") == 0) {
		error_set(error, ERROR_DATA, "%s holds a LoRA adapter only (%s): merge it into its base model first", folder,
		          name);
		return true;
	}
	if (!ends_with(name, ".safetensors") && !ends_with(name, ".bin") && !ends_with(name, ".LFS-POINTER.txt"))
		return false;
	if (!path_join(path, sizeof path, folder, name, error) || !is_pointer_file(path))
		return false;
	error_set(error, ERROR_DATA, "%s is a Git LFS pointer, not the weights: run \"git lfs pull\" in its folder, or "
	          "download the file itself", path);
	return true;
}

static void explain_missing(const char *folder, struct error *error)
{
	DIR *directory = opendir(folder);
	bool explained = false;

	if (!directory) {
		error_errno(error, "open", folder);
		return;
	}
	for (int i = 0; !explained && i < FOLDER_ENTRIES_MAX; i++) {
		const struct dirent *entry = readdir(directory);
		if (!entry)
			break;
		explained = explain_file(folder, entry->d_name, error);
	}
	closedir(directory);
	if (!explained)
		error_set(error, ERROR_IO, "%s holds no weights: " SINGLE_NAME ", " INDEX_NAME " or " TORCH_NAME " is needed",
		          folder);
}

struct tensor_file *tensor_file_open_folder(const char *folder, struct error *error)
{
	static const char *const names[] = {SINGLE_NAME, INDEX_NAME, TORCH_NAME};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!path_join(path, sizeof path, folder, names[i], error))
			return NULL;
		if (file_exists(path))
			return i == 1 ? open_index(folder, path, error) : tensor_file_open(path, error);
	}
	explain_missing(folder, error);
	return NULL;
}
