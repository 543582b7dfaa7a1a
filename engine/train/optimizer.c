/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimizer.h"

#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>

static bool take_moments(struct backend *backend, struct moments *moments, size_t count)
{
	size_t bytes;

	if (!size_multiply(count, sizeof(float), &bytes))
		return false;
	moments->average = backend->ops->alloc(backend, bytes);
	moments->square = backend->ops->alloc(backend, bytes);
	return moments->average && moments->square;
}

bool optimizer_init(struct optimizer *optimizer, struct model *model, struct error *error)
{
	struct backend *backend = model_backend(model);

	*optimizer = (struct optimizer){.model = model, .rows = model_parameter_rows(model)};
	optimizer->moments = size_calloc((size_t)optimizer->rows, sizeof *optimizer->moments);
	if (!optimizer->moments)
		return error_memory(error, "making the optimizer");
	for (int i = 0; i < optimizer->rows; i++) {
		const struct parameter *parameter = model_parameter(model, i);
		if (parameter->trainable && !take_moments(backend, &optimizer->moments[i], parameter->count)) {
			optimizer_free(optimizer);
			return error_memory(error, "making the optimizer");
		}
	}
	return true;
}

void optimizer_free(struct optimizer *optimizer)
{
	for (int i = 0; optimizer->moments && i < optimizer->rows; i++) {
		struct backend *backend = model_backend(optimizer->model);
		backend->ops->release(backend, optimizer->moments[i].average);
		backend->ops->release(backend, optimizer->moments[i].square);
	}
	free(optimizer->moments);
	*optimizer = (struct optimizer){0};
}

/* Summed in the order of the table, so that it is the same to the bit wherever it is computed again. */
static double gradient_norm(const struct optimizer *optimizer)
{
	struct backend *backend = model_backend(optimizer->model);
	double sum = 0;

	for (int i = 0; i < optimizer->rows; i++) {
		const struct parameter *parameter = model_parameter(optimizer->model, i);
		if (parameter->trainable)
			sum += backend->ops->squared_norm(backend, parameter->gradient, parameter->count);
	}
	return sqrt(sum);
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
	                      .beta2 = OPTIMIZER_BETA2, .epsilon = OPTIMIZER_EPSILON};

	*norm = gradient_norm(optimizer);
	if (!isfinite(*norm))
		return false;
	optimizer->steps++;
	adamw.correction1 = 1 - pow(OPTIMIZER_BETA1, (double)optimizer->steps);
	adamw.correction2 = 1 - pow(OPTIMIZER_BETA2, (double)optimizer->steps);
	adamw.gradient_scale = (float)clip(*norm, settings->max_grad_norm);
	for (int i = 0; i < optimizer->rows; i++) {
		struct parameter *parameter = model_parameter(optimizer->model, i);
		if (!parameter->trainable)
			continue;
		adamw.weight_decay = parameter->decay ? settings->weight_decay : 0;
		backend->ops->adamw(backend, parameter->value, optimizer->moments[i].average,
		                    optimizer->moments[i].square, parameter->gradient, parameter->count, &adamw);
	}
	network_values_changed(optimizer->model);
	return true;
}
