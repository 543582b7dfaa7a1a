/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model as an object: making, closing, labels. */
#include "engine/model/model.h"

#include "engine/backend/open.h"
#include "engine/base/size.h"
#include "engine/format/config_labels.h"
#include "engine/model/bind.h"
#include "engine/model/host.h"
#include "engine/model/init.h"
#include "engine/model/kind.h"
#include "engine/model/network.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *activation_name(enum activation activation)
{
	static const char *const names[] = {
		[ACTIVATION_NONE] = "none",
		[ACTIVATION_GELU] = "gelu",
		[ACTIVATION_GELU_NEW] = "gelu_new",
		[ACTIVATION_RELU] = "relu",
		[ACTIVATION_TANH] = "tanh",
	};

	return names[activation];
}

static void labels_free(char **labels, int32_t count)
{
	for (int32_t i = 0; labels && i < count; i++)
		free(labels[i]);
	free(labels);
}

/* A copy; NULL and an error when memory is short. names NULL: LABEL_0, LABEL_1, ... */
static char **labels_copy(const char *const *names, int32_t count, struct error *error)
{
	char **labels = size_calloc((size_t)count, sizeof *labels), name[32];
	bool done = labels != NULL;

	for (int32_t i = 0; done && i < count; i++) {
		snprintf(name, sizeof name, "LABEL_%" PRId32, i);
		labels[i] = strdup(names ? names[i] : name);
		done = labels[i] != NULL;
	}
	if (done)
		return labels;
	error_memory(error, "copying labels");
	labels_free(labels, count);
	return NULL;
}

static bool check_config(const struct model_config *config, const struct tokenizer *tokenizer, struct error *error)
{
	int32_t pieces = tokenizer_vocab_size(tokenizer);

	RETURN_IF(config->num_attention_heads < 1 || config->hidden_size % config->num_attention_heads != 0, error,
	          ERROR_DATA, "a hidden size of %" PRId32 " cannot be divided into %" PRId32 " heads", config->hidden_size,
	          config->num_attention_heads);
	RETURN_IF(pieces > config->vocab_size, error, ERROR_DATA,
	          "the tokenizer has %" PRId32 " pieces, but there are embeddings for %" PRId32, pieces,
	          config->vocab_size);
	RETURN_IF(config->max_position_embeddings - model_first_position(config) < 2, error, ERROR_DATA,
	          "%" PRId32 " positions are too few: no token is left between the first and the last",
	          config->max_position_embeddings);
	return true;
}

/* On the processor less than f32 makes nothing faster; whoever asks for it shall know. */
static void take_precision(struct model *model, enum precision precision)
{
	static const char *const options[] = {"", "--tf32", "--bf16", "--fp16"};
	struct backend *backend = model->network.backend;

	if (!backend_set_precision(backend, precision))
		notices_add(&model->notices, "%s: computed in f32 all the same, which is at least as exact: this processor would not be "
		            "faster with less", options[precision]);
	else if (precision_is_half(precision) && backend->ops->host_memory)
		notices_add(&model->notices, "%s: this processor rounds to it and computes in f32, for results as a GPU's: nothing is "
		            "faster with it", options[precision]);
}

struct model *model_make(const struct model_config *config, const char *const *names, struct tokenizer *tokenizer,
                         const struct model_options *options, struct error *error)
{
	struct model *model = size_calloc(1, sizeof *model);

	if (!model) {
		tokenizer_free(tokenizer);
		error_memory(error, "making a model");
		return NULL;
	}
	model->config = *config;
	model->tokenizer = tokenizer;
	model->folder = strdup("");
	if (!model->folder)
		error_memory(error, "making a model");
	if (!model->folder || !check_config(config, tokenizer, error) ||
	    !(model->parameters = parameters_new(config, &model->parameter_count, error)) ||
	    !(model->labels = labels_copy(names, config->num_labels, error)) ||
	    !network_new(&model->network, config, error) ||
	    !(model->network.backend = backend_open(options->device, options->threads, error))) {
		model_close(model);
		return NULL;
	}
	if (model->network.backend->notice[0])
		notices_add(&model->notices, "%s", model->network.backend->notice);
	take_precision(model, options->precision);
	return model;
}

