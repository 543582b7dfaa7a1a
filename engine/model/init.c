/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a parameter starts that no file gives. */
#include "engine/model/init.h"

#include "engine/base/random.h"
#include "engine/base/size.h"
#include "engine/model/host.h"

#include <math.h>
#include <stdlib.h>

static void fill(float *values, size_t count, float value)
{
	for (size_t i = 0; i < count; i++)
		values[i] = value;
}

/* The embedding of [PAD] is zeros, as torch's Embedding(padding_idx) makes it. */
static void clear_padding(float *values, const struct model_config *config)
{
	if (config->pad_token_id >= 0 && config->pad_token_id < config->vocab_size)
		fill(values + (size_t)config->pad_token_id * (size_t)config->hidden_size, (size_t)config->hidden_size, 0.0f);
}

bool parameter_initialise(struct model *model, int row, uint64_t seed, struct error *error)
{
	struct parameter *parameter = &model->parameters[row];
	float *values = size_calloc(parameter->count, sizeof *values);

	if (!values)
		return error_memory(error, "initialising parameters");
	if (parameter->init == INIT_ONES)
		fill(values, parameter->count, 1.0f);
	else if (parameter->init == INIT_KAIMING)
		random_uniform(values, parameter->count, 1 / sqrtf((float)parameter->shape[1]), seed, (uint64_t)row);
	else if (parameter->init == INIT_NORMAL)
		random_normal(values, parameter->count, model->config.initializer_range, seed, (uint64_t)row);
	if (parameter->role == ROLE_WORD_EMBEDDINGS)
		clear_padding(values, &model->config);
	parameter_from_host(model->network.backend, parameter->value, values, parameter->count);
	parameter->fresh = true;
	free(values);
	return true;
}
