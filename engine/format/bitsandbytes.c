/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/bitsandbytes.h"

#include "engine/base/json.h"
#include "engine/base/size.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_MAX 4096 /* bytes of a quant_state; real ones have under 300 */
#define STATE "quant_state.bitsandbytes__"

static const struct tensor *beside(const struct tensor_file *file, const struct tensor *tensor, const char *suffix)
{
	char name[TENSOR_NAME_MAX + 64];

	snprintf(name, sizeof name, "%s.%s", tensor->name, suffix);
	return tensor_file_find(file, name);
}

static const struct tensor *state_of(const struct tensor_file *file, const struct tensor *tensor, enum four_bits_type *type)
{
	const struct tensor *nf4 = beside(file, tensor, STATE "nf4");

	*type = nf4 ? FOUR_BITS_NF4 : FOUR_BITS_FP4;
	return nf4 ? nf4 : beside(file, tensor, STATE "fp4");
}

bool bitsandbytes_is_four_bits(const struct tensor_file *file, const struct tensor *tensor)
{
	enum four_bits_type type;

	return state_of(file, tensor, &type) != NULL;
}

bool bitsandbytes_is_part(const struct tensor_file *file, const struct tensor *tensor)
{
	static const char *const parts[] = {".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map",
	                                    "." STATE "nf4", "." STATE "fp4"};
	size_t length = strlen(tensor->name);

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t part = strlen(parts[i]);
		char name[TENSOR_NAME_MAX + 1];

		if (length <= part || strcmp(tensor->name + length - part, parts[i]) != 0)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)(length - part), tensor->name);
		return tensor_file_find(file, name) != NULL;
	}
	return false;
}

/* A tensor that must be there, of this type and so many elements. */
static const struct tensor *need(const struct tensor_file *file, const struct tensor *tensor, const char *suffix,
                                 enum dtype dtype, uint64_t count, struct error *error)
{
	const struct tensor *found = beside(file, tensor, suffix);

	if (!found)
		error_set(error, ERROR_DATA, "tensor %.200s is in 4 bits, but %s is not there: the file is not complete",
		          tensor->name, suffix);
	else if (found->dtype != dtype || found->count != count)
		error_set(error, ERROR_DATA, "tensor %.200s has %" PRIu64 " elements of %s, %" PRIu64 " of %s are needed",
		          found->name, found->count, dtype_name(found->dtype), count, dtype_name(dtype));
	else
		return found;
	return NULL;
}

static json_t *read_state(struct tensor_file *file, const struct tensor *state, struct error *error)
{
	char text[STATE_MAX];
	json_t *document;

	if (state->dtype != DTYPE_U8 || state->count == 0 || state->count > STATE_MAX) {
		error_set(error, ERROR_DATA, "tensor %.200s is not a text of 1 to %d bytes", state->name, STATE_MAX);
		return NULL;
	}
	if (!tensor_file_read_bytes(file, state, text, error))
		return NULL;
	document = json_parse((struct span){text, (size_t)state->count}, state->name, error);
	if (document && !json_is_object(document)) {
		error_set(error, ERROR_DATA, "tensor %.200s is not a JSON object", state->name);
		json_decref(document);
		return NULL;
	}
	return document;
}

static bool state_shape(const json_t *state, struct four_bit_tensor *out, struct error *error)
{
	const json_t *shape = json_object_get(state, "shape");
	uint64_t count;

	for (size_t i = 0; i < 2; i++) {
		out->shape[i] = json_integer_value(json_array_get(shape, i));
		RETURN_IF(json_array_size(shape) != 2 || out->shape[i] < 1 || out->shape[i] > INT32_MAX, error, ERROR_DATA,
		          "tensor %.200s: the shape in its quant_state is not two sizes of a matrix", out->codes->name);
	}
	count = (uint64_t)out->shape[0] * (uint64_t)out->shape[1];
	RETURN_IF(out->codes->dtype != DTYPE_U8, error, ERROR_DATA,
	          "tensor %.200s: 4-bit codes are stored as %s; only bnb_4bit_quant_storage uint8 is read", out->codes->name,
	          dtype_name(out->codes->dtype));
	RETURN_IF(count > SIZE_MAX / 8 || out->codes->count != four_bits_code_bytes((size_t)count), error, ERROR_DATA,
	          "tensor %.200s has %" PRIu64 " bytes of codes, its shape [%" PRId64 ", %" PRId64 "] needs %" PRIu64,
	          out->codes->name, out->codes->count, out->shape[0], out->shape[1], count / 2 + count % 2);
	out->count = (size_t)count;
	return true;
}

static bool state_block(const json_t *state, struct four_bit_tensor *out, struct error *error)
{
	json_int_t block = json_integer_value(json_object_get(state, "blocksize"));
	const char *type = json_string_value(json_object_get(state, "quant_type"));

	RETURN_IF(!type || strcmp(type, four_bits_type_name(out->type)) != 0, error, ERROR_DATA,
	          "tensor %.200s: quant_type in its quant_state is %.20s, its name says %s", out->codes->name,
	          type ? type : "missing", four_bits_type_name(out->type));
	RETURN_IF(block < FOUR_BITS_BLOCK || block > 4096 || block % FOUR_BITS_BLOCK != 0, error, ERROR_DATA,
	          "tensor %.200s: a blocksize of %" JSON_INTEGER_FORMAT " is not read: 64, 128 or another multiple of 64 up to 4096 is",
	          out->codes->name, block);
	out->block = (size_t)block;
	return true;
}

