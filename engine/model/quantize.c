/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/quantize.h"

#include "engine/base/four_bits.h"
#include "engine/base/size.h"
#include "engine/model/bind.h"
#include "engine/model/host.h"
#include "engine/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum four_bits_type four_bits_kind(enum matrix_type type)
{
	return type == MATRIX_FP4 ? FOUR_BITS_FP4 : FOUR_BITS_NF4;
}

bool model_take_codes(struct model *model, struct error *error)
{
	struct backend *backend = model->network.backend;
	uint64_t bytes = parameters_place_codes(model->parameters, model->parameter_count, NULL);

	if (bytes == 0)
		return true;
	model->codes = bytes > SIZE_MAX / 2 ? NULL : backend->ops->alloc(backend, (size_t)bytes);
	if (!model->codes)
		return error_memory(error, "taking memory for weights in 4 bits");
	parameters_place_codes(model->parameters, model->parameter_count, model->codes);
	return true;
}

void parameter_set_codes(struct backend *backend, struct parameter *parameter, const void *block)
{
	backend->ops->upload(backend, parameter->codes, block, four_bits_size(parameter->count));
}

bool parameter_dequantise(struct backend *backend, const struct parameter *parameter, float *out, struct error *error)
{
	size_t size = four_bits_size(parameter->count);
	uint8_t *block = malloc(size);

	if (!block)
		return error_memory(error, "reading weights in 4 bits");
	backend->ops->sync(backend);
	backend->ops->download(backend, block, parameter->codes, size);
	four_bits_dequantise(four_bits_kind(parameter->type), block,
	                     (const float *)(const void *)(block + four_bits_scales_at(parameter->count)), 0,
	                     parameter->count, out);
	free(block);
	return true;
}

/* ---- an opened model */

/* What a change needs until it is done. */
struct change {
	struct model *model;
	enum matrix_type type;
	bool double_quant;
	void *codes;      /* the new arenas, and the memory of one row */
	float *values;
	float *staging;   /* values of a row, where the backend's memory is not the host's */
	uint8_t *block;   /* codes and scales of a row */
	uint8_t *numbers; /* its scales in 8 bits, and their scales */
	float *absmax;
};

static size_t largest_matrix(const struct model *model)
{
	size_t largest = 0;

	for (int row = 0; row < model->parameter_count; row++)
		if (parameter_may_be_four_bits(&model->parameters[row]) && model->parameters[row].count > largest)
			largest = model->parameters[row].count;
	return largest;
}

static bool take_scratch(struct change *change, struct error *error)
{
	size_t count = largest_matrix(change->model), blocks = four_bits_blocks(count);

	change->block = malloc(four_bits_size(count));
	change->numbers = size_calloc(blocks, sizeof *change->numbers);
	change->absmax = size_calloc(blocks / FOUR_BITS_NESTED_BLOCK + 1, sizeof *change->absmax);
	if (!change->block || !change->numbers || !change->absmax)
		return error_memory(error, "quantising weights");
	return true;
}

static void change_free(struct change *change)
{
	struct backend *backend = change->model->network.backend;

	backend->ops->release(backend, change->codes);
	backend->ops->release(backend, change->values);
	free(change->staging);
	free(change->block);
	free(change->numbers);
	free(change->absmax);
}

/* The scales as they come back from double quantisation. */
static bool compress_scales(struct change *change, const struct parameter *parameter, float *scales, struct error *error)
{
	size_t blocks = four_bits_blocks(parameter->count);
	float map[FOUR_BITS_MAP], offset;

	RETURN_IF(!four_bits_compress(scales, blocks, change->numbers, change->absmax, &offset), error, ERROR_DATA,
	          "tensor %s is too large for double quantisation: leave --bnb-4bit-use-double-quant out", parameter->name);
	four_bits_dynamic_map(map);
	four_bits_expand(change->numbers, blocks, map, change->absmax, FOUR_BITS_NESTED_BLOCK, offset, scales);
	return true;
}

static bool quantise_row(struct change *change, const struct parameter *parameter, struct error *error)
{
	struct backend *backend = change->model->network.backend;
	const float *values = parameter_to_host(backend, parameter->value, parameter->count, change->staging);
	float *scales = (float *)(void *)(change->block + four_bits_scales_at(parameter->count));

	for (size_t i = 0; i < parameter->count; i++)
		RETURN_IF(!isfinite(values[i]), error, ERROR_DATA, "tensor %s holds a value that is not finite: it cannot be "
		          "quantised", parameter->name);
	memset(change->block, 0, four_bits_size(parameter->count));
	four_bits_quantise(four_bits_kind(change->type), values, parameter->count, change->block, scales);
	return !change->double_quant || compress_scales(change, parameter, scales, error);
}

static bool round_row(struct change *change, const struct parameter *parameter, struct error *error)
{
	float *values;

	if (!quantise_row(change, parameter, error))
		return false;
	values = size_calloc(parameter->count, sizeof *values);
	if (!values)
		return error_memory(error, "rounding weights to 4 bits");
	four_bits_dequantise(four_bits_kind(change->type), change->block,
	                     (const float *)(const void *)(change->block + four_bits_scales_at(parameter->count)), 0,
	                     parameter->count, values);
	parameter_from_host(change->model->network.backend, parameter->value, values, parameter->count);
	free(values);
	return true;
}

