/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/torch.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

static int compare_spans(struct span a, struct span b)
{
	int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_keys(const void *a, const void *b)
{
	return compare_spans(((const struct torch_storage *)a)->key, ((const struct torch_storage *)b)->key);
}

static int find_key(const void *key, const void *row)
{
	return compare_spans(*(const struct span *)key, ((const struct torch_storage *)row)->key);
}

/* Sorted rows that say the same of one storage become one. */
static bool merge_equal(struct torch_storages *storages, size_t described, struct error *error)
{
	for (size_t i = 0; i < described; i++) {
		const struct torch_storage *row = &storages->rows[i];
		struct torch_storage *last = storages->count ? &storages->rows[storages->count - 1] : NULL;
		if (!last || compare_keys(last, row) != 0)
			storages->rows[storages->count++] = *row;
		else
			RETURN_IF(last->dtype != row->dtype || last->count != row->count, error, ERROR_DATA,
			          "storage %.*s is described in two ways", (int)row->key.size, row->key.data);
	}
	return true;
}

bool torch_storages_collect(struct torch_storages *storages, const struct pickle *pickle, struct error *error)
{
	size_t described = pickle->storage_count;

	*storages = (struct torch_storages){0};
	storages->rows = size_calloc(described, sizeof *storages->rows);
	storages->index = size_calloc(described, sizeof *storages->index);
	if (!storages->rows || !storages->index)
		return error_memory(error, "listing storages");
	for (size_t i = 0; i < described; i++) {
		const struct pickle_storage *from = &pickle->storages[i];
		RETURN_IF(from->key_size == 0 || from->key_size > 64, error, ERROR_DATA, "a storage's key of %u bytes",
		          from->key_size);
		storages->rows[i] = (struct torch_storage){
			.key = {pickle->text.data + from->key, from->key_size}, .dtype = from->dtype, .count = from->count,
			.record = NO_RECORD,
		};
	}
	if (described > 1)
		qsort(storages->rows, described, sizeof *storages->rows, compare_keys);
	if (!merge_equal(storages, described, error))
		return false;
	for (size_t i = 0; i < described; i++) {
		const struct pickle_storage *from = &pickle->storages[i];
		struct span key = {pickle->text.data + from->key, from->key_size};
		storages->index[i] = (uint32_t)(torch_storages_find(storages, key) - storages->rows);
	}
	return true;
}

struct torch_storage *torch_storages_find(const struct torch_storages *storages, struct span key)
{
	if (storages->count == 0)
		return NULL;
	return bsearch(&key, storages->rows, storages->count, sizeof *storages->rows, find_key);
}

void torch_storages_free(struct torch_storages *storages)
{
	free(storages->rows);
	free(storages->index);
	*storages = (struct torch_storages){0};
}

bool torch_storage_bytes(const struct torch_storage *storage, uint64_t *bytes)
{
	return u64_multiply(storage->count, dtype_size(storage->dtype), bytes);
}

/* The dict with the tensors. */
static const struct pickle_value *find_table(const struct pickle *pickle)
{
	static const char *const wrappers[] = {"state_dict", "model"};
	const struct pickle_value *root = &pickle->values[pickle->root];

	for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
		const struct pickle_value *inner = pickle_lookup(pickle, root, wrappers[i]);
		if (inner && inner->kind == PICKLE_DICT)
			return inner;
	}
	return root;
}

static bool is_row_major(const struct tensor_entry *entry)
{
	uint64_t stride = 1;

	for (int i = entry->tensor.rank - 1; i >= 0; i--) {
		if (entry->tensor.shape[i] != 1 && entry->stride[i] != stride)
			return false;
		stride *= (uint64_t)entry->tensor.shape[i];
	}
	return true;
}

static bool add_row(struct tensor_file *file, size_t source, struct span name, const struct pickle_tensor *tensor,
                    const struct torch_storage *storage, struct error *error)
{
	struct tensor_entry *entry = table_add(file, name, error);

	if (!entry)
		return false;
	entry->tensor.dtype = storage->dtype;
	entry->tensor.rank = tensor->rank;
	entry->tensor.count = tensor->count;
	memcpy(entry->tensor.shape, tensor->shape, sizeof tensor->shape);
	memcpy(entry->stride, tensor->stride, sizeof tensor->stride);
	entry->source = source;
	entry->record = storage->record;
	entry->offset = storage->offset + tensor->offset * dtype_size(storage->dtype);
	entry->span = tensor->span;
	entry->contiguous = tensor->count == 0 || is_row_major(entry);
	return true;
}

bool torch_add_rows(struct tensor_file *file, size_t source, const struct pickle *pickle,
                    const struct torch_storages *storages, struct error *error)
{
	const struct pickle_value *table = find_table(pickle);

	RETURN_IF(table->kind != PICKLE_DICT, error, ERROR_DATA, "holds no dict of tensors");
	for (uint32_t at = table->u.links.first; at != PICKLE_END; at = pickle->links[at].next) {
		const struct pickle_value *key = &pickle->values[pickle->links[at].key];
		const struct pickle_value *value = &pickle->values[pickle->links[at].value];
		const struct pickle_tensor *tensor;
		RETURN_IF(key->kind != PICKLE_STRING, error, ERROR_DATA, "a tensor whose name is not a text");
		RETURN_IF(value->kind != PICKLE_TENSOR, error, ERROR_DATA, "entry %.*s is not a tensor",
		          key->u.text.size < 200 ? (int)key->u.text.size : 200, pickle_text(pickle, key).data);
		tensor = &pickle->tensors[value->u.index];
		if (!add_row(file, source, pickle_text(pickle, key), tensor,
		             &storages->rows[storages->index[tensor->storage]], error))
			return false;
	}
	RETURN_IF(file->entry_count == 0, error, ERROR_DATA, "holds no tensors");
	return true;
}