/* The codes mean what they mean in bitsandbytes, whatever the file says; it may not say something else. */
static bool check_map(struct tensor_file *file, const struct four_bit_tensor *tensor, struct error *error)
{
	const struct tensor *map = need(file, tensor->codes, "quant_map", DTYPE_F32, FOUR_BITS_CODES, error);
	float values[FOUR_BITS_CODES];

	if (!map || !tensor_file_read(file, map, values, error))
		return false;
	for (int i = 0; i < FOUR_BITS_CODES; i++)
		RETURN_IF(!(fabsf(values[i] - four_bits_codes(tensor->type)[i]) <= 1e-6f), error, ERROR_DATA,
		          "tensor %.200s is not the map of %s: such codes are not read", map->name,
		          four_bits_type_name(tensor->type));
	return true;
}

static bool open_nested(struct tensor_file *file, const json_t *state, size_t scales, struct four_bit_tensor *out,
                        struct error *error)
{
	const json_t *offset = json_object_get(state, "nested_offset");
	uint64_t blocks = scales / FOUR_BITS_NESTED_BLOCK + (scales % FOUR_BITS_NESTED_BLOCK != 0);

	RETURN_IF(json_integer_value(json_object_get(state, "nested_blocksize")) != FOUR_BITS_NESTED_BLOCK, error, ERROR_DATA,
	          "tensor %.200s: the nested_blocksize in its quant_state is not 256", out->codes->name);
	out->offset = (float)json_number_value(offset);
	RETURN_IF(!json_is_number(offset) || !isfinite(out->offset), error, ERROR_DATA,
	          "tensor %.200s: the nested_offset in its quant_state is not a number", out->codes->name);
	return (out->absmax = need(file, out->codes, "absmax", DTYPE_U8, scales, error)) &&
	       (out->nested_absmax = need(file, out->codes, "nested_absmax", DTYPE_F32, blocks, error)) &&
	       (out->nested_map = need(file, out->codes, "nested_quant_map", DTYPE_F32, FOUR_BITS_MAP, error));
}

bool bitsandbytes_open(struct tensor_file *file, const struct tensor *tensor, struct four_bit_tensor *out,
                       struct error *error)
{
	enum four_bits_type type;
	const struct tensor *state = state_of(file, tensor, &type);
	json_t *document;
	size_t scales;
	bool done;

	*out = (struct four_bit_tensor){.codes = tensor, .type = type};
	RETURN_IF(!state, error, ERROR_DATA, "tensor %.200s has no quant_state: it is not in 4 bits", tensor->name);
	document = read_state(file, state, error);
	if (!document)
		return false;
	done = state_shape(document, out, error) && state_block(document, out, error) && check_map(file, out, error);
	scales = done ? out->count / out->block + (out->count % out->block != 0) : 0;
	if (done && beside(file, tensor, "nested_absmax"))
		done = open_nested(file, document, scales, out, error);
	else if (done)
		done = (out->absmax = need(file, tensor, "absmax", DTYPE_F32, scales, error)) != NULL;
	json_decref(document);
	return done;
}

/* The scales of `stored` blocks of the file, from the numbers of double quantisation. */
static bool read_nested(struct tensor_file *file, const struct four_bit_tensor *tensor, size_t stored, float *scales,
                        struct error *error)
{
	float map[FOUR_BITS_MAP], *absmax = size_calloc((size_t)tensor->nested_absmax->count, sizeof *absmax);
	uint8_t *numbers = size_calloc(stored, sizeof *numbers);
	bool done = absmax && numbers;

	if (!done)
		error_memory(error, "reading weights in 4 bits");
	done = done && tensor_file_read_bytes(file, tensor->absmax, numbers, error) &&
	       tensor_file_read(file, tensor->nested_absmax, absmax, error) &&
	       tensor_file_read(file, tensor->nested_map, map, error);
	if (done)
		four_bits_expand(numbers, stored, map, absmax, FOUR_BITS_NESTED_BLOCK, tensor->offset, scales);
	free(absmax);
	free(numbers);
	return done;
}

bool bitsandbytes_read(struct tensor_file *file, const struct four_bit_tensor *tensor, uint8_t *codes, float *scales,
                       struct error *error)
{
	size_t stored = (size_t)tensor->absmax->count, blocks = four_bits_blocks(tensor->count);

	if (!tensor_file_read_bytes(file, tensor->codes, codes, error) ||
	    !(tensor->nested_absmax ? read_nested(file, tensor, stored, scales, error)
	                            : tensor_file_read(file, tensor->absmax, scales, error)))
		return false;
	for (size_t i = 0; i < stored; i++)
		RETURN_IF(!isfinite(scales[i]), error, ERROR_DATA,
		          "tensor %.200s holds values that are not finite: the model is damaged, or its training failed",
		          tensor->absmax->name);
	for (size_t i = blocks; tensor->block > FOUR_BITS_BLOCK && i > 0; i--) /* from the end: none is overwritten too early */
		scales[i - 1] = scales[(i - 1) * FOUR_BITS_BLOCK / tensor->block];
	return true;
}
