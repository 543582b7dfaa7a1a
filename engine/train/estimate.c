/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/trainer.h"

#include "engine/backend/open.h"
#include "engine/base/size.h"
#include "engine/format/config.h"
#include "engine/format/peft.h"
#include "engine/model/network.h"
#include "engine/train/optimize/optimizer_options.h"
#include "engine/train/optimize/schedule.h"
#include "engine/train/optimize/usual_rate.h"
#include "engine/train/options/adapter_options.h"
#include "engine/train/options/inside_options.h"
#include "engine/train/rows/split.h"
#include "engine/train/run/checkpoint_tensors.h"
#include "engine/train/teach_paths.h"

#include <stdlib.h>
#include <string.h>

/* Sequences of the largest batch as far as it is known before the reviews are: where their windows are not limited, one of
 * each. */
static int64_t sequences_of(const struct train_options *options)
{
	struct cut cut = train_options_reading(options, (int32_t)options->max_length).cut;

	return options->per_device_train_batch_size * (cut.max_windows > 0 ? cut.max_windows : 1);
}

/* What a training takes for the rows of a model that is not made yet. */
struct needs {
	struct optimizer_plan optimizer;
	bool adapters, saves;
};

static uint64_t state_of(struct parameter *parameters, int count, const void *of)
{
	const struct needs *needs = of;
	uint64_t copies = needs->saves ? checkpoint_tensors_memory(parameters, count, needs->adapters, &needs->optimizer) : 0;

	return optimizer_memory(parameters, count, &needs->optimizer) + copies;
}

/* A teacher whose inside is imitated, which computes beside the model. */
struct beside {
	struct hf_config config; /* start with {0}, end with hf_config_free */
	struct imitation imitation;
};

/* That of an adapter is its base's. */
static bool read_config(const char *path, struct hf_config *config)
{
	struct peft_config adapter = {0};
	struct model_place place;
	bool done = model_find(path, &place, NULL);

	if (done && peft_weights_name(place.folder)[0]) {
		done = peft_config_read(place.folder, &adapter, NULL) && model_find_base(adapter.base, &place, NULL);
		peft_config_free(&adapter);
	}
	return done && hf_config_read(place.folder, NULL, config, NULL);
}

/* False: there is none, or one that cannot be read, of which the run says why. */
static bool find_beside(const struct train_options *options, const struct model_config *config, struct beside *beside)
{
	char lines[sizeof options->teacher];
	struct teacher_wish *wishes = size_calloc(TEACHERS_MAX, sizeof *wishes);
	struct inside_wish wish;
	int which;
	bool found;

	memcpy(lines, options->teacher, sizeof lines);
	which = wishes && teach_find_models(lines, sizeof lines, NULL)
	                ? inside_options_which(options, wishes, teacher_wishes(lines, wishes, NULL)) : -1;
	found = which >= 0 && read_config(wishes[which].path, &beside->config);
	free(wishes);
	if (!found || !inside_options(options, &wish))
		return false;
	beside->imitation = inside_wish_imitation(&wish, &beside->config.model, config);
	return true;
}

/* Of other tokens there are twice as many, see inside_teacher_reserve. Pieces of the same number are taken for the same. */
static bool add_beside(struct backend *backend, const struct beside *beside, const struct model_config *student, int64_t tokens,
                       int64_t sequences, uint64_t *bytes, struct error *error)
{
	const struct model_config *config = &beside->config.model;
	const bool other_tokens = config->vocab_size != student->vocab_size;
	const int64_t most = sequences * config->max_position_embeddings, read = tokens < most ? tokens : most;
	const int64_t own = other_tokens ? 2 * read : read;
	const struct network_plan plan = {
		.config = config, .tokens = (int32_t)own, .sequences = (int32_t)sequences, .reveals = true,
	};
	const size_t floats = inside_teacher_floats(&beside->imitation, (size_t)read, (size_t)own, other_tokens);
	const uint64_t network = own <= INT32_MAX ? network_memory(backend, &plan, error) : 0;

	*bytes += network + floats * sizeof(float);
	return (network > 0 && floats > 0) || error_prefix(error, "--teacher");
}

/* Weights, gradients, the optimizer's state, its and the weights' copies for checkpoints, and the activations of the largest
 * batch; of a teacher that is imitated too. */
