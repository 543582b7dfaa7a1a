/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading safetensors: 8 bytes length N, N bytes of JSON, the data. The rules are those of the reference
 * implementation (huggingface/safetensors, tensor.rs): offsets without a hole or an overlap, sizes that
 * follow from type and shape, nothing after the last tensor. */
#include "engine/format/safetensors.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/little.h"
#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

/* Every type of the format with its bits; those that are not read here are DTYPE_OTHER. */
static const struct {
	const char *name;
	unsigned bits;
	enum dtype dtype;
} types[] = {
	{"F32", 32, DTYPE_F32}, {"F16", 16, DTYPE_F16}, {"BF16", 16, DTYPE_BF16}, {"F64", 64, DTYPE_F64},
	{"I64", 64, DTYPE_I64}, {"I32", 32, DTYPE_I32}, {"I16", 16, DTYPE_I16}, {"I8", 8, DTYPE_I8},
	{"U8", 8, DTYPE_U8}, {"BOOL", 8, DTYPE_BOOL}, {"U64", 64, DTYPE_OTHER}, {"U32", 32, DTYPE_OTHER},
	{"U16", 16, DTYPE_OTHER}, {"C64", 64, DTYPE_OTHER}, {"F8_E5M2", 8, DTYPE_OTHER}, {"F8_E4M3", 8, DTYPE_OTHER},
	{"F8_E8M0", 8, DTYPE_OTHER}, {"F8_E4M3FNUZ", 8, DTYPE_OTHER}, {"F8_E5M2FNUZ", 8, DTYPE_OTHER},
	{"F6_E2M3", 6, DTYPE_OTHER}, {"F6_E3M2", 6, DTYPE_OTHER}, {"F4", 4, DTYPE_OTHER},
};

/* Limits that keep the parsed header within a small multiple of what honest files need, counted on the raw bytes before
 * anything is built from them. */
enum { HEADER_OBJECTS_MAX = TENSOR_COUNT_MAX + 2, HEADER_VALUES_MAX = 2000000 };

static bool header_is_modest(struct span header, struct error *error)
{
	size_t objects = 0, values = 0;

	for (size_t i = 0; i < header.size; i++) {
		objects += header.data[i] == '{';
		values += header.data[i] == ',' || header.data[i] == '[';
	}
	/* Braces and commas inside names count too: such names are not honest in these numbers. */
	RETURN_IF(objects > HEADER_OBJECTS_MAX, error, ERROR_DATA, "more than %d tensors", TENSOR_COUNT_MAX);
	RETURN_IF(values > HEADER_VALUES_MAX, error, ERROR_DATA, "a header of more than %d values", HEADER_VALUES_MAX);
	return true;
}

static bool read_unsigned(const json_t *value, uint64_t *out)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*out = (uint64_t)json_integer_value(value);
	return true;
}

static bool read_shape(const json_t *shape, struct tensor *tensor, struct error *error)
{
	uint64_t dimension;

	RETURN_IF(!json_is_array(shape), error, ERROR_DATA, "tensor %.200s: no shape", tensor->name);
	RETURN_IF(json_array_size(shape) > TENSOR_RANK_MAX, error, ERROR_DATA,
	          "tensor %.200s: %zu dimensions, at most %d are read", tensor->name, json_array_size(shape),
	          TENSOR_RANK_MAX);
	tensor->rank = (int)json_array_size(shape);
	for (int i = 0; i < tensor->rank; i++) {
		RETURN_IF(!read_unsigned(json_array_get(shape, (size_t)i), &dimension), error, ERROR_DATA,
		          "tensor %.200s: dimension %d is not a whole number from 0", tensor->name, i);
		tensor->shape[i] = (int64_t)dimension;
	}
	return table_count_elements(tensor, error);
}

static bool read_dtype(const json_t *dtype, struct tensor *tensor, unsigned *bits, struct error *error)
{
	RETURN_IF(!json_is_string(dtype), error, ERROR_DATA, "tensor %.200s: no dtype", tensor->name);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (strcmp(json_string_value(dtype), types[i].name) != 0)
			continue;
		tensor->dtype = types[i].dtype;
		*bits = types[i].bits;
		return true;
	}
	return error_set(error, ERROR_DATA, "tensor %.200s: unknown dtype %.100s", tensor->name, json_string_value(dtype));
}

/* The offsets, compared with what type and shape ask for. */
static bool read_offsets(const json_t *offsets, struct tensor_entry *entry, unsigned bits, uint64_t *end,
                         struct error *error)
{
	const char *name = entry->tensor.name;
	uint64_t size;

	RETURN_IF(!json_is_array(offsets) || json_array_size(offsets) != 2 ||
	          !read_unsigned(json_array_get(offsets, 0), &entry->offset) ||
	          !read_unsigned(json_array_get(offsets, 1), end),
	          error, ERROR_DATA, "tensor %.200s: data_offsets must be two whole numbers from 0", name);
	RETURN_IF(*end < entry->offset, error, ERROR_DATA, "tensor %.200s: ends before it begins", name);
	RETURN_IF(!u64_multiply(entry->tensor.count, bits, &size) || size % 8 != 0, error, ERROR_DATA,
	          "tensor %.200s: its shape does not make whole bytes", name);
	RETURN_IF(size / 8 != *end - entry->offset, error, ERROR_DATA,
	          "tensor %.200s: type and shape need %llu bytes, data_offsets give %llu", name,
	          (unsigned long long)(size / 8), (unsigned long long)(*end - entry->offset));
	return true;
}

