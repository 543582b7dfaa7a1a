/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parameters as the encoder sees them, the memory of a pass, and the two passes: score and train. */
#include "engine/model/internal.h"

#include "engine/base/size.h"
#include "engine/system.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

bool network_new(struct network *network, const struct model_config *config, struct error *error)
{
	size_t layers = (size_t)config->num_hidden_layers;

	network->layers = size_calloc(layers, sizeof *network->layers);
	network->activations.layers = size_calloc(layers, sizeof *network->activations.layers);
	if (!network->layers || !network->activations.layers)
		return error_memory(error, "making a model");
	return true;
}

/* Every weight matrix of the network, by number; NULL behind the last. */
static struct matrix *network_matrix(struct model *model, int32_t index)
{
	struct network *net = &model->network;
	int32_t layers = model->config.num_hidden_layers;
	struct layer *layer;

	if (index >= 5 * layers)
		return index == 5 * layers       ? &net->head.weight
		       : index == 5 * layers + 1 ? &net->classifier.weight
		                                 : NULL;
	layer = &net->layers[index / 5];
	switch (index % 5) {
	case 0:
		return &layer->projection.weight;
	case 1:
		return &layer->query.weight;
	case 2:
		return &layer->attention_output.weight;
	case 3:
		return &layer->intermediate.weight;
	default:
		return &layer->output.weight;
	}
}

static void network_unpack(struct model *model)
{
	struct backend *backend = model->network.backend;
	struct matrix *matrix;

	for (int32_t i = 0; (matrix = network_matrix(model, i)); i++)
		if (matrix->packed)
			backend->ops->unpack(backend, matrix);
	model->network.packed = false;
}

enum { PACKED_ROWS = 16 }; /* packed copies are filled up to a multiple, at most */

static bool add_packed(uint64_t *bytes, int32_t rows, int32_t columns)
{
	uint64_t part, full = ((uint64_t)rows + PACKED_ROWS - 1) / PACKED_ROWS * PACKED_ROWS;

	return u64_multiply(full * sizeof(float), (uint64_t)columns, &part) && u64_add(*bytes, part, bytes);
}

/* Bytes of the packed copies of all matrices; 0: overflow. */
static uint64_t packed_memory(const struct model_config *config)
{
	int32_t hidden = config->hidden_size, intermediate = config->intermediate_size;
	uint64_t layer = 0, bytes = 0;

	if (!add_packed(&layer, hidden, hidden) || !u64_multiply(layer, 4, &layer) ||
	    !add_packed(&layer, intermediate, hidden) || !add_packed(&layer, hidden, intermediate) ||
	    !u64_multiply(layer, (uint64_t)config->num_hidden_layers, &bytes) || !add_packed(&bytes, hidden, hidden) ||
	    !add_packed(&bytes, config->num_labels, hidden))
		return 0;
	return bytes;
}

/* A matrix that finds no memory for its packed copy works without. */
static void network_pack(struct model *model)
{
	struct backend *backend = model->network.backend;
	struct matrix *matrix;

	if (model->network.packed)
		return;
	network_unpack(model);
	model->network.packed = true;
	if (packed_memory(&model->config) > system_memory_available())
		return;
	for (int32_t i = 0; (matrix = network_matrix(model, i)); i++)
		if (matrix->data)
			backend->ops->pack(backend, matrix);
}

void network_free(struct model *model)
{
	struct network *net = &model->network;
	struct backend *backend = net->backend;

	if (backend) {
		if (net->layers)
			network_unpack(model);
		backend->ops->release(backend, net->arena);
		backend->ops->release(backend, model->gradients);
		backend->ops->release(backend, model->values);
		backend->ops->close(backend);
	}
	free(net->arrays.positions);
	free(net->arrays.first_rows);
	free(net->arrays.first_starts);
	free(net->arrays.loss);
	free(net->activations.layers);
	free(net->layers);
}

