/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Views of the table as matrices and vectors: the network finds a parameter by its role and layer, never by its place. */
#include "engine/model/bind.h"

#include "engine/base/size.h"

/* The linear layers of a layer; `query` stands alone in the last one only and has no rows in the others. */
static const size_t layer_linears[] = {
	offsetof(struct layer, projection), offsetof(struct layer, query), offsetof(struct layer, attention_output),
	offsetof(struct layer, intermediate), offsetof(struct layer, output),
};

/* Calls `visit` for every weight matrix of the network that is there. */
static void each_matrix(struct model *model, void (*visit)(struct backend *backend, struct matrix *matrix, void *context),
                        void *context)
{
	struct network *net = &model->network;
	struct linear *heads[] = {&net->head, &net->classifier, &net->transform, &net->decoder};

	for (int32_t i = 0; i < model->config.num_hidden_layers; i++)
		for (size_t k = 0; k < sizeof layer_linears / sizeof *layer_linears; k++) {
			struct linear *linear = (struct linear *)(void *)((char *)&net->layers[i] + layer_linears[k]);

			if (linear->weight.rows > 0)
				visit(net->backend, &linear->weight, context);
		}
	for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
		if (heads[k]->weight.rows > 0)
			visit(net->backend, &heads[k]->weight, context);
}

static void unpack_matrix(struct backend *backend, struct matrix *matrix, void *context)
{
	(void)context;
	if (matrix->packed)
		backend->ops->unpack(backend, matrix);
}

void network_unpack(struct model *model)
{
	each_matrix(model, unpack_matrix, NULL);
	model->network.packed = false;
}

static void add_packed(struct backend *backend, struct matrix *matrix, void *context)
{
	uint64_t *bytes = context;

	if (!u64_add(*bytes, backend->ops->packed_bytes(backend, matrix), bytes))
		*bytes = UINT64_MAX;
}

uint64_t network_packed_bytes(struct model *model)
{
	uint64_t bytes = 0;

	each_matrix(model, add_packed, &bytes);
	return bytes;
}

static void pack_matrix(struct backend *backend, struct matrix *matrix, void *context)
{
	(void)context;
	backend->ops->pack(backend, matrix);
}

static void look_for_packed(struct backend *backend, struct matrix *matrix, void *context)
{
	bool *any = context;

	(void)backend;
	*any = *any || matrix->packed;
}

/* A matrix that finds no memory for its packed copy works without. Stale copies lend theirs to the new ones. */
void network_pack(struct model *model)
{
	struct backend *backend = model->network.backend;
	bool any = false;

	if (model->network.packed)
		return;
	model->network.packed = true;
	each_matrix(model, look_for_packed, &any);
	if (!any && network_packed_bytes(model) > backend->ops->memory_available(backend))
		return;
	each_matrix(model, pack_matrix, NULL);
}

static const struct parameter *find(const struct model *model, enum parameter_role role, int32_t layer)
{
	return parameters_find(model->parameters, model->parameter_count, role, layer);
}

static const struct parameter *find_part(const struct model *model, enum parameter_role role, enum parameter_part part)
{
	return parameters_find_adapter(model->parameters, model->parameter_count, role, OUTSIDE_LAYERS, part);
}

/* w NULL: there is no such layer; b NULL: it has no bias. */
static struct linear linear_of(const struct parameter *w, const struct parameter *b, int32_t parts)
{
	if (!w)
		return (struct linear){0};
	return (struct linear){
		.weight = {
			.data = w->type == MATRIX_F32 ? w->value : w->codes,
			.rows = parts * w->shape[0],
			.columns = w->shape[1],
			.type = w->type,
			.parts = parts,
		},
		.bias = b ? b->value : NULL,
		.dweight = w->gradient,
		.dbias = b ? b->gradient : NULL,
	};
}

/* The matrix of a role and of those `joined` to it, `parts` in all, and the bias likewise. An architecture without a
 * bias has none. */
static struct linear linear_view(const struct model *model, enum parameter_role weight, enum parameter_role bias,
                                 int32_t layer, int32_t parts)
{
	return linear_of(find(model, weight, layer), find(model, bias, layer), parts);
}

/* The adapter of a matrix, whose outputs begin at `first` of the layer's; nothing where it has none. */
static void add_adapter(const struct model *model, struct linear *linear, enum parameter_role role, int32_t layer,
                        int32_t first)
{
	const struct parameter *a = parameters_find_adapter(model->parameters, model->parameter_count, role, layer, PART_LORA_A);
	const struct parameter *b = parameters_find_adapter(model->parameters, model->parameter_count, role, layer, PART_LORA_B);

	if (!a || !b)
		return;
	linear->adapters[linear->adapter_count++] = (struct adapter){
		.a = {.data = a->value, .rows = a->shape[0], .columns = a->shape[1]},
		.b = b->value,
		.da = a->gradient,
		.db = b->gradient,
		.first = first,
		.count = b->shape[0],
		.layer = layer == OUTSIDE_LAYERS ? model->config.num_hidden_layers : layer,
		.target = lora_target_of(role),
	};
}

static struct norm norm_view(const struct model *model, enum parameter_role gamma, enum parameter_role beta, int32_t layer)
{
	const struct parameter *g = find(model, gamma, layer), *b = find(model, beta, layer);

	return (struct norm){g->value, b->value, g->gradient, b->gradient};
}

