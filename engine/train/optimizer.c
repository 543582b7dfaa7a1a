/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimizer.h"

#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>

#define ALIGNMENT 16u /* floats: 64 bytes */

/* Floats of one arena of moments: each trainable parameter from an aligned place on, in the order of the table. With an
 * optimizer whose arenas were taken, every parameter gets its places. */
static uint64_t place_moments(struct optimizer *optimizer, struct model *model)
{
	uint64_t used = 0;

	for (int i = 0; i < model_parameter_rows(model); i++) {
		const struct parameter *parameter = model_parameter(model, i);

		if (!parameter->trainable)
			continue;
		if (optimizer)
			optimizer->moments[i] = (struct moments){optimizer->averages + used, optimizer->squares + used};
		used += parameter->count + (0 - parameter->count) % ALIGNMENT;
	}
	return used;
}

uint64_t optimizer_memory(struct model *model)
{
	return 2 * sizeof(float) * place_moments(NULL, model);
}

static bool take_memory(struct optimizer *optimizer)
{
	struct backend *backend = model_backend(optimizer->model);
	uint64_t count = place_moments(NULL, optimizer->model);
	size_t bytes;

	optimizer->moments = size_calloc((size_t)optimizer->rows, sizeof *optimizer->moments);
	optimizer->segments = size_calloc((size_t)optimizer->rows, sizeof *optimizer->segments);
	if (!optimizer->moments || !optimizer->segments || !size_multiply((size_t)count, sizeof(float), &bytes))
		return false;
	optimizer->averages = backend->ops->alloc(backend, bytes);
	optimizer->squares = backend->ops->alloc(backend, bytes);
	return optimizer->averages && optimizer->squares;
}

bool optimizer_init(struct optimizer *optimizer, struct model *model, struct error *error)
{
	*optimizer = (struct optimizer){.model = model, .rows = model_parameter_rows(model)};
	if (!take_memory(optimizer)) {
		optimizer_free(optimizer);
		return error_memory(error, "making the optimizer");
	}
	place_moments(optimizer, model);
	return true;
}

void optimizer_free(struct optimizer *optimizer)
{
	if (optimizer->model) {
		struct backend *backend = model_backend(optimizer->model);

		backend->ops->release(backend, optimizer->averages);
		backend->ops->release(backend, optimizer->squares);
	}
	free(optimizer->moments);
	free(optimizer->segments);
	*optimizer = (struct optimizer){0};
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
				.rate = 1,
			};
	}
	return count;
}

static double clip(double norm, double limit)
{
	double scale = limit > 0 ? limit / (norm + 1e-6) : 1;

	return scale < 1 ? scale : 1;
}

bool optimizer_step(struct optimizer *optimizer, const struct optimizer_settings *settings, double *norm)
{
	struct backend *backend = model_backend(optimizer->model);
	struct adamw adamw = {.learning_rate = settings->learning_rate, .beta1 = OPTIMIZER_BETA1,
	                      .beta2 = OPTIMIZER_BETA2, .epsilon = OPTIMIZER_EPSILON,
	                      .weight_decay = settings->weight_decay};
	size_t count = list_segments(optimizer);

	*norm = sqrt(backend->ops->squared_norm(backend, optimizer->segments, count));
	if (!isfinite(*norm))
		return false;
	optimizer->steps++;
	adamw.correction1 = 1 - pow(OPTIMIZER_BETA1, (double)optimizer->steps);
	adamw.correction2 = 1 - pow(OPTIMIZER_BETA2, (double)optimizer->steps);
	adamw.gradient_scale = (float)clip(*norm, settings->max_grad_norm);
	backend->ops->adamw(backend, optimizer->segments, count, &adamw);
	network_values_changed(optimizer->model);
	return true;
}
