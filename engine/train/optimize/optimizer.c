/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimize/optimizer.h"

#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>

#define ALIGNMENT 16u /* floats: 64 bytes */

/* What a kind keeps of a parameter. */
struct need {
	const char *average, *square; /* names of the state */
	size_t average_count, square_count; /* floats; 0: none */
	int32_t average_shape[2], square_shape[2];
};

static struct need whole(const struct parameter *parameter, const char *average, const char *square)
{
	return (struct need){
		.average = average,
		.square = square,
		.average_count = average ? parameter->count : 0,
		.square_count = square ? parameter->count : 0,
		.average_shape = {parameter->shape[0], parameter->shape[1]},
		.square_shape = {parameter->shape[0], parameter->shape[1]},
	};
}

static struct need need_of(const struct optimizer_plan *plan, const struct parameter *parameter)
{
	switch (plan->kind) {
	case OPTIMIZER_ADAMW:
		break;
	case OPTIMIZER_SGD:
		return whole(parameter, plan->momentum > 0 ? "momentum_buffer." : NULL, NULL);
	case OPTIMIZER_LION:
		return whole(parameter, "exp_avg.", NULL);
	case OPTIMIZER_ADAFACTOR:
		if (parameter->shape[1] == 0)
			return whole(parameter, NULL, "exp_avg_sq.");
		return (struct need){
			.average = "exp_avg_sq_row.",
			.square = "exp_avg_sq_col.",
			.average_count = (size_t)parameter->shape[0],
			.square_count = (size_t)parameter->shape[1],
			.average_shape = {parameter->shape[0], 0},
			.square_shape = {parameter->shape[1], 0},
		};
	}
	return whole(parameter, "exp_avg.", "exp_avg_sq.");
}

/* Where the arenas end. */
struct places {
	uint64_t averages, squares; /* floats */
};

static float *place(float *arena, uint64_t *used, size_t count)
{
	float *start = arena && count > 0 ? arena + *used : NULL;

	*used += count + (0 - count) % ALIGNMENT;
	return start;
}

/* The sizes of both arenas: each trainable parameter from an aligned place on, in the order of the table. With an optimizer
 * whose arenas were taken, every parameter gets its places. */
static struct places place_moments(struct optimizer *optimizer, const struct parameter *parameters, int count,
                                   const struct optimizer_plan *plan)
{
	struct places used = {0, 0};

	for (int i = 0; i < count; i++) {
		struct need need = need_of(plan, &parameters[i]);
		struct moments moments;

		if (!parameters[i].trainable)
			continue;
		moments.average = place(optimizer ? optimizer->averages : NULL, &used.averages, need.average_count);
		moments.square = place(optimizer ? optimizer->squares : NULL, &used.squares, need.square_count);
		if (optimizer)
			optimizer->moments[i] = moments;
	}
	return used;
}

/* torch's AdamW with its constants, all layers alike. */
static struct optimizer_plan default_plan(void)
{
	return (struct optimizer_plan){
		.kind = OPTIMIZER_ADAMW, .beta1 = OPTIMIZER_BETA1, .beta2 = OPTIMIZER_BETA2, .epsilon = OPTIMIZER_EPSILON,
		.layerwise_decay = 1,
	};
}

uint64_t optimizer_memory(const struct parameter *parameters, int count, const struct optimizer_plan *plan)
{
	const struct optimizer_plan chosen = plan ? *plan : default_plan();
	struct places places = place_moments(NULL, parameters, count, &chosen);

	return sizeof(float) * (places.averages + places.squares);
}

/* An arena of so many floats; none is needed for no floats. */
static bool take_arena(struct backend *backend, uint64_t count, float **arena)
{
	size_t bytes;

	if (count == 0)
		return true;
	if (!size_multiply((size_t)count, sizeof(float), &bytes))
		return false;
	*arena = backend->ops->alloc(backend, bytes);
	return *arena != NULL;
}

