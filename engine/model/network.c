/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parameters as the encoder sees them, the memory of a pass, and the two passes: score and train. */
#include "engine/model/internal.h"

#include "engine/base/size.h"

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

/* Every weight matrix of the network, by number; NULL after the last. */
static struct matrix *network_matrix(struct model *model, int32_t index)
{
	struct network *net = &model->network;
	int32_t layers = model->config.num_hidden_layers;
	struct layer *layer;

	if (index >= 5 * layers)
		return index == 5 * layers       ? &net->pooler.weight
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

/* Bytes of the packed copies of all matrices. */
static uint64_t packed_memory(struct model *model)
{
	struct backend *backend = model->network.backend;
	struct matrix *matrix;
	uint64_t bytes = 0;

	for (int32_t i = 0; (matrix = network_matrix(model, i)); i++)
		if (!u64_add(bytes, backend->ops->packed_bytes(backend, matrix), &bytes))
			return UINT64_MAX;
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
	if (packed_memory(model) > backend->ops->memory_available(backend))
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

/* A weight of `rows` rows that starts at the table's row `weight`, and its bias. */
static struct linear linear_view(const struct model *model, int weight, int bias, int32_t rows, int32_t columns)
{
	const struct parameter *w = &model->parameters[weight], *b = &model->parameters[bias];

	return (struct linear){
		.weight = {.data = w->value, .rows = rows, .columns = columns},
		.bias = b->value,
		.dweight = w->gradient,
		.dbias = b->gradient,
	};
}

static struct norm norm_view(const struct model *model, int gamma)
{
	const struct parameter *g = &model->parameters[gamma], *b = g + 1;

	return (struct norm){g->value, b->value, g->gradient, b->gradient};
}

static void bind_layer(struct model *model, int32_t index)
{
	struct layer *layer = &model->network.layers[index];
	int row = parameters_layer_row(&model->config, index);
	int32_t hidden = model->config.hidden_size, intermediate = model->config.intermediate_size;

	*layer = (struct layer){
		.projection = linear_view(model, row, row + 3, 3 * hidden, hidden),
		.attention_output = linear_view(model, row + 6, row + 7, hidden, hidden),
		.attention_norm = norm_view(model, row + 8),
		.intermediate = linear_view(model, row + 10, row + 11, intermediate, hidden),
		.output = linear_view(model, row + 12, row + 13, hidden, intermediate),
		.output_norm = norm_view(model, row + 14),
	};
	if (index == model->config.num_hidden_layers - 1) {
		layer->query = linear_view(model, row, row + 3, hidden, hidden);
		layer->projection = linear_view(model, row + 1, row + 4, 2 * hidden, hidden);
	}
}

/* The layer of the first row with a gradient; -1: the embeddings have one; the number of layers: only the head. */
static int32_t lowest_trained(const struct model *model)
{
	int first = 0, per_layer = parameters_layer_row(&model->config, 1) - parameters_layer_row(&model->config, 0);
	int embeddings = parameters_layer_row(&model->config, 0);

	while (first < model->parameter_count && !model->parameters[first].gradient)
		first++;
	return first < embeddings ? -1 : (first - embeddings) / per_layer;
}

void network_bind(struct model *model)
{
	struct network *net = &model->network;
	struct parameter *p = model->parameters;
	int norm = parameters_layer_row(&model->config, 0) - 2;
	int pooler = parameters_pooler_row(&model->config), classifier = parameters_classifier_row(&model->config);
	int32_t hidden = model->config.hidden_size;
	bool types = norm > 2;

	network_unpack(model);
	net->word = p[0].value;
	net->position = p[1].value;
	net->type = types ? p[2].value : NULL;
	net->dword = p[0].gradient;
	net->dposition = p[1].gradient;
	net->dtype = types ? p[2].gradient : NULL;
	net->embedding_norm = norm_view(model, norm);
	for (int32_t i = 0; i < model->config.num_hidden_layers; i++)
		bind_layer(model, i);
	net->pooler = linear_view(model, pooler, pooler + 1, hidden, hidden);
	net->classifier = (struct linear){0};
	if (model->config.num_labels > 0)
		net->classifier = linear_view(model, classifier, classifier + 1, model->config.num_labels, hidden);
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

/* What is to be taken, in bytes, and what is given up for it. */
struct demand {
	uint64_t activations, gradients, state, released;
	bool training;
};

/* "9.1 GB", and where there are several parts " (activations 7.0 GB, gradients 0.7 GB, optimizer 1.4 GB)" after it. */
static void format_demand(char out[160], const struct demand *demand, uint64_t sum)
{
	char all[32], a[32], g[32], s[32];

	format_bytes(all, sum);
	if (demand->activations == sum)
		snprintf(out, 160, "%s", all);
	else
		snprintf(out, 160, "%s (activations %s, gradients %s, optimizer %s)", all, format_bytes(a, demand->activations),
		         format_bytes(g, demand->gradients), format_bytes(s, demand->state));
}

static bool check_demand(struct backend *backend, const struct demand *demand, struct error *error)
{
	uint64_t available = backend->ops->memory_available(backend) + demand->released, sum;
	char needs[160], has[32];

	if (!u64_add(demand->activations, demand->gradients, &sum) || !u64_add(sum, demand->state, &sum))
		sum = UINT64_MAX;
	format_demand(needs, demand, sum);
	RETURN_IF(sum > available, error, ERROR_FAILED, "needs %s, %s are free: use a smaller %s--max-length", needs,
	          format_bytes(has, available), demand->training ? "--per-device-train-batch-size or " : "");
	return true;
}

/* The parameters alone: a smaller batch would not help. */
static bool check_values(struct backend *backend, uint64_t bytes, struct error *error)
{
	uint64_t available = backend->ops->memory_available(backend);
	char needs[32], has[32];

	RETURN_IF(bytes > available, error, ERROR_FAILED, "the model: needs %s, %s are free", format_bytes(needs, bytes),
	          format_bytes(has, available));
	return true;
}

bool model_take_values(struct model *model, struct error *error)
{
	struct network *net = &model->network;
	uint64_t count = parameters_place(model->parameters, model->parameter_count, &model->config, NULL, false);
	uint64_t bytes;

	RETURN_IF(count == 0 || !u64_multiply(count, sizeof(float), &bytes) || bytes > SIZE_MAX / 2, error, ERROR_DATA,
	          "a model of these sizes does not fit in any memory");
	if (!check_values(net->backend, bytes, error))
		return false;
	model->values = net->backend->ops->alloc(net->backend, (size_t)bytes);
	if (!model->values)
		return error_memory(error, "taking memory for the model");
	parameters_place(model->parameters, model->parameter_count, &model->config, model->values, false);
	network_bind(model);
	return true;
}

static bool take_gradients(struct model *model, struct error *error)
{
	struct backend *backend = model->network.backend;
	uint64_t count;

	if (model->gradients)
		return true;
	count = parameters_place(model->parameters, model->parameter_count, &model->config, NULL, true);
	if (count == 0)
		return true;
	model->gradients = backend->ops->alloc(backend, (size_t)count * sizeof(float));
	if (!model->gradients)
		return error_memory(error, "taking memory for the gradients");
	model->gradient_count = (size_t)count;
	parameters_place(model->parameters, model->parameter_count, &model->config, model->gradients, true);
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

/* The types of the matrices as they are bound. */
static unsigned matrix_types(struct model *model)
{
	struct matrix *matrix;
	unsigned types = 0;

	for (int32_t i = 0; (matrix = network_matrix(model, i)); i++)
		types |= MATRIX_BIT(matrix->type);
	return types;
}

static bool reserve_backend(struct model *model, int32_t longest, bool training, struct error *error)
{
	struct network *net = &model->network;
	const struct model_config *config = &model->config;
	int32_t features = config->intermediate_size > 3 * config->hidden_size ? config->intermediate_size
	                                                                       : 3 * config->hidden_size;

	net->longest = longest > net->longest ? longest : net->longest;
	return net->backend->ops->reserve(net->backend, &(struct backend_needs){
		.rows = net->tokens,
		.features = config->num_labels > features ? config->num_labels : features,
		.longest = net->longest,
		.head_size = config->hidden_size / config->num_attention_heads,
		.types = matrix_types(model),
		.training = training,
	}, error);
}

bool network_reserve(struct model *model, int32_t tokens, int32_t sequences, int32_t longest, bool training,
                     uint64_t state, struct error *error)
{
	struct network *net = &model->network;
	struct activations measured = {.layers = net->activations.layers};
	uint64_t bytes = activations_place(&measured, &model->config, tokens, sequences, training, NULL);
	struct demand demand = {.state = state, .training = training};
	bool fits = bytes > 0 && bytes <= net->arena_bytes && (!training || model->gradients);

	if (fits && state == 0 && tokens <= net->tokens && sequences <= net->sequences && longest <= net->longest)
		return true;
	RETURN_IF(bytes == 0, error, ERROR_FAILED, "a batch of %d tokens does not fit in any memory", (int)tokens);
	if (training && !model->gradients)
		demand.gradients = sizeof(float) * parameters_place(model->parameters, model->parameter_count, &model->config,
		                                                    NULL, true);
	if (bytes > net->arena_bytes) {
		demand.activations = bytes;
		demand.released = net->arena_bytes;
	}
	return check_demand(net->backend, &demand, error) && (!training || take_gradients(model, error)) &&
	       take_arena(net, bytes, error) && take_arrays(net, tokens, sequences, error) &&
	       reserve_backend(model, longest, training, error);
}

uint64_t network_parameter_memory(const struct model_config *config)
{
	int count = 0;
	struct parameter *parameters = parameters_new(config, &count, NULL);
	uint64_t values = parameters ? parameters_place(parameters, count, config, NULL, false) : 0;

	free(parameters);
	return u64_multiply(values, sizeof(float), &values) ? values : 0;
}

/* What packing would take for a model of this configuration: its matrices are bound to no memory and asked about. */
static bool packed_memory_of(struct backend *backend, const struct model_config *config, uint64_t *bytes)
{
	struct model model = {.config = *config};
	bool done = network_new(&model.network, config, NULL);

	model.parameters = parameters_new(config, &model.parameter_count, NULL);
	if (done && model.parameters) {
		network_bind(&model);
		model.network.backend = backend;
		*bytes = packed_memory(&model);
		model.network.backend = NULL;
	}
	done = done && model.parameters;
	free(model.parameters);
	network_free(&model);
	return done;
}

uint64_t network_memory(struct backend *backend, const struct model_config *config, int32_t tokens, int32_t sequences,
                        int32_t longest, bool training)
{
	struct activations measured = {.layers = NULL};
	uint64_t bytes = 0, values = network_parameter_memory(config), packed = 0;

	(void)longest; /* attention keeps no probabilities */
	if (values == 0 || !packed_memory_of(backend, config, &packed))
		return 0;
	measured.layers = size_calloc((size_t)config->num_hidden_layers, sizeof *measured.layers);
	if (measured.layers)
		bytes = activations_place(&measured, config, tokens, sequences, training, NULL);
	free(measured.layers);
	if (bytes == 0 || !u64_multiply(values, training ? 2 : 1, &values) || !u64_add(bytes, values, &bytes) ||
	    !u64_add(bytes, packed, &bytes))
		return 0;
	return bytes;
}

/* Fills the host arrays of the batch and lays out the arena for its size. */
static struct pass pass_begin(struct model *model, const struct batch *batch, bool training)
{
	struct network *net = &model->network;
	struct batch_arrays *arrays = &net->arrays;
	int32_t tokens = batch->starts[batch->sequences];
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
			arrays->positions[t] = t - batch->starts[s];
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

bool network_status(struct model *model, struct error *error)
{
	struct backend *backend = model->network.backend;

	return backend->ops->status(backend, error);
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
