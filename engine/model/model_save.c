/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing a Hugging Face folder. */
#include "engine/model/host.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/format/config_write.h"
#include "engine/format/tensors.h"
#include "engine/model/bind.h"
#include "engine/model/kind.h"
#include "engine/model/model.h"
#include "engine/model/quantize.h"

#include <stdlib.h>

/* The rows that are written, as the host can read them. */
struct host_copy {
	float *staging; /* for those that do not stand as they are written; NULL: all do */
	struct tensor_out *tensors;
	size_t count;
};

static void host_copy_free(struct host_copy *copy)
{
	free(copy->staging);
	free(copy->tensors);
}

/* A head that nobody trained is left out: whoever opens the folder then makes a new one and knows that it is new. */
static bool is_raw_head(const struct model *model, int row)
{
	return parameter_is_head(&model->parameters[row]) && model->parameters[row].fresh && !model->trained;
}

static const struct parameter *adapter(const struct model *model, const struct parameter *parameter, enum parameter_part part)
{
	return parameters_find_adapter(model->parameters, model->parameter_count, parameter->role, parameter->layer, part);
}

/* Whether the values do not stand where the host can read them as they are written: in a device, in four bits, without the
 * adapter that is to be added. */
static bool needs_place(const struct model *model, const struct parameter *parameter)
{
	return !model->network.backend->ops->host_memory || parameter_is_four_bits(parameter) ||
	       adapter(model, parameter, PART_LORA_A);
}

static bool add_adapter(const struct model *model, const struct parameter *parameter, float *place, struct error *error)
{
	struct backend *backend = model->network.backend;
	const struct parameter *a = adapter(model, parameter, PART_LORA_A), *b = adapter(model, parameter, PART_LORA_B);
	float *ab;

	if (!a || !b)
		return true;
	ab = size_calloc(a->count + b->count, sizeof *ab);
	if (!ab)
		return error_memory(error, "saving the model");
	backend->ops->download(backend, ab, a->value, a->count * sizeof *ab);
	backend->ops->download(backend, ab + a->count, b->value, b->count * sizeof *ab);
	lora_add(place, ab, ab + a->count, model->lora.scale, parameter->shape[0], parameter->shape[1], model->lora.rank);
	free(ab);
	return true;
}

/* A row as it is written: in `place`, [parameter->count], where it needs one. NULL: no memory. */
static const float *values_of(const struct model *model, const struct parameter *parameter, float *place, struct error *error)
{
	struct backend *backend = model->network.backend;

	if (!needs_place(model, parameter))
		return parameter->value;
	if (!parameter_is_four_bits(parameter))
		backend->ops->download(backend, place, parameter->value, parameter->count * sizeof *place);
	else if (!parameter_dequantise(backend, parameter, place, error))
		return NULL;
	return add_adapter(model, parameter, place, error) ? place : NULL;
}

static bool take_staging(struct host_copy *copy, const struct model *model, struct error *error)
{
	size_t count = 0;

	for (int row = 0; row < model->parameter_count; row++)
		if (model->parameters[row].part == PART_BASE && needs_place(model, &model->parameters[row]))
			count += model->parameters[row].count;
	copy->staging = count > 0 ? size_calloc(count, sizeof *copy->staging) : NULL;
	return copy->staging || count == 0 || error_memory(error, "saving the model");
}

static bool host_copy_make(struct host_copy *copy, const struct model *model, enum model_dtype saved_as, struct error *error)
{
	static const enum dtype dtypes[] = {[MODEL_FLOAT32] = DTYPE_F32, [MODEL_FLOAT16] = DTYPE_F16, [MODEL_BFLOAT16] = DTYPE_BF16};
	size_t used = 0;

	copy->tensors = size_calloc((size_t)model->parameter_count, sizeof *copy->tensors);
	if (!copy->tensors)
		return error_memory(error, "saving the model");
	if (!take_staging(copy, model, error))
		return false;
	for (int row = 0; row < model->parameter_count; row++) {
		const struct parameter *parameter = &model->parameters[row];
		const float *values;

		if (is_raw_head(model, row) || parameter->part != PART_BASE)
			continue;
		values = values_of(model, parameter, copy->staging ? copy->staging + used : NULL, error);
		if (!values)
			return false;
		copy->tensors[copy->count++] = (struct tensor_out){
			.name = parameter->name,
			.rank = parameter->shape[1] > 0 ? 2 : 1,
			.shape = {parameter->shape[0], parameter->shape[1]},
			.dtype = dtypes[saved_as],
			.data = values,
		};
		used += needs_place(model, parameter) ? parameter->count : 0;
	}
	return true;
}

static bool save_weights(const struct model *model, const char *folder, enum model_dtype dtype, struct error *error)
{
	struct host_copy copy = {0};
	char path[4096];
	bool done = path_join(path, sizeof path, folder, "model.safetensors", error) &&
	            host_copy_make(&copy, model, dtype, error) &&
	            safetensors_write(path, copy.tensors, copy.count, error);

	host_copy_free(&copy);
	return done;
}

bool model_save_bare(const struct model *model, const char *folder, struct error *error)
{
	return folder_make(folder, error) && tokenizer_save(model->tokenizer, folder, error) &&
	       hf_config_write(folder, &model->config, (const char *const *)model->labels, model->document, error) &&
	       folder_sync(folder, error);
}

bool model_save(const struct model *model, const char *folder, struct error *error)
{
	return model_save_as(model, folder, MODEL_FLOAT32, error);
}

bool model_save_as(const struct model *model, const char *folder, enum model_dtype dtype, struct error *error)
{
	struct model_config config = model->config;

	if (model->kind)
		return folder_make(folder, error) && model->kind->save(model, folder, error) && folder_sync(folder, error);
	config.own.load_in_4bit = false; /* of a base there is no more */
	config.saved_as = dtype;
	return folder_make(folder, error) && tokenizer_save(model->tokenizer, folder, error) &&
	       save_weights(model, folder, dtype, error) &&
	       hf_config_write(folder, &config, (const char *const *)model->labels, model->document, error) &&
	       folder_sync(folder, error);
}

static bool copy_row(const struct model *from, const struct parameter *parameter, struct model *to, float *place,
                     struct error *error)
{
	const struct parameter *into = parameters_find(to->parameters, to->parameter_count, parameter->role, parameter->layer);
	const float *values;

	RETURN_IF(!into || into->count != parameter->count || into->type != MATRIX_F32, error, ERROR_FAILED,
	          "%s has no place in the copy of a model", parameter->name);
	values = values_of(from, parameter, place, error);
	if (values)
		parameter_from_host(to->network.backend, into->value, values, parameter->count);
	return values != NULL;
}

bool model_copy_values(const struct model *from, struct model *to, struct error *error)
{
	struct backend *backend = from->network.backend;
	size_t largest = 1;
	bool done = true;
	float *place;

	for (int row = 0; row < from->parameter_count; row++)
		largest = from->parameters[row].count > largest ? from->parameters[row].count : largest;
	place = size_calloc(largest, sizeof *place);
	if (!place)
		return error_memory(error, "copying a model");
	backend->ops->sync(backend);
	for (int row = 0; done && row < from->parameter_count; row++)
		done = from->parameters[row].part != PART_BASE || copy_row(from, &from->parameters[row], to, place, error);
	free(place);
	to->config.independent_labels = from->config.independent_labels;
	network_unpack(to);
	return done && backend->ops->status(backend, error);
}