bool model_take_config(struct model *model, const struct model_config *config, const char *const *names, struct error *error)
{
	char **labels = labels_copy(names, config->num_labels, error);

	if (!labels)
		return false;
	labels_free(model->labels, model->config.num_labels);
	model->labels = labels;
	model->config = *config;
	return true;
}

struct model *model_make_plain(const struct model_config *config, const char *folder, const char *const *names,
                               struct error *error)
{
	struct model *model = size_calloc(1, sizeof *model);

	if (model && (model->folder = strdup(folder)) && model_take_config(model, config, names, error))
		return model;
	error_memory(error, "making a model");
	model_close(model);
	return NULL;
}

struct model *model_new(const struct model_config *config, struct tokenizer *tokenizer, uint64_t seed,
                        struct error *error)
{
	struct model *model = model_make(config, NULL, tokenizer, &(struct model_options){.device = DEVICE_CPU}, error);
	bool done = model && model_take_values(model, error);

	for (int row = 0; done && row < model->parameter_count; row++)
		done = parameter_initialise(model, row, seed, error);
	if (done)
		return model;
	model_close(model);
	return NULL;
}

void model_close(struct model *model)
{
	if (!model)
		return;
	if (model->kind)
		model->kind->free(model);
	network_free(model);
	labels_free(model->labels, model->config.num_labels);
	notices_free(&model->notices);
	free(model->parameters);
	lora_free(&model->lora);
	free(model->adapter);
	json_decref(model->document);
	tokenizer_free(model->tokenizer);
	free(model->folder);
	free(model);
}

/* The values of all rows but the classifier's go over from the table before, which has the same rows up to there: the
 * classifier's are the last. */
static bool keep_body(struct model *model, const struct parameter *before, uint64_t seed, struct error *error)
{
	for (int row = 0; row < model->parameter_count; row++) {
		struct parameter *now = &model->parameters[row];

		if (parameter_is_classifier(now)) {
			if (!parameter_initialise(model, row, seed, error))
				return false;
			continue;
		}
		if (!parameter_is_four_bits(now) &&
		    !parameter_copy(model->network.backend, now->value, before[row].value, now->count, error))
			return false;
		now->fresh = before[row].fresh && !model->trained;
		now->trainable = before[row].trainable;
	}
	return true;
}

/* What is in four bits stays where it is. */
static void keep_codes(struct model *model, const struct model *before)
{
	for (int row = 0; model->parameters && row < model->parameter_count && row < before->parameter_count; row++) {
		model->parameters[row].type = before->parameters[row].type;
		model->parameters[row].codes = before->parameters[row].codes;
	}
}

/* Puts table, values and labels for `config` in the place of the model's own; those go to *before. */
static bool replace_table(struct model *model, const struct model_config *config, const char *const *names,
                          struct model *before, struct error *error)
{
	*before = *model;
	model->config = *config;
	model->values = model->gradients = NULL;
	model->labels = NULL;
	model->parameters = parameters_new(config, &model->parameter_count, error);
	keep_codes(model, before);
	return model->parameters && (model->labels = labels_copy(names, config->num_labels, error)) &&
	       model_take_values(model, error);
}

static void drop_table(struct model *model)
{
	struct backend *backend = model->network.backend;

	backend->ops->release(backend, model->values);
	backend->ops->release(backend, model->gradients);
	labels_free(model->labels, model->config.num_labels);
	free(model->parameters);
}

bool model_set_labels(struct model *model, const char *const *names, int32_t count, uint64_t seed,
                      struct error *error)
{
	struct model_config config = model->config;
	struct model before;