static bool take_memory(struct optimizer *optimizer)
{
	struct model *model = optimizer->model;
	const struct parameter *parameters = model_parameter(model, 0);
	struct places places = place_moments(NULL, parameters, optimizer->rows, &optimizer->plan);

	optimizer->moments = size_calloc((size_t)optimizer->rows, sizeof *optimizer->moments);
	optimizer->segments = size_calloc((size_t)optimizer->rows, sizeof *optimizer->segments);
	if (!optimizer->moments || !optimizer->segments ||
	    !take_arena(model_backend(model), places.averages, &optimizer->averages) ||
	    !take_arena(model_backend(model), places.squares, &optimizer->squares))
		return false;
	place_moments(optimizer, parameters, optimizer->rows, &optimizer->plan);
	optimizer->clipping = model_backend(model)->ops->alloc(model_backend(model), sizeof *optimizer->clipping);
	return optimizer->clipping != NULL;
}

bool optimizer_init(struct optimizer *optimizer, struct model *model, const struct optimizer_plan *plan,
                    struct error *error)
{
	*optimizer = (struct optimizer){
		.model = model, .plan = plan ? *plan : default_plan(), .rows = model_parameter_rows(model),
	};
	if (take_memory(optimizer))
		return true;
	optimizer_free(optimizer);
	return error_memory(error, "making the optimizer");
}

void optimizer_free(struct optimizer *optimizer)
{
	if (optimizer->model) {
		struct backend *backend = model_backend(optimizer->model);

		backend->ops->release(backend, optimizer->averages);
		backend->ops->release(backend, optimizer->squares);
		backend->ops->release(backend, optimizer->clipping);
	}
	free(optimizer->moments);
	free(optimizer->segments);
	*optimizer = (struct optimizer){0};
}

/* The factor of a row's learning rate: the head and the top layer 1, the embeddings one layer below the lowest. */
static double rate_of(const struct optimizer *optimizer, const struct parameter *parameter)
{
	int32_t layers = model_config(optimizer->model)->num_hidden_layers;
	int32_t below = parameter_is_head(parameter) || parameter->part == PART_FIT ? 0 : layers - 1 - parameter->layer;

	if (parameter->unit == UNIT_EMBEDDINGS)
		below = layers;
	return optimizer->plan.layerwise_decay == 1 ? 1 : pow(optimizer->plan.layerwise_decay, below);
}

/* What a step changes, in the order of the table, so that the norm is the same to the bit wherever it is computed again.
 * Made anew for each step, since the network may have moved its arenas; returns the number of segments. */
static size_t list_segments(const struct optimizer *optimizer)
{
	size_t count = 0;

	for (int i = 0; i < optimizer->rows; i++) {
		const struct parameter *parameter = model_parameter(optimizer->model, i);

		if (parameter->trainable)
			optimizer->segments[count++] = (struct segment){
				.value = parameter->value,
				.average = optimizer->moments[i].average,
				.square = optimizer->moments[i].square,
				.gradient = parameter->gradient,
				.count = parameter->count,
				.decay = parameter->decay,
				.rate = rate_of(optimizer, parameter),
				.rows = parameter->shape[0],
				.columns = parameter->shape[1],
			};
	}
	return count;
}

static void step_adamw(const struct optimizer *optimizer, size_t count, const struct optimizer_settings *settings)
{
	struct backend *backend = model_backend(optimizer->model);
	const struct optimizer_plan *plan = &optimizer->plan;

	backend->ops->adamw(backend, optimizer->segments, count, &(struct adamw){
		.learning_rate = settings->learning_rate,
		.beta1 = plan->beta1,
		.beta2 = plan->beta2,
		.epsilon = plan->epsilon,
		.weight_decay = settings->weight_decay,
		.correction1 = 1 - pow(plan->beta1, (double)optimizer->steps),
		.correction2 = 1 - pow(plan->beta2, (double)optimizer->steps),
		.clipping = optimizer->clipping,
	});
}

