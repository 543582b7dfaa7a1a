/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/trainer.h"

#include "engine/backend/open.h"
#include "engine/base/number.h"
#include "engine/base/size.h"
#include "engine/format/config.h"
#include "engine/model/network.h"
#include "engine/train/optimizer_options.h"
#include "engine/train/schedule.h"

#include <stdlib.h>

/* What is trained of a model takes gradients and the state of the optimizer. */
static bool trained_memory(const struct model_config *config, const struct train_options *options, uint64_t *gradients,
                           uint64_t *state, struct error *error)
{
	const struct freeze_request request = optimizer_freeze_request(options, false);
	struct optimizer_plan plan;
	struct freeze_counts counts;
	int count = 0;
	struct parameter *parameters;
	bool done;

	if (!optimizer_plan_read(&plan, options, error))
		return false;
	parameters = parameters_new(config, &count, error);
	done = parameters && parameters_freeze(parameters, count, &request, &counts, error);
	if (done) {
		*gradients = sizeof(float) * parameters_place(parameters, count, NULL, true);
		*state = optimizer_memory(parameters, count, &plan);
	}
	free(parameters);
	return done;
}

/* Weights, gradients, the optimizer's state and the activations of the largest batch. */
static bool memory_of(struct backend *backend, const struct model_config *config, const struct train_options *options,
                      uint64_t *bytes, struct error *error)
{
	int64_t length = options->max_length < config->max_position_embeddings ? options->max_length
	                                                                       : config->max_position_embeddings;
	int64_t tokens = length * options->per_device_train_batch_size;
	uint64_t network, values, gradients, state;

	if (tokens > INT32_MAX)
		return false;
	network = network_memory(backend, config, (int32_t)tokens, (int32_t)options->per_device_train_batch_size,
	                         (int32_t)length, true, error);
	values = network_parameter_memory(config, error);
	return network > 0 && values > 0 && trained_memory(config, options, &gradients, &state, error) &&
	       u64_add(network - values, gradients, &network) && u64_add(network, state, bytes);
}

static uint64_t training_rows(const struct train_options *options, uint64_t rows)
{
	double share;

	if (number_parse(options->validation, &share) && share > 0 && share < 1)
		rows -= (uint64_t)(share * (double)rows + 0.5);
	if (options->max_train_samples > 0 && (uint64_t)options->max_train_samples < rows)
		return (uint64_t)options->max_train_samples;
	return rows;
}

/* What the backend of the training would say; it is opened for the answer. */
static bool estimate_memory(const struct model_config *config, const struct train_options *options,
                            struct train_estimate *estimate, struct error *error)
{
	struct backend *backend = backend_open(device_find(options->device), 1, error);
	struct error why = {0};
	bool done;

	if (!backend)
		return false;
	estimate->memory_available = backend->ops->memory_available(backend);
	done = memory_of(backend, config, options, &estimate->memory_bytes, &why);
	if (!done && why.kind == ERROR_NONE)
		error_set(&why, ERROR_USAGE, "a batch of %lld reviews of %lld tokens fits in no memory",
		          (long long)options->per_device_train_batch_size, (long long)options->max_length);
	if (!done && error)
		*error = why;
	backend->ops->close(backend);
	return done;
}

bool train_estimate(const struct trainer_request *request, uint64_t rows, struct train_estimate *estimate,
                    struct error *error)
{
	struct schedule schedule;
	struct hf_config config = {0};
	struct model_place place;
	bool done;

	*estimate = (struct train_estimate){0};
	if (!model_find(request->model, &place, error) || !hf_config_read(place.folder, NULL, &config, error))
		return false;
	if (config.model.num_labels == 0)
		config.model.num_labels = 2;
	done = estimate_memory(&config.model, request->options, estimate, error);
	hf_config_free(&config);
	if (!done || !schedule_plan(&schedule, request->options, training_rows(request->options, rows), error))
		return false;
	estimate->steps = schedule.steps;
	return true;
}