static const struct parameter *find(const struct model *model, enum parameter_role role, int32_t layer)
{
	return parameters_find(model->parameters, model->parameter_count, role, layer);
}

/* The matrix of a role and of those `joined` to it, `parts` in all, and the bias likewise. An architecture without a
 * bias has none. */
static struct linear linear_view(const struct model *model, enum parameter_role weight, enum parameter_role bias,
                                 int32_t layer, int32_t parts)
{
	const struct parameter *w = find(model, weight, layer), *b = find(model, bias, layer);

	if (!w)
		return (struct linear){0};
	return (struct linear){
		.weight = {.data = w->value, .rows = parts * w->shape[0], .columns = w->shape[1]},
		.bias = b ? b->value : NULL,
		.dweight = w->gradient,
		.dbias = b ? b->gradient : NULL,
	};
}

static struct norm norm_view(const struct model *model, enum parameter_role gamma, enum parameter_role beta, int32_t layer)
{
	const struct parameter *g = find(model, gamma, layer), *b = find(model, beta, layer);

	return (struct norm){g->value, b->value, g->gradient, b->gradient};
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

/* The layer of the first row with a gradient; -1: the embeddings have one; the number of layers: only the head. */
static int32_t lowest_trained(const struct model *model)
{
	for (int row = 0; row < model->parameter_count; row++)
		if (model->parameters[row].gradient)
			return parameter_is_head(&model->parameters[row]) ? model->config.num_hidden_layers
			                                                  : model->parameters[row].layer;
	return model->config.num_hidden_layers;
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
	net->lowest = lowest_trained(model);
}

/* "9.1 GB", "312 MB" */
static const char *format_bytes(char out[32], uint64_t bytes)
{
	if (bytes >= 1000000000)
		snprintf(out, 32, "%.1f GB", (double)bytes * 1e-9);
	else
		snprintf(out, 32, "%.0f MB", (double)bytes * 1e-6);
	return out;
}

static bool check_memory(uint64_t needed, uint64_t own, bool training, struct error *error)
{
	uint64_t available = system_memory_available() + own;
	char needs[32], has[32];

	RETURN_IF(needed > available, error, ERROR_FAILED, "needs %s, %s are free: use a smaller %s--max-length",
	          format_bytes(needs, needed), format_bytes(has, available),
	          training ? "--per-device-train-batch-size or " : "");
	return true;
}

bool model_take_values(struct model *model, struct error *error)
{
	struct network *net = &model->network;
	uint64_t count = parameters_place(model->parameters, model->parameter_count, NULL, false);
	uint64_t bytes;

	RETURN_IF(count == 0 || !u64_multiply(count, sizeof(float), &bytes) || bytes > SIZE_MAX / 2, error, ERROR_DATA,
	          "a model of these sizes does not fit in any memory");
	if (!check_memory(bytes, 0, false, error))
		return error_prefix(error, "the model");
	model->values = net->backend->ops->alloc(net->backend, (size_t)bytes);
	if (!model->values)
		return error_memory(error, "taking memory for the model");
	parameters_place(model->parameters, model->parameter_count, model->values, false);
	network_bind(model);
	return true;
}

static bool take_gradients(struct model *model, struct error *error)
{
	struct backend *backend = model->network.backend;
	uint64_t count = parameters_place(model->parameters, model->parameter_count, NULL, true);

	if (model->gradients || count == 0)
		return true;
	model->gradients = backend->ops->alloc(backend, (size_t)count * sizeof(float));
	if (!model->gradients)
		return error_memory(error, "taking memory for the gradients");
	model->gradient_count = (size_t)count;
	parameters_place(model->parameters, model->parameter_count, model->gradients, true);
	network_bind(model);
	return true;
}

/* A larger array in the place of `old`; what it held is lost. */
static void *replace(void *old, size_t count, size_t size)
{
	free(old);
	return size_calloc(count, size);
}

static bool take_arrays(struct network *net, int32_t tokens, int32_t sequences, struct error *error)
{
	struct batch_arrays *arrays = &net->arrays;

	if (tokens <= net->tokens && sequences <= net->sequences)
		return true;
	tokens = tokens > net->tokens ? tokens : net->tokens;
	sequences = sequences > net->sequences ? sequences : net->sequences;
	net->tokens = net->sequences = 0;
	arrays->positions = replace(arrays->positions, (size_t)tokens, sizeof *arrays->positions);
	arrays->first_rows = replace(arrays->first_rows, (size_t)sequences, sizeof *arrays->first_rows);
	arrays->first_starts = replace(arrays->first_starts, (size_t)sequences + 1, sizeof *arrays->first_starts);
	arrays->loss = replace(arrays->loss, (size_t)sequences, sizeof *arrays->loss);
	if (!arrays->positions || !arrays->first_rows || !arrays->first_starts || !arrays->loss)
		return error_memory(error, "taking memory for a batch");
	net->tokens = tokens;
	net->sequences = sequences;
	return true;
}

static bool take_arena(struct network *net, uint64_t bytes, struct error *error)
{
	if (bytes <= net->arena_bytes)
		return true;
	net->backend->ops->release(net->backend, net->arena);
	net->arena_bytes = 0;
	net->arena = net->backend->ops->alloc(net->backend, (size_t)bytes);
	if (!net->arena)
		return error_memory(error, "taking memory for activations");
	net->arena_bytes = bytes;
	return true;
}

static bool reserve_backend(struct model *model, int32_t longest, struct error *error)
{
	struct network *net = &model->network;
	const struct model_config *config = &model->config;
	int32_t features = config->intermediate_size > 3 * config->hidden_size ? config->intermediate_size
	                                                                       : 3 * config->hidden_size;

	if (config->num_labels > features)
		features = config->num_labels;
	net->longest = longest > net->longest ? longest : net->longest;
	if (!net->backend->ops->reserve(net->backend, net->tokens, features, net->longest,
	                                config->hidden_size / config->num_attention_heads))
		return error_memory(error, "taking memory for the backend");
	return true;
}

bool network_reserve(struct model *model, int32_t tokens, int32_t sequences, int32_t longest, bool training,
                     struct error *error)
{
	struct network *net = &model->network;
	struct activations measured = {.layers = net->activations.layers};
	uint64_t bytes = activations_place(&measured, &model->config, tokens, sequences, training, NULL);
	uint64_t gradients = 0, needed = bytes;
	bool fits = bytes > 0 && bytes <= net->arena_bytes && (!training || model->gradients);