static void step_sgd(const struct optimizer *optimizer, size_t count, const struct optimizer_settings *settings)
{
	struct backend *backend = model_backend(optimizer->model);
	const struct optimizer_plan *plan = &optimizer->plan;

	backend->ops->sgd(backend, optimizer->segments, count, &(struct sgd){
		.learning_rate = settings->learning_rate,
		.momentum = plan->momentum,
		.dampening = plan->dampening,
		.weight_decay = settings->weight_decay,
		.nesterov = plan->nesterov,
		.first = optimizer->steps == 1,
		.clipping = optimizer->clipping,
	});
}

static void step_lion(const struct optimizer *optimizer, size_t count, const struct optimizer_settings *settings)
{
	struct backend *backend = model_backend(optimizer->model);

	backend->ops->lion(backend, optimizer->segments, count, &(struct lion){
		.learning_rate = settings->learning_rate,
		.beta1 = optimizer->plan.beta1,
		.beta2 = optimizer->plan.beta2,
		.weight_decay = settings->weight_decay,
		.clipping = optimizer->clipping,
	});
}

static void step_adafactor(const struct optimizer *optimizer, size_t count, const struct optimizer_settings *settings)
{
	struct backend *backend = model_backend(optimizer->model);

	backend->ops->adafactor(backend, optimizer->segments, count, &(struct adafactor){
		.learning_rate = settings->learning_rate,
		.beta2 = 1 - pow((double)optimizer->steps, -0.8),
		.weight_decay = settings->weight_decay,
		.clipping = optimizer->clipping,
	});
}

uint64_t optimizer_begin(struct optimizer *optimizer, const struct optimizer_settings *settings, struct clipping *found)
{
	static void (*const steps[])(const struct optimizer *, size_t, const struct optimizer_settings *) = {
		[OPTIMIZER_ADAMW] = step_adamw,
		[OPTIMIZER_SGD] = step_sgd,
		[OPTIMIZER_LION] = step_lion,
		[OPTIMIZER_ADAFACTOR] = step_adafactor,
	};
	struct backend *backend = model_backend(optimizer->model);
	size_t count = list_segments(optimizer);
	const double scale = settings->loss_scale > 0 ? settings->loss_scale : 1;

	optimizer->steps++;
	backend->ops->step_begin(backend, 0);
	backend->ops->clip(backend, optimizer->clipping, optimizer->segments, count, settings->max_grad_norm, scale);
	steps[optimizer->plan.kind](optimizer, count, settings);
	backend->ops->fetch(backend, found, optimizer->clipping, sizeof *found);
	network_values_changed(optimizer->model);
	return backend->ops->step_end(backend);
}

bool optimizer_step(struct optimizer *optimizer, const struct optimizer_settings *settings, double *norm)
{
	struct clipping found = {.norm = NAN};
	uint64_t step = optimizer_begin(optimizer, settings, &found);
	bool done = network_settle(optimizer->model, step, NULL) && found.finite;

	*norm = found.norm;
	if (!done)
		optimizer->steps--;
	return done;
}

int optimizer_states(const struct optimizer *optimizer, int row, struct optimizer_state out[OPTIMIZER_STATES])
{
	const struct parameter *parameter = model_parameter(optimizer->model, row);
	struct need need = need_of(&optimizer->plan, parameter);
	int count = 0;

	if (!parameter->trainable)
		return 0;
	if (need.average_count > 0)
		out[count++] = (struct optimizer_state){need.average, optimizer->moments[row].average, need.average_count,
		                                        {need.average_shape[0], need.average_shape[1]}};
	if (need.square_count > 0)
		out[count++] = (struct optimizer_state){need.square, optimizer->moments[row].square, need.square_count,
		                                        {need.square_shape[0], need.square_shape[1]}};
	return count;
}