static bool memory_of(struct backend *backend, const struct model_config *config, const struct train_options *options,
                      const struct beside *beside, uint64_t *bytes, struct error *error)
{
	const int64_t length = options->max_length < config->max_position_embeddings ? options->max_length
	                                                                             : config->max_position_embeddings;
	const int64_t sequences = sequences_of(options), tokens = length * sequences;
	const struct freeze_request freeze = optimizer_freeze_request(options, false);
	struct lora_settings lora;
	struct needs needs = {
		.adapters = adapter_options(options, &lora),
		.saves = strcmp(options->save_strategy, "no") != 0 || options->load_best_model_at_end,
	};
	const struct network_plan plan = {
		.config = config,
		.lora = needs.adapters ? &lora : NULL,
		.freeze = &freeze,
		.four_bits = options->load_in_4bit,
		.masked_share = options->mlm_probability,
		.imitation = beside ? &beside->imitation : NULL,
		.tokens = (int32_t)tokens,
		.sequences = (int32_t)sequences,
		.training = true,
		.state = state_of,
		.of = &needs,
	};

	if (tokens > INT32_MAX || !optimizer_plan_read(&needs.optimizer, options, error))
		return false;
	*bytes = network_memory(backend, &plan, error);
	return *bytes > 0 && (!beside || add_beside(backend, beside, config, tokens, sequences, bytes, error));
}

static uint64_t training_rows(const struct train_options *options, uint64_t rows)
{
	struct split_request request = {.count = (size_t)rows};
	uint64_t training, held_out;

	split_take_options(&request, options);
	split_count(&request, &training, &held_out);
	return training;
}

/* What the backend of the training would say; it is opened for the answer. */
static bool estimate_memory(const struct model_config *config, const struct train_options *options,
                            struct train_estimate *estimate, struct error *error)
{
	struct backend *backend = backend_open(device_find(options->device), 1, error);
	struct beside beside = {0};
	struct error why = {0};
	bool imitates, done;

	if (!backend)
		return false;
	backend_set_precision(backend, precision_of(options->tf32, options->bf16, options->fp16));
	estimate->memory_available = backend->ops->memory_available(backend);
	imitates = find_beside(options, config, &beside);
	done = memory_of(backend, config, options, imitates ? &beside : NULL, &estimate->memory_bytes, &why);
	hf_config_free(&beside.config);
	if (!done && why.kind == ERROR_NONE)
		error_set(&why, ERROR_USAGE, "a batch of %lld reviews of %lld tokens fits in no memory",
		          (long long)options->per_device_train_batch_size, (long long)options->max_length);
	if (!done && error)
		*error = why;
	backend->ops->close(backend);
	return done;
}

static void take_usual_rate(struct train_estimate *estimate, const struct model_config *config, const struct train_options *options)
{
	const struct usual_rate usual = usual_rate(config, options);

	estimate->usual_low = usual.low;
	estimate->usual_high = usual.high;
	estimate->suggested = usual.suggested;
	usual_rate_warns(config, options, estimate->advice, sizeof estimate->advice);
}

/* Of a copy: the labels belong to what was read. */
static struct model_config config_of(const struct model_config *read, const struct train_options *options)
{
	struct model_config config = *read;

	config.masked_lm = !train_options_need_labels(options);
	config.num_labels = config.masked_lm ? 0 : config.num_labels == 0 ? 2 : config.num_labels;
	return config;
}

bool train_estimate(const struct trainer_request *request, uint64_t rows, struct train_estimate *estimate,
                    struct error *error)
{
	struct schedule schedule;
	struct hf_config config = {0};
	struct model_config model;
	struct model_place place;
	bool done;

	*estimate = (struct train_estimate){0};
	if (!model_find(request->model, &place, error) || !hf_config_read(place.folder, NULL, &config, error))
		return false;
	model = config_of(&config.model, request->options);
	done = estimate_memory(&model, request->options, estimate, error);
	take_usual_rate(estimate, &model, request->options);
	hf_config_free(&config);
	RETURN_IF(done && rows > 0 && training_rows(request->options, rows) == 0, error, ERROR_DATA,
	          "of %llu rows none is left to train on: hold out fewer with --validation", (unsigned long long)rows);
	if (!done || !schedule_plan(&schedule, request->options, training_rows(request->options, rows), error))
		return false;
	estimate->steps = schedule.steps;
	return true;
}
