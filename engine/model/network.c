/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory of a pass, and the two passes: score and train. */
#include "engine/model/network.h"

#include "engine/base/size.h"
#include "engine/model/bind.h"
#include "engine/model/classifier.h"
#include "engine/model/demand.h"
#include "engine/model/encoder.h"
#include "engine/model/imitate.h"
#include "engine/model/init.h"
#include "engine/model/masked_head.h"
#include "engine/model/network_loss.h"
#include "engine/model/pass_begin.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool network_new(struct network *network, const struct model_config *config, struct error *error)
{
	size_t layers = (size_t)config->num_hidden_layers;

	network->layers = size_calloc(layers, sizeof *network->layers);
	network->activations.layers = size_calloc(layers, sizeof *network->activations.layers);
	if (!network->layers || !network->activations.layers)
		return error_memory(error, "making a model");
	return true;
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
		backend->ops->release(backend, model->adapter_values);
		backend->ops->release(backend, model->values);
		backend->ops->release(backend, model->codes);
		backend->ops->close(backend);
	}
	free(net->arrays.ids);
	free(net->arrays.starts);
	free(net->arrays.positions);
	free(net->arrays.read_rows);
	free(net->arrays.read_starts);
	free(net->arrays.loss);
	free(net->arrays.logits);
	free(net->activations.layers);
	free(net->layers);
}

bool model_take_values(struct model *model, struct error *error)
{
	struct network *net = &model->network;
	uint64_t count = parameters_place(model->parameters, model->parameter_count, NULL, false);
	uint64_t bytes;

	RETURN_IF(count == 0 || !u64_multiply(count, sizeof(float), &bytes) || bytes > SIZE_MAX / 2, error, ERROR_DATA,
	          "a model of these sizes does not fit in any memory");
	if (!demand_check_values(net->backend, bytes, error))
		return false;
	model->values = net->backend->ops->alloc(net->backend, (size_t)bytes);
	if (!model->values)
		return error_memory(error, "taking memory for the model");
	parameters_place(model->parameters, model->parameter_count, model->values, false);
	network_bind(model);
	return true;
}

static bool take_adapters(struct model *model, int first, uint64_t seed, struct error *error)
{
	struct backend *backend = model->network.backend;
	struct parameter *adapters = model->parameters + first;
	int rows = model->parameter_count - first;
	uint64_t count = parameters_place(adapters, rows, NULL, false), bytes;

	RETURN_IF(count == 0 || !u64_multiply(count, sizeof(float), &bytes) || bytes > SIZE_MAX / 2, error, ERROR_USAGE,
	          "what is to be trained beside the model does not fit in any memory");
	if (!demand_check_values(backend, bytes, error))
		return false;
	model->adapter_values = backend->ops->alloc(backend, (size_t)bytes);
	if (!model->adapter_values)
		return error_memory(error, "taking memory for what is trained beside the model");
	parameters_place(adapters, rows, model->adapter_values, false);
	for (int row = first; row < model->parameter_count; row++)
		if (!parameter_initialise(model, row, seed, error))
			return false;
	return true;
}

bool model_add_lora(struct model *model, const struct lora_settings *settings, uint64_t seed, struct error *error)
{
	int first = model->parameter_count;

	assert(model->lora.rank == 0 && !model->gradients);
	if (!lora_plan(&model->lora, settings, &model->config, &model->parameters, &model->parameter_count, error) ||
	    !take_adapters(model, first, seed, error)) {
		lora_free(&model->lora);
		model->parameter_count = first;
		return false;
	}
	model->network.longest = 0; /* adapters may need more of the backend: the next reserve asks it */
	network_bind(model);
	return true;
}

static struct parameter fit_row(enum parameter_role role, const char *name, int32_t rows, int32_t columns)
{
	struct parameter row = {
		.role = role,
		.part = PART_FIT,
		.unit = UNIT_FIT,
		.layer = OUTSIDE_LAYERS,
		.shape = {rows, columns},
		.count = (size_t)rows * (size_t)(columns > 0 ? columns : 1),
		.init = INIT_ZEROS,
		.decay = columns > 0,
		.trainable = true,
		.fresh = true,
	};

	snprintf(row.name, sizeof row.name, "%s", name);
	return row;
}

