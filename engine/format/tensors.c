/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening weights, whatever the container, and reading single tensors. */
#include "engine/format/tensors.h"

#include "engine/base/file.h"
#include "engine/format/container.h"
#include "engine/format/halves.h"
#include "engine/format/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void tensor_file_close(struct tensor_file *file)
{
	table_free(file);
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
	const struct tensor_entry *found = table_find(file, name);

	return found ? &found->tensor : NULL;
}

struct tensor_file *tensor_file_open(const char *path, struct error *error)
{
	struct tensor_file *file = table_new(error);
	enum content content;
	size_t source;

	if (!file)
		return NULL;
	if (table_open_source(file, path, &source, error) && container_identify(file, source, &content, error) &&
	    container_read(file, source, content, error) && (table_finish(file, error) || error_prefix(error, "%s", path)))
		return file;
	tensor_file_close(file);
	return NULL;
}

static bool source_is_unchanged(const struct tensor_source *source, struct error *error)
{
	struct stat status;

	if (fstat(source->fd, &status) != 0)
		return error_errno(error, "look at", source->path);
	RETURN_IF((uint64_t)status.st_size != source->size || status.st_mtim.tv_sec != source->changed.tv_sec ||
	          status.st_mtim.tv_nsec != source->changed.tv_nsec,
	          error, ERROR_IO, "%s changed while it was read: try again when it is complete", source->path);
	return true;
}

enum { BLOCK = 1 << 16 }; /* bytes; a multiple of every element's size */

/* f32 on a little-endian machine is there as soon as it is read. */
static bool is_native(enum dtype dtype)
{
	return dtype == DTYPE_F32 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}

static bool read_contiguous(struct tensor_source *source, const struct tensor_entry *entry, float *out,
                            struct error *error)
{
	size_t size = dtype_size(entry->tensor.dtype), per_block = BLOCK / size;
	unsigned char *block;
	bool done = true;

	if (is_native(entry->tensor.dtype))
		return table_read(source, out, (size_t)entry->span * size, entry->offset, error);
	block = malloc(BLOCK);
	if (!block)
		return error_memory(error, "reading a tensor");
	for (uint64_t i = 0; done && i < entry->span;) {
		size_t count = entry->span - i < per_block ? (size_t)(entry->span - i) : per_block;
		done = table_read(source, block, count * size, entry->offset + i * size, error);
		if (done)
			floats_convert(out + i, block, count, entry->tensor.dtype);
		i += count;
	}
	free(block);
	return done;
}

/* Row-major order through the strides; the odometer `index` never leaves the shape, and table_finish's invariant
 * keeps every position inside the span. */
static void gather(float *out, const float *from, const struct tensor_entry *entry)
{
	uint64_t index[TENSOR_RANK_MAX] = {0}, position = 0;

	for (uint64_t i = 0; i < entry->tensor.count; i++) {
		out[i] = from[position];
		for (int axis = entry->tensor.rank - 1; axis >= 0; axis--) {
			position += entry->stride[axis];
			if (++index[axis] < (uint64_t)entry->tensor.shape[axis])
				break;
			position -= index[axis] * entry->stride[axis];
			index[axis] = 0;
		}
	}
}

static bool read_strided(struct tensor_source *source, const struct tensor_entry *entry, float *out,
                         struct error *error)
{
	float *all = calloc((size_t)entry->span, sizeof *all);
	bool done;

	if (!all)
		return error_memory(error, "reading a tensor");
	done = read_contiguous(source, entry, all, error);
	if (done)
		gather(out, all, entry);
	free(all);
	return done;
}

bool tensor_file_read(struct tensor_file *file, const struct tensor *tensor, float *out, struct error *error)
{
	const struct tensor_entry *entry = (const struct tensor_entry *)tensor;
	struct tensor_source *source = &file->sources[entry->source];
	bool done;

	RETURN_IF(!dtype_is_float(tensor->dtype), error, ERROR_DATA,
	          "%s: tensor %.200s is of type %s; F32, F16, BF16 or F64 is needed", source->path, tensor->name,
	          dtype_name(tensor->dtype));
	if (entry->span == 0)
		return true;
	if (entry->record != NO_RECORD && !table_verify_record(file, entry->record, error))
		return false;
	done = entry->contiguous ? read_contiguous(source, entry, out, error) : read_strided(source, entry, out, error);
	return done && source_is_unchanged(source, error);
}

bool tensor_file_read_bytes(struct tensor_file *file, const struct tensor *tensor, void *out, struct error *error)
{
	const struct tensor_entry *entry = (const struct tensor_entry *)tensor;
	struct tensor_source *source = &file->sources[entry->source];

	RETURN_IF(tensor->dtype != DTYPE_U8 || !entry->contiguous, error, ERROR_DATA,
	          "%s: tensor %.200s is of type %s; U8 in one piece is needed", source->path, tensor->name,
	          dtype_name(tensor->dtype));
	if (entry->record != NO_RECORD && !table_verify_record(file, entry->record, error))
		return false;
	return (entry->span == 0 || table_read(source, out, (size_t)entry->span, entry->offset, error)) &&
	       source_is_unchanged(source, error);
}

int tensor_compare_places(const struct tensor *a, const struct tensor *b)
{
	const struct tensor_entry *x = (const struct tensor_entry *)a, *y = (const struct tensor_entry *)b;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

bool tensor_file_hash(struct tensor_file *file, struct error *error)
{
	for (size_t i = 0; i < file->source_count; i++) {
		struct tensor_source *source = &file->sources[i];

		source->hash = malloc(sizeof *source->hash);
		if (!source->hash)
			return error_memory(error, "hashing weights");
		sha256_init(source->hash);
	}
	return true;
}

bool tensor_file_digest(struct tensor_file *file, const char *name, char out[65], struct error *error)
{
	for (size_t i = 0; i < file->source_count; i++) {
		struct tensor_source *source = &file->sources[i];
		const char *slash = strrchr(source->path, '/');
		struct sha256_ctx copy;

		if (!source->hash || strcmp(slash ? slash + 1 : source->path, name) != 0)
			continue;
		if (!table_hash_up_to(source, source->size, error) || !source_is_unchanged(source, error))
			return false;
		copy = *source->hash;
		sha256_hex(&copy, out);
		return true;
	}
	out[0] = '\0';
	return true;
}