bool model_round_to_four_bits(struct model *model, const struct quantization *settings, struct error *error)
{
	struct change change = {
		.model = model, .type = settings->fp4 ? MATRIX_FP4 : MATRIX_NF4, .double_quant = settings->double_quant,
	};
	bool done = take_scratch(&change, error) &&
	            parameter_staging(model->network.backend, largest_matrix(model), &change.staging, "rounding weights to 4 bits", error);

	for (int row = 0; done && row < model->parameter_count; row++)
		if (parameter_may_be_four_bits(&model->parameters[row]))
			done = round_row(&change, &model->parameters[row], error);
	change_free(&change);
	if (!done)
		return false;
	return notices_add(&model->notices, "the adapter trained on its base in 4 bits (%s%s), and is added to such a one",
	                   settings->fp4 ? "fp4" : "nf4", settings->double_quant ? ", double quantisation" : "") ||
	       error_memory(error, "rounding weights to 4 bits");
}

/* All codes into a new arena; the table is as before. */
static bool make_codes(struct change *change, struct error *error)
{
	struct model *model = change->model;
	struct backend *backend = model->network.backend;
	uint64_t bytes = 0;
	size_t used = 0;

	for (int row = 0; row < model->parameter_count; row++)
		if (parameter_may_be_four_bits(&model->parameters[row]))
			bytes += four_bits_size(model->parameters[row].count);
	change->codes = backend->ops->alloc(backend, (size_t)bytes);
	if (!change->codes || !parameter_staging(backend, largest_matrix(model), &change->staging, "quantising weights", error))
		return error_memory(error, "quantising weights");
	for (int row = 0; row < model->parameter_count; row++) {
		struct parameter copy = model->parameters[row];

		if (!parameter_may_be_four_bits(&copy))
			continue;
		if (!quantise_row(change, &copy, error))
			return false;
		copy.codes = (char *)change->codes + used;
		parameter_set_codes(backend, &copy, change->block);
		used += four_bits_size(copy.count);
	}
	return true;
}

/* The rows that stay floats, from the arena before to a smaller one. */
static bool move_values(struct change *change, struct error *error)
{
	struct model *model = change->model;
	struct backend *backend = model->network.backend;
	struct parameter *after = size_calloc((size_t)model->parameter_count, sizeof *after);
	uint64_t floats = 0;
	bool done;

	for (int row = 0; after && row < model->parameter_count; row++) {
		after[row] = model->parameters[row];
		if (parameter_may_be_four_bits(&after[row]))
			after[row].type = change->type;
	}
	floats = after ? parameters_place(after, model->parameter_count, NULL, false) : 0;
	change->values = floats > 0 ? backend->ops->alloc(backend, (size_t)floats * sizeof(float)) : NULL;
	done = change->values || error_memory(error, "quantising weights");
	if (done)
		parameters_place(after, model->parameter_count, change->values, false);
	for (int row = 0; done && row < model->parameter_count; row++)
		if (!parameter_is_four_bits(&after[row]))
			done = parameter_copy(backend, after[row].value, model->parameters[row].value, after[row].count, error);
	if (done)
		memcpy(model->parameters, after, (size_t)model->parameter_count * sizeof *after);
	free(after);
	return done;
}

static void exchange_arenas(struct change *change)
{
	struct model *model = change->model;
	float *before = model->values;

	model->values = change->values;
	model->codes = change->codes;
	change->values = before; /* is given up with the change */
	change->codes = NULL;
	parameters_place_codes(model->parameters, model->parameter_count, model->codes);
	model->network.longest = 0; /* other types may need more of the backend: the next reserve asks it */
	network_bind(model);
}

uint64_t model_parameter_memory(const struct model *model)
{
	uint64_t bytes = 0;

	for (int row = 0; row < model->parameter_count; row++)
		bytes += parameter_is_four_bits(&model->parameters[row]) ? four_bits_size(model->parameters[row].count)
		                                                         : model->parameters[row].count * sizeof(float);
	return bytes;
}

static bool report_change(struct model *model, const struct quantization *settings, uint64_t before, struct error *error)
{
	uint64_t after = model_parameter_memory(model), embeddings = model_embedding_parameter_count(model) * sizeof(float);

	return notices_add(&model->notices, "weights in 4 bits (%s%s): the model takes %s instead of %s%s", settings->fp4 ? "fp4" : "nf4",
	                   settings->double_quant ? ", double quantisation" : "", words_bytes(after).text,
	                   words_bytes(before).text,
	                   embeddings > after / 2 ? "; most of it are the embeddings, which stay as they are: little is gained" : "") ||
	       error_memory(error, "quantising weights");
}

bool model_quantize(struct model *model, const struct quantization *settings, struct error *error)
{
	struct change change = {
		.model = model, .type = settings->fp4 ? MATRIX_FP4 : MATRIX_NF4, .double_quant = settings->double_quant,
	};
	uint64_t before = model_parameter_memory(model);
	bool done;

	RETURN_IF(model->kind, error, ERROR_USAGE, "%s has no layers whose matrices could be held in 4 bits (--load-in-4bit)",
	          model->folder);
	RETURN_IF(model->gradients, error, ERROR_FAILED, "a model that is being trained cannot be quantised");
	if (model->codes)
		return notices_add(&model->notices, "the weights are in 4 bits already: they stay as they are") ||
		       error_memory(error, "quantising weights");
	done = take_scratch(&change, error) && make_codes(&change, error) && move_values(&change, error);
	if (done)
		exchange_arenas(&change);
	change_free(&change);
	return done && report_change(model, settings, before, error);
}