static void bind_adapters(struct model *model, struct layer *layer, int32_t index)
{
	bool last = index == model->config.num_hidden_layers - 1;
	int32_t hidden = model->config.hidden_size, key = last ? 0 : hidden;

	add_adapter(model, last ? &layer->query : &layer->projection, ROLE_QUERY_WEIGHT, index, 0);
	add_adapter(model, &layer->projection, ROLE_KEY_WEIGHT, index, key);
	add_adapter(model, &layer->projection, ROLE_VALUE_WEIGHT, index, key + hidden);
	add_adapter(model, &layer->attention_output, ROLE_ATTENTION_OUTPUT_WEIGHT, index, 0);
	add_adapter(model, &layer->intermediate, ROLE_INTERMEDIATE_WEIGHT, index, 0);
	add_adapter(model, &layer->output, ROLE_OUTPUT_WEIGHT, index, 0);
}

static void bind_layer(struct model *model, int32_t index)
{
	struct layer *layer = &model->network.layers[index];

	*layer = (struct layer){
		.projection = linear_view(model, ROLE_QUERY_WEIGHT, ROLE_QUERY_BIAS, index, 3),
		.attention_output = linear_view(model, ROLE_ATTENTION_OUTPUT_WEIGHT, ROLE_ATTENTION_OUTPUT_BIAS, index, 1),
		.attention_norm = norm_view(model, ROLE_ATTENTION_NORM_GAMMA, ROLE_ATTENTION_NORM_BETA, index),
		.intermediate = linear_view(model, ROLE_INTERMEDIATE_WEIGHT, ROLE_INTERMEDIATE_BIAS, index, 1),
		.output = linear_view(model, ROLE_OUTPUT_WEIGHT, ROLE_OUTPUT_BIAS, index, 1),
		.output_norm = norm_view(model, ROLE_OUTPUT_NORM_GAMMA, ROLE_OUTPUT_NORM_BETA, index),
	};
	if (index == model->config.num_hidden_layers - 1) {
		layer->query = linear_view(model, ROLE_QUERY_WEIGHT, ROLE_QUERY_BIAS, index, 1);
		layer->projection = linear_view(model, ROLE_KEY_WEIGHT, ROLE_KEY_BIAS, index, 2);
	}
	if (model->lora.rank > 0)
		bind_adapters(model, layer, index);
}

static void bind_embeddings(struct model *model)
{
	struct network *net = &model->network;
	const struct parameter *word = find(model, ROLE_WORD_EMBEDDINGS, OUTSIDE_LAYERS);
	const struct parameter *position = find(model, ROLE_POSITION_EMBEDDINGS, OUTSIDE_LAYERS);
	const struct parameter *type = find(model, ROLE_TYPE_EMBEDDINGS, OUTSIDE_LAYERS);

	net->word = word->value;
	net->dword = word->gradient;
	net->position = position->value;
	net->dposition = position->gradient;
	net->type = type ? type->value : NULL;
	net->dtype = type ? type->gradient : NULL;
	net->embedding_norm = norm_view(model, ROLE_EMBEDDING_NORM_GAMMA, ROLE_EMBEDDING_NORM_BETA, OUTSIDE_LAYERS);
}

/* The decoder of the head on masked tokens is the embeddings of words: its gradients are added to theirs. */
static void bind_masked_head(struct model *model)
{
	struct network *net = &model->network;

	net->transform = linear_view(model, ROLE_TRANSFORM_WEIGHT, ROLE_TRANSFORM_BIAS, OUTSIDE_LAYERS, 1);
	net->transform_norm = norm_view(model, ROLE_TRANSFORM_NORM_GAMMA, ROLE_TRANSFORM_NORM_BETA, OUTSIDE_LAYERS);
	net->decoder = linear_view(model, ROLE_WORD_EMBEDDINGS, ROLE_DECODER_BIAS, OUTSIDE_LAYERS, 1);
}

/* The lowest layer of a row with a gradient; -1: the embeddings have one; the number of layers: only the head. */
static int32_t lowest_trained(const struct model *model)
{
	int32_t lowest = model->config.num_hidden_layers;

	for (int row = 0; row < model->parameter_count; row++) {
		const struct parameter *parameter = &model->parameters[row];

		if (parameter->gradient && parameter->role < ROLE_FIRST_OF_HEAD && parameter->layer < lowest)
			lowest = parameter->layer;
	}
	return lowest;
}

void network_bind(struct model *model)
{
	struct network *net = &model->network;

	network_unpack(model);
	bind_embeddings(model);
	for (int32_t i = 0; i < model->config.num_hidden_layers; i++)
		bind_layer(model, i);
	net->head = linear_view(model, ROLE_HEAD_WEIGHT, ROLE_HEAD_BIAS, OUTSIDE_LAYERS, 1);
	net->classifier = linear_view(model, ROLE_CLASSIFIER_WEIGHT, ROLE_CLASSIFIER_BIAS, OUTSIDE_LAYERS, 1);
	if (model->config.masked_lm)
		bind_masked_head(model);
	if (model->lora.rank > 0)
		add_adapter(model, &net->head, ROLE_HEAD_WEIGHT, OUTSIDE_LAYERS, 0);
	net->fit = linear_of(find_part(model, ROLE_FIT_WEIGHT, PART_FIT), find_part(model, ROLE_FIT_BIAS, PART_FIT), 1);
	net->lowest = lowest_trained(model);
}

static void add_type(struct backend *backend, struct matrix *matrix, void *context)
{
	unsigned *types = context;

	(void)backend;
	*types |= MATRIX_BIT(matrix->type);
}

unsigned network_matrix_types(struct model *model)
{
	unsigned types = 0;

	each_matrix(model, add_type, &types);
	return types;
}