	if (fits && tokens <= net->tokens && sequences <= net->sequences && longest <= net->longest)
		return true;
	if (training && !model->gradients)
		gradients = sizeof(float) * parameters_place(model->parameters, model->parameter_count, NULL, true);
	RETURN_IF(bytes == 0 || !u64_add(bytes, gradients, &needed), error, ERROR_FAILED,
	          "a batch of %d tokens does not fit in any memory", (int)tokens);
	if (!fits && !check_memory(needed, net->arena_bytes, training, error))
		return false;
	return (!training || take_gradients(model, error)) && take_arena(net, bytes, error) &&
	       take_arrays(net, tokens, sequences, error) && reserve_backend(model, longest, error);
}

uint64_t network_parameter_memory(const struct model_config *config)
{
	int count = 0;
	struct parameter *parameters = parameters_new(config, &count, NULL);
	uint64_t values = parameters ? parameters_place(parameters, count, NULL, false) : 0;

	free(parameters);
	return u64_multiply(values, sizeof(float), &values) ? values : 0;
}

uint64_t network_memory(const struct model_config *config, int32_t tokens, int32_t sequences, int32_t longest,
                        bool training)
{
	struct activations measured = {.layers = NULL};
	uint64_t bytes = 0, values = network_parameter_memory(config), packed = packed_memory(config);

	(void)longest; /* attention keeps no probabilities */
	measured.layers = size_calloc((size_t)config->num_hidden_layers, sizeof *measured.layers);
	if (measured.layers)
		bytes = activations_place(&measured, config, tokens, sequences, training, NULL);
	free(measured.layers);
	if (bytes == 0 || values == 0 || packed == 0 || !u64_multiply(values, training ? 2 : 1, &values) ||
	    !u64_add(bytes, values, &bytes) || !u64_add(bytes, packed, &bytes))
		return 0;
	return bytes;
}

/* Fills the host arrays of the batch and lays out the arena for its size. */
static struct pass pass_begin(struct model *model, const struct batch *batch, bool training)
{
	struct network *net = &model->network;
	struct batch_arrays *arrays = &net->arrays;
	int32_t tokens = batch->starts[batch->sequences], first = model_first_position(&model->config);
	uint64_t bytes = activations_place(&net->activations, &model->config, tokens, batch->sequences, training, net->arena);