/* A row of the header while its place is being checked. */
struct extent {
	uint64_t begin, end;
	size_t entry;
};

static bool add_tensor(struct tensor_file *file, struct span name, const json_t *row, struct extent *extent,
                       struct error *error)
{
	struct tensor_entry *entry = table_add(file, name, error);
	unsigned bits = 0;

	if (!entry)
		return false;
	RETURN_IF(!json_is_object(row), error, ERROR_DATA, "tensor %.200s: not a JSON object", entry->tensor.name);
	if (!read_dtype(json_object_get(row, "dtype"), &entry->tensor, &bits, error) ||
	    !read_shape(json_object_get(row, "shape"), &entry->tensor, error) ||
	    !read_offsets(json_object_get(row, "data_offsets"), entry, bits, &extent->end, error))
		return false;
	RETURN_IF(json_object_size(row) != 3, error, ERROR_DATA, "tensor %.200s: more than dtype, shape and data_offsets",
	          entry->tensor.name);
	table_set_contiguous(entry);
	extent->begin = entry->offset;
	extent->entry = file->entry_count - 1;
	return true;
}

/* Text by text, or null, which is none. */
static bool check_metadata(const json_t *metadata, struct error *error)
{
	const char *key;
	json_t *value;

	if (json_is_null(metadata))
		return true;
	RETURN_IF(!json_is_object(metadata), error, ERROR_DATA, "__metadata__ is not a JSON object");
	json_object_foreach((json_t *)(uintptr_t)metadata, key, value)
		RETURN_IF(!json_is_string(value), error, ERROR_DATA, "__metadata__: %.100s is not a string", key);
	return true;
}

static int compare_extents(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* Sorted by place, each tensor begins where the one before it ends, and the last one ends with the file. */
static bool place_tensors(struct tensor_file *file, size_t source, struct extent *extents, size_t count,
                          uint64_t data, struct error *error)
{
	uint64_t there = file->sources[source].size - data, end = 0;

	if (count > 1)
		qsort(extents, count, sizeof *extents, compare_extents);
	for (size_t i = 0; i < count; i++) {
		struct tensor_entry *entry = &file->entries[extents[i].entry];
		RETURN_IF(extents[i].begin != end, error, ERROR_DATA, "tensor %.200s: %s", entry->tensor.name,
		          extents[i].begin < end ? "overlaps the one before it" : "a hole before it");
		end = extents[i].end;
		entry->source = source;
		entry->offset += data;
	}
	RETURN_IF(end > there, error, ERROR_DATA,
	          "is truncated: the header announces %llu bytes of data, %llu are there; download it again",
	          (unsigned long long)end, (unsigned long long)there);
	RETURN_IF(end < there, error, ERROR_DATA, "%llu bytes after the last tensor belong to nothing",
	          (unsigned long long)(there - end));
	return true;
}

static bool read_header(struct tensor_file *file, size_t source, const json_t *header, uint64_t data,
                        struct error *error)
{
	size_t count = 0;
	struct extent *extents = size_calloc(json_object_size(header), sizeof *extents);
	bool done = true;
	const char *key;
	json_t *value;

	if (!extents)
		return error_memory(error, "reading a header");
	json_object_foreach((json_t *)(uintptr_t)header, key, value) {
		if (!done)
			break;
		if (strcmp(key, "__metadata__") == 0)
			done = check_metadata(value, error);
		else
			done = add_tensor(file, span_of(key), value, &extents[count++], error);
	}
	done = done && place_tensors(file, source, extents, count, data, error);
	free(extents);
	return done;
}

static bool read_length(const struct tensor_source *from, uint64_t *length, struct error *error)
{
	unsigned char bytes[8];

	RETURN_IF(from->size < 8, error, ERROR_DATA, "is only %llu bytes long: download it again",
	          (unsigned long long)from->size);
	if (!file_read_at(from->fd, bytes, 8, 0, from->path, error))
		return false;
	*length = little_64(bytes);
	RETURN_IF(*length > TENSOR_HEADER_MAX, error, ERROR_DATA, "a header of %llu bytes; at most %u are allowed",
	          (unsigned long long)*length, TENSOR_HEADER_MAX);
	RETURN_IF(*length > from->size - 8, error, ERROR_DATA,
	          "is truncated: its header has %llu bytes, %llu are there; download it again",
	          (unsigned long long)*length, (unsigned long long)(from->size - 8));
	return true;
}

static json_t *parse_header(const struct tensor_source *from, uint64_t length, struct error *error)
{
	char *text = malloc((size_t)length + 1);
	struct span header = {text, (size_t)length};
	json_t *document = NULL;

	if (!text)
		error_memory(error, "reading a header");
	else if (file_read_at(from->fd, text, header.size, 8, from->path, error) && header_is_modest(header, error))
		document = json_parse(header, "header", error);
	free(text);
	if (document && !json_is_object(document)) {
		error_set(error, ERROR_DATA, "the header is not a JSON object");
		json_decref(document);
		return NULL;
	}
	return document;
}

bool safetensors_read_table(struct tensor_file *file, size_t source, struct error *error)
{
	const struct tensor_source *from = &file->sources[source];
	uint64_t length = 0;
	json_t *header = NULL;
	bool done;

	done = read_length(from, &length, error) && (header = parse_header(from, length, error)) &&
	       read_header(file, source, header, 8 + length, error);
	json_decref(header);
	return done || table_name_source(&file->sources[source], error);
}
