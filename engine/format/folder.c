/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding the weights of a model folder: one file, or shards by their index. */
#include "engine/format/tensors.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/size.h"
#include "engine/format/container.h"
#include "engine/format/no_weights.h"
#include "engine/format/weights_form.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS_MAX = 1000, INDEX_BYTES_MAX = 16 << 20 };

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

static bool open_shard(struct tensor_file *file, const char *folder, const char *name, bool torch, struct error *error)
{
	enum content content;
	char path[PATH_MAX];
	size_t source;

	if (!path_join(path, sizeof path, folder, name, error) || !table_open_source(file, path, &source, error) ||
	    !container_identify(file, source, &content, error))
		return false;
	RETURN_IF(!torch && content != CONTENT_SAFETENSORS, error, ERROR_DATA,
	          "%s is not a safetensors file: download it again", path);
	return container_read(file, source, content, error);
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

static bool open_shards(struct tensor_file *file, const char *folder, const json_t *index, bool torch,
                        struct error *error)
{
	const json_t *map = json_object_get(index, "weight_map");
	struct shard_list list = {0};
	char container[sizeof file->container];
	bool done;

	RETURN_IF(!json_is_object(map) || json_object_size(map) == 0, error, ERROR_DATA, "no weight_map");
	RETURN_IF(json_object_size(map) > TENSOR_COUNT_MAX, error, ERROR_DATA, "more than %d tensors", TENSOR_COUNT_MAX);
	done = list_shards(map, &list, error);
	for (size_t i = 0; done && i < list.count; i++)
		done = open_shard(file, folder, list.names[i], torch, error);
	done = done && table_finish(file, error) && check_map(file, map, error);
	memcpy(container, file->container, sizeof container); /* that of the last shard */
	snprintf(file->container, sizeof file->container, "%.30s, %zu shard%s", container, list.count,
	         list.count == 1 ? "" : "s");
	free(list.names);
	return done;
}

static struct tensor_file *open_index(const char *folder, const char *path, bool torch, struct error *error)
{
	json_t *index = json_read(path, INDEX_BYTES_MAX, error);
	struct tensor_file *file = index ? table_new(error) : NULL;

	if (file && !open_shards(file, folder, index, torch, error)) {
		error_prefix(error, "%s", path);
		tensor_file_close(file);
		file = NULL;
	}
	json_decref(index);
	return file;
}

struct tensor_file *tensor_file_open_folder(const char *folder, struct error *error)
{
	const struct weights_form *form = weights_form_find(folder);
	char path[PATH_MAX];

	if (!form) {
		no_weights_explain(folder, error);
		return NULL;
	}
	if (!path_join(path, sizeof path, folder, form->name, error))
		return NULL;
	return form->index ? open_index(folder, path, form->torch, error) : tensor_file_open(path, error);
}
