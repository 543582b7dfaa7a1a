/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/trainer.h"

#include "engine/backend/open.h"
#include "engine/base/number.h"
#include "engine/base/size.h"
#include "engine/format/config.h"
#include "engine/model/network.h"
#include "engine/train/adapter_options.h"
#include "engine/train/optimizer_options.h"
#include "engine/train/schedule.h"

/* Sequences of the largest batch as far as it is known before the reviews are: where their windows are not limited, one of
 * each. */
static int64_t sequences_of(const struct train_options *options)
{
	struct cut cut = train_options_reading(options, (int32_t)options->max_length).cut;

	return options->per_device_train_batch_size * (cut.max_windows > 0 ? cut.max_windows : 1);
}

static uint64_t state_of(struct parameter *parameters, int count, const void *of)
{
	return optimizer_memory(parameters, count, of);
}

/* Weights, gradients, the optimizer's state and the activations of the largest batch. */
static bool memory_of(struct backend *backend, const struct model_config *config, const struct train_options *options,
                      uint64_t *bytes, struct error *error)
{
	int64_t length = options->max_length < config->max_position_embeddings ? options->max_length
	                                                                       : config->max_position_embeddings;
	int64_t sequences = sequences_of(options), tokens = length * sequences;
	const struct freeze_request freeze = optimizer_freeze_request(options, false);
	struct optimizer_plan optimizer;
	struct lora_settings lora;
	const struct network_plan plan = {
		.config = config,
		.lora = adapter_options(options, &lora) ? &lora : NULL,
		.freeze = &freeze,
		.four_bits = options->load_in_4bit,
		.tokens = (int32_t)tokens,
		.sequences = (int32_t)sequences,
		.training = true,
		.state = state_of,
		.of = &optimizer,
	};

	if (tokens > INT32_MAX || !optimizer_plan_read(&optimizer, options, error))
		return false;
	*bytes = network_memory(backend, &plan, error);
	return *bytes > 0;
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
