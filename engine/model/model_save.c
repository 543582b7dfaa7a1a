/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing a Hugging Face folder. */
#include "engine/model/host.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/format/config_write.h"
#include "engine/format/tensors.h"
#include "engine/model/model.h"
#include "engine/model/quantize.h"

#include <stdlib.h>

/* The rows that are written, as the host can read them. */
struct host_copy {
	float *staging;  /* for all of them; NULL: none is needed */
	float *expanded; /* the values of those in four bits; NULL: there are none */
	struct tensor_out *tensors;
	size_t count;
};

static void host_copy_free(struct host_copy *copy)
{
	free(copy->staging);
	free(copy->expanded);
	free(copy->tensors);
}

/* A head that nobody trained is left out: whoever opens the folder then makes a new one and knows that it is new. */
static bool is_raw_head(const struct model *model, int row)
{
	return parameter_is_head(&model->parameters[row]) && model->parameters[row].fresh && !model->trained;
}

/* Rows in four bits are written as the floats that they stand for. */
static bool host_copy_expand(struct host_copy *copy, const struct model *model, struct error *error)
{
	size_t count = 0;

	for (int row = 0; row < model->parameter_count; row++)
		if (parameter_is_four_bits(&model->parameters[row]))
			count += model->parameters[row].count;
	copy->expanded = count > 0 ? size_calloc(count, sizeof *copy->expanded) : NULL;
	if (count > 0 && !copy->expanded)
		return error_memory(error, "saving the model");
	for (int row = model->parameter_count - 1; row >= 0; row--) {
		const struct parameter *parameter = &model->parameters[row];

		if (!parameter_is_four_bits(parameter))
			continue;
		count -= parameter->count;
		if (!parameter_dequantise(model->network.backend, parameter, copy->expanded + count, error))
			return false;
	}
	return true;
}

static bool host_copy_make(struct host_copy *copy, const struct model *model, struct error *error)
{
	struct backend *backend = model->network.backend;
	size_t used = 0, expanded = 0;

	copy->tensors = size_calloc((size_t)model->parameter_count, sizeof *copy->tensors);
	if (!copy->tensors)
		return error_memory(error, "saving the model");
	if (!parameter_staging(backend, (size_t)model_parameter_count(model), &copy->staging, "saving the model", error) ||
	    !host_copy_expand(copy, model, error))
		return false;
	for (int row = 0; row < model->parameter_count; row++) {
		const struct parameter *parameter = &model->parameters[row];
		const float *values;

		if (is_raw_head(model, row))
			continue;
		if (parameter_is_four_bits(parameter)) {
			values = copy->expanded + expanded;
			expanded += parameter->count;
		} else {
			values = parameter_to_host(backend, parameter->value, parameter->count,
			                           copy->staging ? copy->staging + used : NULL);
			used += parameter->count;
		}
		copy->tensors[copy->count++] = (struct tensor_out){
			.name = parameter->name,
			.rank = parameter->shape[1] > 0 ? 2 : 1,
			.shape = {parameter->shape[0], parameter->shape[1]},
			.data = values,
		};
	}
	return true;
}

static bool save_weights(const struct model *model, const char *folder, struct error *error)
{
	struct host_copy copy = {0};
	char path[4096];
	bool done = path_join(path, sizeof path, folder, "model.safetensors", error) &&
	            host_copy_make(&copy, model, error) &&
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
	return folder_make(folder, error) && tokenizer_save(model->tokenizer, folder, error) &&
	       save_weights(model, folder, error) &&
	       hf_config_write(folder, &model->config, (const char *const *)model->labels, model->document, error) &&
	       folder_sync(folder, error);
}
