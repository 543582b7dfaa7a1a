/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model would take that is not made yet. */
#include "engine/model/network.h"

#include "engine/base/size.h"
#include "engine/model/bind.h"
#include "engine/model/freeze.h"
#include "engine/model/inside.h"

#include <stdlib.h>

/* A model of tables and views alone, bound to no memory, which can be asked what it would take. */
static bool plan_model(struct model *model, const struct network_plan *plan, struct error *error)
{
	struct freeze_counts counts;

	model->config = *plan->config;
	model->network.masked_share = plan->masked_share;
	if (!network_new(&model->network, plan->config, error))
		return false;
	model->parameters = parameters_new(plan->config, &model->parameter_count, error);
	if (!model->parameters)
		return false;
	for (int row = 0; row < model->parameter_count; row++) {
		struct parameter *parameter = &model->parameters[row];

		parameter->fresh = parameter->fresh && !plan->lora;
		if (plan->four_bits && parameter_may_be_four_bits(parameter))
			parameter->type = MATRIX_NF4;
	}
	if (plan->lora && !lora_plan(&model->lora, plan->lora, plan->config, &model->parameters, &model->parameter_count, error))
		return false;
	if (plan->freeze && !parameters_freeze(model->parameters, model->parameter_count, plan->freeze, &counts, error))
		return false;
	network_bind(model);
	return true;
}

static uint64_t planned_bytes(struct model *model, struct backend *backend, const struct network_plan *plan)
{
	struct parameter *parameters = model->parameters;
	const int rows = model->parameter_count;
	struct activations_kept kept = activations_kept(parameters, rows);
	const struct extent size = network_filled(backend, (struct extent){plan->tokens, plan->sequences, 0}, plan->training);
	uint64_t values = parameters_place(parameters, rows, NULL, false);
	uint64_t gradients = plan->training ? parameters_place(parameters, rows, NULL, true) : 0;
	uint64_t state = plan->state ? plan->state(parameters, rows, plan->of) : 0, bytes, packed, scratch;

	kept.imitation = plan->imitation;
	kept.all_queries = plan->reveals;
	bytes = activations_place(&model->network.activations, plan->config, &model->lora, kept,
	                          (struct pass_size){size.tokens, size.sequences, network_reads(model, size.tokens, size.sequences)},
	                          plan->training, NULL);
	model->network.backend = backend;
	packed = network_packed_bytes(model);
	scratch = network_reserve_bytes(model, &size, plan->training);
	model->network.backend = NULL;
	if (values == 0 || bytes == 0 || !u64_add(values, gradients, &values) || !u64_multiply(values, sizeof(float), &values) ||
	    !u64_add(bytes, values, &bytes) || !u64_add(bytes, scratch, &bytes) || !u64_add(bytes, packed, &bytes) ||
	    !u64_add(bytes, state, &bytes) || !u64_add(bytes, parameters_place_codes(parameters, rows, NULL), &bytes))
		return 0;
	return bytes;
}

uint64_t network_memory(struct backend *backend, const struct network_plan *plan, struct error *error)
{
	struct model model = {0};
	uint64_t bytes = plan_model(&model, plan, error) ? planned_bytes(&model, backend, plan) : 0;

	lora_free(&model.lora);
	free(model.parameters);
	network_free(&model);
	return bytes;
}