bool model_add_fit(struct model *model, int32_t teacher_hidden, struct error *error)
{
	const int first = model->parameter_count;
	struct parameter *table = size_realloc(model->parameters, (size_t)first + 2, sizeof *table);

	assert(model->lora.rank == 0 && !model->gradients);
	if (!table)
		return error_memory(error, "making a layer beside the model's");
	model->parameters = table;
	table[first] = fit_row(ROLE_FIT_WEIGHT, "fit_dense.weight", teacher_hidden, model->config.hidden_size);
	table[first + 1] = fit_row(ROLE_FIT_BIAS, "fit_dense.bias", teacher_hidden, 0);
	model->parameter_count = first + 2;
	if (!take_adapters(model, first, 0, error)) {
		model->parameter_count = first;
		return false;
	}
	network_bind(model);
	return true;
}

const struct lora *model_lora(const struct model *model)
{
	return model->lora.rank > 0 ? &model->lora : NULL;
}

static bool take_gradients(struct model *model, struct error *error)
{
	struct backend *backend = model->network.backend;
	uint64_t count;

	if (model->gradients)
		return true;
	count = parameters_place(model->parameters, model->parameter_count, NULL, true);
	if (count == 0)
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

int32_t network_reads(const struct model *model, int32_t tokens, int32_t sequences)
{
	const double masked = (double)tokens * model->network.masked_share + (double)sequences;

	return !model->config.masked_lm ? sequences : masked < (double)tokens ? (int32_t)masked : tokens;
}

static struct pass_size pass_size(const struct model *model, const struct extent *size)
{
	return (struct pass_size){size->tokens, size->sequences, network_reads(model, size->tokens, size->sequences)};
}

/* Where a device computes logits that the host looks at. */
static bool take_logits(struct model *model, int32_t reads, struct error *error)
{
	struct network *net = &model->network;
	const size_t count = (size_t)masked_at_once(&model->config, reads) * (size_t)model->config.vocab_size;

	free(net->arrays.logits);
	net->arrays.logits = NULL;
	return !model->config.masked_lm ||
	       parameter_staging(net->backend, count, &net->arrays.logits, "taking memory for a batch", error);
}

static bool take_arrays(struct model *model, int32_t tokens, int32_t sequences, struct error *error)
{
	struct network *net = &model->network;
	struct batch_arrays *arrays = &net->arrays;
	int32_t reads;

	if (tokens <= net->tokens && sequences <= net->sequences)
		return true;
	tokens = tokens > net->tokens ? tokens : net->tokens;
	sequences = sequences > net->sequences ? sequences : net->sequences;
	reads = network_reads(model, tokens, sequences);
	net->tokens = net->sequences = net->reads = 0;
	arrays->ids = replace(arrays->ids, (size_t)tokens, sizeof *arrays->ids);
	arrays->starts = replace(arrays->starts, (size_t)sequences + 1, sizeof *arrays->starts);
	arrays->positions = replace(arrays->positions, (size_t)tokens, sizeof *arrays->positions);
	arrays->read_rows = replace(arrays->read_rows, (size_t)sequences, sizeof *arrays->read_rows);
	arrays->read_starts = replace(arrays->read_starts, (size_t)sequences + 1, sizeof *arrays->read_starts);
	arrays->loss = replace(arrays->loss, (size_t)reads, sizeof *arrays->loss);
	if (!arrays->ids || !arrays->starts || !arrays->positions || !arrays->read_rows || !arrays->read_starts || !arrays->loss)
		return error_memory(error, "taking memory for a batch");
	if (!take_logits(model, reads, error))
		return false;
	net->tokens = tokens;
	net->sequences = sequences;
	net->reads = reads;
	return true;
}

/* The steps of a training need the arena that they have: that goes when the larger one is there. */
static bool keeps_arena(const struct model *model)
{
	return model->gradients && model->network.arena;
}

static bool take_arena(struct model *model, uint64_t bytes, struct error *error)
{
	struct network *net = &model->network;
	const struct backend_operations *ops = net->backend->ops;
	void *old = net->arena, *arena;

	if (bytes <= net->arena_bytes)
		return true;
	if (!keeps_arena(model)) {
		ops->release(net->backend, old);
		net->arena = old = NULL;
		net->arena_bytes = 0;
	}
	arena = ops->alloc(net->backend, (size_t)bytes);
	if (!arena)
		return error_memory(error, "taking memory for activations");
	ops->release(net->backend, old);
	net->arena = arena;
	net->arena_bytes = bytes;
	return true;
}

static uint64_t numbers_of(uint64_t rows, int32_t columns)
{
	return rows * (uint64_t)((columns + 7) / 8 * 8);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The largest array of a product where the embeddings of words are a matrix of one; 0 elsewhere: the widest by the widest. */
static uint64_t largest_array(const struct model *model, int32_t tokens, int32_t sequences, int32_t features)
{
	const struct model_config *config = &model->config;
	const uint64_t rows = (uint64_t)(tokens > features ? tokens : features);

	if (!config->masked_lm)
		return 0;
	return larger(numbers_of(rows, features),
	              larger(numbers_of((uint64_t)config->vocab_size, config->hidden_size),
	                     numbers_of((uint64_t)masked_at_once(config, network_reads(model, tokens, sequences)), config->vocab_size)));
}

/* What passes of these sizes, and all that were reserved before, ask of the backend. */
static struct backend_needs needs_of(struct model *model, const struct extent *size, bool training)
{
	const struct network *net = &model->network;
	const struct model_config *config = &model->config;
	int32_t features = config->intermediate_size > 3 * config->hidden_size ? config->intermediate_size
	                                                                       : 3 * config->hidden_size;
	const int32_t outputs = config->masked_lm ? config->vocab_size : config->num_labels;

	features = model->lora.rank > features ? model->lora.rank : features;
	features = net->fit.weight.rows > features ? net->fit.weight.rows : features;
	return (struct backend_needs){
		.numbers = largest_array(model, size->tokens, size->sequences, features),
		.rows = size->tokens > net->tokens ? size->tokens : net->tokens,
		.features = outputs > features ? outputs : features,
		.longest = size->longest > net->longest ? size->longest : net->longest,
		.head_size = config->hidden_size / config->num_attention_heads,
		.types = network_matrix_types(model),
		.training = training,
	};
}

uint64_t network_reserve_bytes(struct model *model, const struct extent *size, bool training)
{
	struct backend *backend = model->network.backend;
	const struct backend_needs needs = needs_of(model, size, training);
	const uint64_t bytes = backend->ops->reserve_bytes(backend, &needs);

	return bytes > model->network.reserved_bytes ? bytes - model->network.reserved_bytes : 0;
}

static bool reserve_backend(struct model *model, const struct extent *size, bool training, struct error *error)
{
	struct network *net = &model->network;
	const struct backend_needs needs = needs_of(model, size, training);

	if (!net->backend->ops->reserve(net->backend, &needs, error))
		return false;
	net->reserved_bytes += network_reserve_bytes(model, size, training);
	net->longest = needs.longest;
	return true;
}

/* What the largest batch becomes when it is filled up. */
struct extent network_filled(struct backend *backend, struct extent size, bool training)
{
	const int32_t more = training ? pass_filling(backend, size.tokens) : 0;
	const int32_t most = more > 0 ? backend->ops->row_step(backend, size.tokens) : 0; /* of any batch */

	return (struct extent){size.tokens + more, size.sequences + (more > 0), size.longest > most ? size.longest : most};
}

static bool reserve(struct model *model, struct extent size, bool training, uint64_t state, struct error *error)
{
	struct network *net = &model->network;
	struct activations measured = {.layers = net->activations.layers};
	uint64_t bytes = activations_place(&measured, &model->config, &model->lora, pass_kept(model), pass_size(model, &size),
	                                   training, NULL);
	const bool filled = training && pass_filling(net->backend, size.tokens) > 0;
	struct demand demand = {.state = state, .training = training, .several = size.sequences > 1 + filled,
	                        .windows = model->config.own.reading.cut.truncation == TRUNCATION_WINDOWS};
	bool fits = bytes > 0 && bytes <= net->arena_bytes && (!training || model->gradients);

	if (fits && state == 0 && size.tokens <= net->tokens && size.sequences <= net->sequences && size.longest <= net->longest)
		return true;
	if (training && !parameters_check_trainable(model->parameters, model->parameter_count, error))
		return false;
	RETURN_IF(bytes == 0, error, ERROR_FAILED, "a batch of %d tokens does not fit in any memory", (int)size.tokens);
	if (training && !model->gradients)
		demand.gradients = sizeof(float) * parameters_place(model->parameters, model->parameter_count, NULL, true);
	if (bytes > net->arena_bytes) {
		demand.activations = bytes;
		demand.released = keeps_arena(model) ? 0 : net->arena_bytes;
	}
	if (!u64_add(demand.activations, network_reserve_bytes(model, &size, training), &demand.activations))
		demand.activations = UINT64_MAX;
	return demand_check(net->backend, &demand, error) && (!training || take_gradients(model, error)) &&
	       take_arena(model, bytes, error) && reserve_backend(model, &size, training, error) &&
	       take_arrays(model, size.tokens, size.sequences, error);
}

bool network_reserve(struct model *model, int32_t tokens, int32_t sequences, int32_t longest, bool training,
                     uint64_t state, struct error *error)
{
	struct backend *backend = model->network.backend;
	const struct extent asked = {tokens, sequences, longest};

	if (reserve(model, network_filled(backend, asked, training), training, state, error))
		return true;
	if (!backend->ops->host_memory)
		backend->ops->status(backend, error); /* a device that failed has no memory either: that is the reason then */
	return false;
}

bool network_reserve_attribution(struct model *model, int32_t tokens, int32_t sequences, int32_t longest, struct error *error)
{
	struct network *net = &model->network;
	struct activations measured = {.layers = net->activations.layers};
	const struct extent size = {tokens, sequences, longest};
	uint64_t bytes = activations_place(&measured, &model->config, &model->lora, pass_kept(model), pass_size(model, &size), true,
	                                   NULL);
	struct demand demand = {.activations = bytes > net->arena_bytes ? bytes : 0,
	                        .released = bytes > net->arena_bytes ? net->arena_bytes : 0};

	assert(!model->gradients);
	RETURN_IF(bytes == 0, error, ERROR_FAILED, "a batch of %d tokens does not fit in any memory", (int)tokens);
	return demand_check(net->backend, &demand, error) && take_arena(model, bytes, error) &&
	       reserve_backend(model, &size, true, error) && take_arrays(model, tokens, sequences, error);
}

void network_release_pass(struct model *model)
{
	struct network *net = &model->network;

	network_unpack(model);
	net->backend->ops->release(net->backend, net->arena);
	net->arena = NULL;
	net->arena_bytes = 0;
	net->tokens = net->sequences = net->reads = net->longest = 0;
}

void network_usage(struct model *model, struct network_usage *usage)
{
	const uint64_t packed = network_packed_bytes(model);

	*usage = (struct network_usage){
		.parameters = sizeof(float) * parameters_place(model->parameters, model->parameter_count, NULL, false),
		.gradients = sizeof(float) * (uint64_t)model->gradient_count,
		.activations = model->network.arena_bytes + model->network.reserved_bytes,
		.packed = packed == UINT64_MAX ? 0 : packed,
	};
}

void network_score(struct model *model, const struct batch *batch, float *logits)
{
	struct network *net = &model->network;
	struct pass pass = pass_begin(model, batch, false);
	size_t count = (size_t)batch_reviews(batch) * (size_t)model->config.num_labels;

	network_pack(model);
	encoder_forward(model, &pass);
	classifier_forward(model, &pass);
	net->backend->ops->download(net->backend, logits, classifier_pool(model, &pass), count * sizeof *logits);
}

void network_mask(struct model *model, double share)
{
	model->network.masked_share = share;
}

void network_measure_masked(struct model *model, const struct batch *batch, float *losses, bool *right)
{
	struct pass pass;

	if (batch->masked.count == 0)
		return;
	pass = pass_begin(model, batch, false);
	network_pack(model);
	encoder_forward(model, &pass);
	masked_head_measure(model, &pass, batch, losses, right);
}

void network_embed(struct model *model, const struct batch *batch, float *embeddings)
{
	struct network *net = &model->network;
	struct pass pass = pass_begin(model, batch, true);
	size_t count = (size_t)batch->starts[batch->sequences] * (size_t)model->config.hidden_size;

	encoder_embed(model, &pass);
	net->backend->ops->download(net->backend, embeddings, net->activations.embedding_out, count * sizeof *embeddings);
}

void network_attribute(struct model *model, const struct batch *batch, const float *embeddings, const float *wanted,
                       float *logits, float *gradient)
{
	struct network *net = &model->network;
	const struct backend_operations *ops = net->backend->ops;
	struct pass pass = pass_begin(model, batch, true);
	size_t count = (size_t)batch->starts[batch->sequences] * (size_t)model->config.hidden_size;
	size_t outputs = (size_t)batch->sequences * (size_t)model->config.num_labels;

	assert(!model->gradients && !batch->reviews);
	ops->upload(net->backend, net->activations.embedding_out, embeddings, count * sizeof *embeddings);
	encoder_forward_layers(model, &pass);
	classifier_forward(model, &pass);
	ops->download(net->backend, logits, net->activations.logits, outputs * sizeof *logits);
	ops->upload(net->backend, net->activations.dlogits, wanted, outputs * sizeof *wanted);
	classifier_backward(model, &pass);
	ops->download(net->backend, gradient, encoder_backward_layers(model, &pass), count * sizeof *gradient);
}

/* In 16 bits a copy of the weights is what products read; in f32 it would be for the way forward alone. */
static bool trains_packed(const struct model *model)
{
	return precision_is_half(model->network.backend->precision);
}

/* The amplitude of NEFTune's noise in a batch. */
static float noise_amplitude(const struct model *model, const struct batch *batch, float alpha)
{
	int32_t longest = 1;

	for (int32_t s = 0; s < batch->sequences; s++)
		if (batch->starts[s + 1] - batch->starts[s] > longest)
			longest = batch->starts[s + 1] - batch->starts[s];
	return (float)((double)alpha / sqrt((double)longest * (double)model->config.hidden_size));
}

static void classify_and_back(struct model *model, const struct pass *pass, const struct batch *batch,
                              const struct train_pass *train)
{
	classifier_forward(model, pass);
	network_loss(model, pass, batch, train);
	classifier_backward(model, pass);
}

/* A step in which nothing is computed. */
static uint64_t empty_step(struct backend *backend, uint64_t counter)
{
	backend->ops->step_begin(backend, counter);
	return backend->ops->step_end(backend);
}

uint64_t network_train_begin(struct model *model, const struct batch *batch, const struct train_pass *train, float *losses)
{
	struct network *net = &model->network;
	const struct backend_operations *ops = net->backend->ops;
	struct pass pass;

	assert(model->gradients);
	if (batch_losses(batch) == 0)
		return empty_step(net->backend, train->step);
	pass = pass_begin(model, batch, true);
	pass.dropout = !train->no_dropout;
	pass.seed = train->seed;
	pass.step = train->step;
	pass.noise = train->neftune_noise_alpha > 0 ? noise_amplitude(model, batch, train->neftune_noise_alpha) : 0;
	net->independent = net->independent || batch->targets;
	pass.loss_scale = train->scale;
	pass.imitated = batch->teacher && net->imitation ? batch->teacher->sequences : 0;
	imitate_upload(model, &pass, batch->teacher);
	ops->step_begin(net->backend, pass.step);
	if (trains_packed(model))
		network_pack(model);
	encoder_forward(model, &pass);
	(model->config.masked_lm ? masked_head_train : classify_and_back)(model, &pass, batch, train);
	encoder_backward(model, &pass);
	ops->fetch(net->backend, losses, net->activations.losses, (size_t)batch_losses(batch) * sizeof *losses);
	return ops->step_end(net->backend);
}

/* Of a device that failed the status tells. */
double network_train(struct model *model, const struct batch *batch, const struct train_pass *train)
{
	float *losses = model->network.arrays.loss;
	uint64_t step = network_train_begin(model, batch, train, losses);
	double sum = 0;

	if (!network_settle(model, step, NULL))
		return NAN;
	for (int32_t i = 0; i < batch_losses(batch); i++)
		sum += (double)losses[i];
	return sum;
}

void network_zero_gradients(struct model *model)
{
	struct backend *backend = model->network.backend;

	if (model->gradients)
		backend->ops->zero(backend, model->gradients, model->gradient_count * sizeof(float));
}

bool network_settle(struct model *model, uint64_t step, struct error *error)
{
	struct backend *backend = model->network.backend;

	if (backend->ops->settle(backend, step))
		return true;
	backend->ops->status(backend, error);
	return false;
}

bool network_status(struct model *model, struct error *error)
{
	struct backend *backend = model->network.backend;

	return backend->ops->status(backend, error);
}

/* Copies in 16 bits serve each step; the next pass makes them anew where they lie. */
void network_values_changed(struct model *model)
{
	if (trains_packed(model))
		model->network.packed = false;
	else
		network_unpack(model);
	model->trained = true;
	model->config.independent_labels = model->network.independent;
	model->config.own.temperature = 0;        /* it was the logits' of before, */
	model->config.own.threshold_count = 0;    /* and these their scores' */
}

void network_train_independent(struct model *model)
{
	model->network.independent = true;
}