	assert(model->config.num_labels > 0);
	assert(bytes > 0 && bytes <= net->arena_bytes);
	assert(tokens <= net->tokens && batch->sequences <= net->sequences);
	assert(!training || model->gradients);
	(void)bytes;
	for (int32_t s = 0; s < batch->sequences; s++) {
		arrays->first_rows[s] = batch->starts[s];
		arrays->first_starts[s] = s;
		for (int32_t t = batch->starts[s]; t < batch->starts[s + 1]; t++)
			arrays->positions[t] = first + t - batch->starts[s];
	}
	arrays->first_starts[batch->sequences] = batch->sequences;
	return (struct pass){
		.tokens = {batch->starts, batch->sequences},
		.firsts = {arrays->first_starts, batch->sequences},
		.ids = batch->ids,
		.positions = arrays->positions,
		.first_rows = arrays->first_rows,
		.training = training,
	};
}

void network_score(struct model *model, const struct batch *batch, float *logits)
{
	struct network *net = &model->network;
	struct pass pass = pass_begin(model, batch, false);
	size_t count = (size_t)batch->sequences * (size_t)model->config.num_labels;

	network_pack(model);
	encoder_forward(model, &pass);
	classifier_forward(model, &pass);
	net->backend->ops->download(net->backend, logits, net->activations.logits, count * sizeof *logits);
}

double network_train(struct model *model, const struct batch *batch, const struct train_pass *train)
{
	struct network *net = &model->network;
	struct pass pass = pass_begin(model, batch, true);
	float *loss = net->arrays.loss;
	double sum = 0;

	pass.dropout = !train->no_dropout;
	pass.seed = train->seed;
	pass.step = train->step;
	encoder_forward(model, &pass);
	classifier_forward(model, &pass);
	net->backend->ops->cross_entropy(net->backend, loss, net->activations.dlogits, net->activations.logits,
	                                 batch->labels, batch->sequences, model->config.num_labels, train->scale);
	classifier_backward(model, &pass);
	encoder_backward(model, &pass);
	for (int32_t s = 0; s < batch->sequences; s++)
		sum += (double)loss[s];
	return sum;
}

void network_zero_gradients(struct model *model)
{
	struct backend *backend = model->network.backend;

	if (model->gradients)
		backend->ops->zero(backend, model->gradients, model->gradient_count * sizeof(float));
}

void network_values_changed(struct model *model)
{
	network_unpack(model);
	model->trained = true;
	model->config.independent_labels = false; /* the loss that is trained is that of a softmax */
}

struct backend *model_backend(struct model *model)
{
	return model->network.backend;
}

int model_parameter_rows(const struct model *model)
{
	return model->parameter_count;
}

struct parameter *model_parameter(struct model *model, int row)
{
	return &model->parameters[row];
}

struct parameter *model_find_parameter(struct model *model, enum parameter_role role, int32_t layer)
{
	return parameters_find(model->parameters, model->parameter_count, role, layer);
}