	RETURN_IF(model->kind, error, ERROR_USAGE, "the labels of %s are those of its data", model->folder);
	RETURN_IF(model->lora.rank > 0, error, ERROR_USAGE, "a model with adapters has its labels already");
	if (!hf_config_check_labels(names, count, error))
		return false;
	config.num_labels = count;
	config.independent_labels = config.twin_labels = false;
	config.own.temperature = 0;
	config.own.threshold_count = 0;
	if (replace_table(model, &config, names, &before, error) && keep_body(model, before.parameters, seed, error)) {
		drop_table(&before);
		model->trained = false;
		model->network.longest = 0; /* more labels may need more of the backend: the next reserve asks it */
		network_bind(model);
		return true;
	}
	drop_table(model);
	model->config = before.config;
	model->values = before.values;
	model->gradients = before.gradients;
	model->labels = before.labels;
	model->parameters = before.parameters;
	model->parameter_count = before.parameter_count;
	network_bind(model);
	return false;
}

void model_set_independent_labels(struct model *model, bool independent)
{
	model->config.independent_labels = model->network.independent = independent;
}

bool model_label_is_on(const struct model *model, int32_t label, float score)
{
	const struct model_own *own = &model->config.own;

	return own->threshold_count == model->config.num_labels ? score >= own->thresholds[label] : score > 0.5f;
}

const char *model_folder(const struct model *model)
{
	return model->folder;
}

const struct model_config *model_config(const struct model *model)
{
	return &model->config;
}

const struct tokenizer *model_tokenizer(const struct model *model)
{
	return model->tokenizer;
}

const char *model_label(const struct model *model, int32_t label)
{
	return label >= 0 && label < model->config.num_labels ? model->labels[label] : "";
}

int32_t model_find_label(const struct model *model, struct span name)
{
	for (int32_t i = 0; i < model->config.num_labels; i++)
		if (span_equal(span_of(model->labels[i]), name))
			return i;
	for (int32_t i = 0; i < model->config.num_labels; i++)
		if (strlen(model->labels[i]) == name.size && strncasecmp(model->labels[i], name.data, name.size) == 0)
			return i;
	return -1;
}

bool model_has_head(const struct model *model)
{
	if (model->config.num_labels == 0)
		return false;
	for (int row = 0; row < model->parameter_count; row++)
		if (parameter_is_head(&model->parameters[row]) && model->parameters[row].fresh && !model->trained)
			return false;
	return true;
}

int32_t model_max_length(const struct model *model)
{
	int32_t positions, length;

	if (model->kind)
		return INT32_MAX;
	positions = model->config.max_position_embeddings - model_first_position(&model->config);
	length = tokenizer_model_max_length(model->tokenizer);
	return length >= 2 && length < positions ? length : positions;
}

/* Without what only a training has. */
uint64_t model_parameter_count(const struct model *model)
{
	uint64_t count = model->kind ? model->kind->parameters(model) : 0;

	for (int row = 0; row < model->parameter_count; row++)
		count += model->parameters[row].part != PART_FIT ? model->parameters[row].count : 0;
	return count;
}

/* The tables of words, positions and types; not the norm after them. */
uint64_t model_embedding_parameter_count(const struct model *model)
{
	uint64_t count = 0;

	for (int row = 0; row < model->parameter_count; row++)
		if (model->parameters[row].role <= ROLE_TYPE_EMBEDDINGS)
			count += model->parameters[row].count;
	return count;
}

bool model_has_network(const struct model *model)
{
	return model->kind == NULL;
}

void model_describe_kind(const struct model *model, const char **type, char *out, size_t capacity)
{
	*type = model->kind ? model->kind->type : architecture_name(model->config.architecture);
	if (model->kind)
		model->kind->describe(model, out, capacity);
	else
		snprintf(out, capacity, "%s", *type);
}

const struct model_adapter *model_adapter(const struct model *model)
{
	return model->adapter;
}

int model_notice_count(const struct model *model)
{
	return model->notices.count;
}

const char *model_notice(const struct model *model, int index)
{
	return model->notices.lines[index];
}

bool model_set_folder(struct model *model, const char *folder)
{
	char *copy = strdup(folder);

	if (!copy)
		return false;
	free(model->folder);
	model->folder = copy;
	return true;
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
