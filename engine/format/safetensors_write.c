/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing safetensors. */
#include "engine/format/tensors.h"

#include "engine/base/buffer.h"
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/sha256.h"
#include "engine/base/size.h"
#include "engine/format/halves.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HALVES_AT_ONCE 4096

/* A tensor with what follows from its shape. */
struct placed {
	const struct tensor_out *tensor;
	size_t bytes;
};

static int compare_placed(const void *a, const void *b)
{
	return strcmp(((const struct placed *)a)->tensor->name, ((const struct placed *)b)->tensor->name);
}

static bool place(struct placed *placed, const struct tensor_out *tensor, struct error *error)
{
	size_t count = 1;

	RETURN_IF(tensor->rank < 0 || tensor->rank > TENSOR_RANK_MAX, error, ERROR_FAILED,
	          "tensor %.200s: cannot be written with %d dimensions", tensor->name, tensor->rank);
	for (int i = 0; i < tensor->rank; i++)
		RETURN_IF(tensor->shape[i] < 0 || !size_multiply(count, (size_t)tensor->shape[i], &count), error, ERROR_FAILED,
		          "tensor %.200s: impossible shape", tensor->name);
	RETURN_IF(!size_multiply(count, dtype_size(tensor->dtype), &placed->bytes), error, ERROR_FAILED, "tensor %.200s: too large",
	          tensor->name);
	RETURN_IF(!*tensor->name || strlen(tensor->name) > TENSOR_NAME_MAX || !tensor_text_is_clean(span_of(tensor->name)),
	          error, ERROR_FAILED, "a tensor's name cannot be written");
	placed->tensor = tensor;
	return true;
}

/* One row of the header; the name goes through jansson, which knows how to escape it. */
static bool add_row(struct buffer *header, const struct placed *placed, size_t begin)
{
	json_t *name = json_string(placed->tensor->name);
	char *quoted = name ? json_text(name, JSON_ENCODE_ANY) : NULL;
	bool done = quoted && buffer_format(header, ",%s:{\"dtype\":\"%s\",\"shape\":[", quoted,
	                                     dtype_name(placed->tensor->dtype));

	free(quoted);
	json_decref(name);
	for (int i = 0; done && i < placed->tensor->rank; i++)
		done = buffer_format(header, "%s%" PRId64, i ? "," : "", placed->tensor->shape[i]);
	return done && buffer_format(header, "],\"data_offsets\":[%zu,%zu]}", begin, begin + placed->bytes);
}

static bool make_header(struct buffer *header, const struct placed *placed, size_t count, struct error *error)
{
	size_t begin = 0, end;
	bool done = buffer_add_text(header, "{\"__metadata__\":{\"format\":\"pt\"}");

	for (size_t i = 0; done && i < count; i++) {
		RETURN_IF(!size_add(begin, placed[i].bytes, &end), error, ERROR_FAILED, "the tensors are too large to write");
		done = add_row(header, &placed[i], begin);
		begin = end;
	}
	done = done && buffer_add_byte(header, '}');
	while (done && header->size % 8 != 0)
		done = buffer_add_byte(header, ' ');
	return done || error_memory(error, "writing a header");
}

static bool write_part(struct file_writer *writer, struct sha256_ctx *hash, const void *data, size_t size,
                       struct error *error)
{
	if (hash)
		sha256_update(hash, size, data);
	return file_writer_write(writer, data, size, error);
}

/* In 16 bits, some at a time. */
static bool write_halves(struct file_writer *writer, struct sha256_ctx *hash, const struct placed *placed, struct error *error)
{
	const struct tensor_out *tensor = placed->tensor;
	const size_t count = placed->bytes / 2;
	unsigned char bytes[2 * HALVES_AT_ONCE];

	for (size_t done = 0; done < count;) {
		const size_t now = count - done < HALVES_AT_ONCE ? count - done : HALVES_AT_ONCE;

		for (size_t i = 0; i < now; i++) {
			const float value = tensor->data[done + i];
			const uint16_t half = tensor->dtype == DTYPE_F16 ? f32_to_f16(value) : f32_to_bf16(value);

			RETURN_IF((half & 0x7fffu) == (tensor->dtype == DTYPE_F16 ? 0x7c00u : 0x7f80u), error, ERROR_DATA,
			          "tensor %.200s: %g is too large for %s: save it in float32", tensor->name, (double)value,
			          dtype_name(tensor->dtype));
			bytes[2 * i] = (unsigned char)half;
			bytes[2 * i + 1] = (unsigned char)(half >> 8);
		}
		if (!write_part(writer, hash, bytes, 2 * now, error))
			return false;
		done += now;
	}
	return true;
}

/* `hash`: NULL: nobody asks. */
static bool write_parts(struct file_writer *writer, const struct buffer *header, const struct placed *placed,
                        size_t count, struct sha256_ctx *hash, struct error *error)
{
	unsigned char length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)((uint64_t)header->size >> 8 * i);
	if (!write_part(writer, hash, length, sizeof length, error) ||
	    !write_part(writer, hash, header->data, header->size, error))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!(placed[i].tensor->dtype == DTYPE_F32 ? write_part(writer, hash, placed[i].tensor->data, placed[i].bytes, error)
		                                            : write_halves(writer, hash, &placed[i], error)))
			return false;
	return true;
}

static bool place_all(struct placed *placed, const struct tensor_out *tensors, size_t count, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (!place(&placed[i], &tensors[i], error))
			return false;
	if (count > 1)
		qsort(placed, count, sizeof *placed, compare_placed);
	for (size_t i = 1; i < count; i++)
		RETURN_IF(compare_placed(&placed[i - 1], &placed[i]) == 0, error, ERROR_FAILED,
		          "tensor %.200s was given twice", placed[i].tensor->name);
	return true;
}

/* The values are written as they lie in memory: little-endian IEEE 754 on every processor this runs on. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && sizeof(float) == 4, "safetensors holds little-endian f32");

static bool write_file(const char *path, const struct tensor_out *tensors, size_t count, struct sha256_ctx *hash,
                       struct error *error)
{
	struct placed *placed = size_calloc(count, sizeof *placed);
	struct buffer header = {.maximum = TENSOR_HEADER_MAX};
	struct file_writer writer;
	bool done;

	if (!placed)
		return error_memory(error, "writing weights");
	done = place_all(placed, tensors, count, error) && make_header(&header, placed, count, error);
	if (done) {
		done = file_writer_begin(&writer, path, error) && write_parts(&writer, &header, placed, count, hash, error) &&
		       file_writer_commit(&writer, error);
		if (!done)
			file_writer_abort(&writer);
	}
	buffer_free(&header);
	free(placed);
	return done;
}

bool safetensors_write(const char *path, const struct tensor_out *tensors, size_t count, struct error *error)
{
	return write_file(path, tensors, count, NULL, error);
}

bool safetensors_write_hashed(const char *path, const struct tensor_out *tensors, size_t count, char hash[65],
                              struct error *error)
{
	struct sha256_ctx context;

	sha256_init(&context);
	if (!write_file(path, tensors, count, &context, error))
		return false;
	sha256_hex(&context, hash);
	return true;
}
