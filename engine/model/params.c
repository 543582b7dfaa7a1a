/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parameter table: BERT and DistilBERT tensor by tensor, in the names of Hugging Face's state
 * dictionaries, and how each tensor starts. */
#include "engine/model/internal.h"

#include "engine/base/random.h"
#include "engine/base/size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 16u /* floats: 64 bytes */
#define LAYERS_MAX 4096

enum side { SIDE_NONE, SIDE_VOCAB, SIDE_POSITIONS, SIDE_TYPES, SIDE_HIDDEN, SIDE_INTERMEDIATE, SIDE_LABELS };

/* A unit is trained or frozen as one: its gradients are computed together. Rows of a unit are neighbours. */
enum unit { UNIT_EMBEDDINGS, UNIT_PROJECTION, UNIT_ATTENTION_OUTPUT, UNIT_ATTENTION_NORM, UNIT_INTERMEDIATE,
	UNIT_OUTPUT, UNIT_OUTPUT_NORM, UNIT_POOLER, UNIT_CLASSIFIER };

struct kind {
	const char *bert, *distilbert; /* NULL: this architecture has no such tensor */
	enum side rows, columns;
	enum parameter_init init;
	bool decay;
	enum unit unit;
	bool joined; /* lies directly behind the row before, so that both are one matrix */
};

#define WEIGHT INIT_NORMAL, true
#define BIAS INIT_ZEROS, false
#define GAMMA INIT_ONES, false

static const struct kind embedding_kinds[] = {
	{"bert.embeddings.word_embeddings.weight", "distilbert.embeddings.word_embeddings.weight", SIDE_VOCAB,
	 SIDE_HIDDEN, WEIGHT, UNIT_EMBEDDINGS, false},
	{"bert.embeddings.position_embeddings.weight", "distilbert.embeddings.position_embeddings.weight",
	 SIDE_POSITIONS, SIDE_HIDDEN, WEIGHT, UNIT_EMBEDDINGS, false},
	{"bert.embeddings.token_type_embeddings.weight", NULL, SIDE_TYPES, SIDE_HIDDEN, WEIGHT, UNIT_EMBEDDINGS, false},
	{"bert.embeddings.LayerNorm.weight", "distilbert.embeddings.LayerNorm.weight", SIDE_HIDDEN, SIDE_NONE, GAMMA,
	 UNIT_EMBEDDINGS, false},
	{"bert.embeddings.LayerNorm.bias", "distilbert.embeddings.LayerNorm.bias", SIDE_HIDDEN, SIDE_NONE, BIAS,
	 UNIT_EMBEDDINGS, false},
};

#define HIDDEN_BY_HIDDEN SIDE_HIDDEN, SIDE_HIDDEN, WEIGHT
#define HIDDEN_BIAS SIDE_HIDDEN, SIDE_NONE, BIAS
#define HIDDEN_GAMMA SIDE_HIDDEN, SIDE_NONE, GAMMA

static const struct kind layer_kinds[] = {
	{"attention.self.query.weight", "attention.q_lin.weight", HIDDEN_BY_HIDDEN, UNIT_PROJECTION, false},
	{"attention.self.key.weight", "attention.k_lin.weight", HIDDEN_BY_HIDDEN, UNIT_PROJECTION, true},
	{"attention.self.value.weight", "attention.v_lin.weight", HIDDEN_BY_HIDDEN, UNIT_PROJECTION, true},
	{"attention.self.query.bias", "attention.q_lin.bias", HIDDEN_BIAS, UNIT_PROJECTION, false},
	{"attention.self.key.bias", "attention.k_lin.bias", HIDDEN_BIAS, UNIT_PROJECTION, true},
	{"attention.self.value.bias", "attention.v_lin.bias", HIDDEN_BIAS, UNIT_PROJECTION, true},
	{"attention.output.dense.weight", "attention.out_lin.weight", HIDDEN_BY_HIDDEN, UNIT_ATTENTION_OUTPUT, false},
	{"attention.output.dense.bias", "attention.out_lin.bias", HIDDEN_BIAS, UNIT_ATTENTION_OUTPUT, false},
	{"attention.output.LayerNorm.weight", "sa_layer_norm.weight", HIDDEN_GAMMA, UNIT_ATTENTION_NORM, false},
	{"attention.output.LayerNorm.bias", "sa_layer_norm.bias", HIDDEN_BIAS, UNIT_ATTENTION_NORM, false},
	{"intermediate.dense.weight", "ffn.lin1.weight", SIDE_INTERMEDIATE, SIDE_HIDDEN, WEIGHT, UNIT_INTERMEDIATE, false},
	{"intermediate.dense.bias", "ffn.lin1.bias", SIDE_INTERMEDIATE, SIDE_NONE, BIAS, UNIT_INTERMEDIATE, false},
	{"output.dense.weight", "ffn.lin2.weight", SIDE_HIDDEN, SIDE_INTERMEDIATE, WEIGHT, UNIT_OUTPUT, false},
	{"output.dense.bias", "ffn.lin2.bias", HIDDEN_BIAS, UNIT_OUTPUT, false},
	{"output.LayerNorm.weight", "output_layer_norm.weight", HIDDEN_GAMMA, UNIT_OUTPUT_NORM, false},
	{"output.LayerNorm.bias", "output_layer_norm.bias", HIDDEN_BIAS, UNIT_OUTPUT_NORM, false},
};

static const struct kind head_kinds[] = {
	{"bert.pooler.dense.weight", "pre_classifier.weight", HIDDEN_BY_HIDDEN, UNIT_POOLER, false},
	{"bert.pooler.dense.bias", "pre_classifier.bias", HIDDEN_BIAS, UNIT_POOLER, false},
	{"classifier.weight", "classifier.weight", SIDE_LABELS, SIDE_HIDDEN, WEIGHT, UNIT_CLASSIFIER, false},
	{"classifier.bias", "classifier.bias", SIDE_LABELS, SIDE_NONE, BIAS, UNIT_CLASSIFIER, false},
};

#define LENGTH(table) ((int)(sizeof(table) / sizeof(table)[0]))
enum { EMBEDDING_TYPE = 2, HEAD_CLASSIFIER = 2 }; /* rows of the tables above that may be missing */

static int embedding_rows(const struct model_config *config)
{
	return LENGTH(embedding_kinds) - (config->architecture == ARCHITECTURE_DISTILBERT);
}

int parameters_layer_row(const struct model_config *config, int32_t layer)
{
	return embedding_rows(config) + layer * LENGTH(layer_kinds);
}

int parameters_pooler_row(const struct model_config *config)
{
	return parameters_layer_row(config, config->num_hidden_layers);
}

int parameters_classifier_row(const struct model_config *config)
{
	return parameters_pooler_row(config) + HEAD_CLASSIFIER;
}

/* The kind of a row; *layer gets its layer, -1 outside of the layers. */
static const struct kind *row_kind(const struct model_config *config, int row, int32_t *layer)
{
	int embeddings = embedding_rows(config), head = parameters_pooler_row(config);

	*layer = -1;
	if (row >= head)
		return &head_kinds[row - head];
	if (row >= embeddings) {
		*layer = (row - embeddings) / LENGTH(layer_kinds);
		return &layer_kinds[(row - embeddings) % LENGTH(layer_kinds)];
	}
	return &embedding_kinds[row + (row >= EMBEDDING_TYPE && embeddings < LENGTH(embedding_kinds))];
}

enum parameter_init parameter_init(const struct model_config *config, int row)
{
	int32_t layer;

	return row_kind(config, row, &layer)->init;
}

static int32_t side_length(const struct model_config *config, enum side side)
{
	switch (side) {
	case SIDE_VOCAB:
		return config->vocab_size;
	case SIDE_POSITIONS:
		return config->max_position_embeddings;
	case SIDE_TYPES:
		return config->type_vocab_size;
	case SIDE_HIDDEN:
		return config->hidden_size;
	case SIDE_INTERMEDIATE:
		return config->intermediate_size;
	case SIDE_LABELS:
		return config->num_labels;
	case SIDE_NONE:
		break;
	}
	return 0;
}

static void row_fill(struct parameter *parameter, const struct model_config *config, int row)
{
	bool distilbert = config->architecture == ARCHITECTURE_DISTILBERT;
	int32_t layer;
	const struct kind *kind = row_kind(config, row, &layer);
	const char *name = distilbert ? kind->distilbert : kind->bert;

	if (layer < 0)
		snprintf(parameter->name, sizeof parameter->name, "%s", name);
	else
		snprintf(parameter->name, sizeof parameter->name, "%s.layer.%d.%s",
		         distilbert ? "distilbert.transformer" : "bert.encoder", (int)layer, name);
	parameter->shape[0] = side_length(config, kind->rows);
	parameter->shape[1] = side_length(config, kind->columns);
	parameter->count = (size_t)parameter->shape[0] * (size_t)(kind->columns == SIDE_NONE ? 1 : parameter->shape[1]);
	parameter->decay = kind->decay;
	parameter->trainable = true;
	parameter->fresh = true;
}

struct parameter *parameters_new(const struct model_config *config, int *count, struct error *error)
{
	struct parameter *parameters;

	if (config->num_hidden_layers < 1 || config->num_hidden_layers > LAYERS_MAX) {
		error_set(error, ERROR_DATA, "a model of %d layers is not possible: 1 to %d are",
		          (int)config->num_hidden_layers, LAYERS_MAX);
		return NULL;
	}
	*count = parameters_classifier_row(config) + (config->num_labels > 0 ? LENGTH(head_kinds) - HEAD_CLASSIFIER : 0);
	parameters = size_calloc((size_t)*count, sizeof *parameters);
	if (!parameters) {
		error_memory(error, "making the table of parameters");
		return NULL;
	}
	for (int row = 0; row < *count; row++)
		row_fill(&parameters[row], config, row);
	return parameters;
}

/* Whether any row of `row`'s unit is trained. */
static bool unit_trainable(const struct parameter *parameters, int count, const struct model_config *config, int row)
{
	int32_t layer, other;
	enum unit unit = row_kind(config, row, &layer)->unit;
	int first = row;

	while (first > 0 && row_kind(config, first - 1, &other)->unit == unit && other == layer)
		first--;
	for (int i = first; i < count && row_kind(config, i, &other)->unit == unit && other == layer; i++)
		if (parameters[i].trainable)
			return true;
	return false;
}

uint64_t parameters_place(struct parameter *parameters, int count, const struct model_config *config, float *base,
                          bool gradients)
{
	uint64_t used = 0;
	int32_t layer;

	for (int row = 0; row < count; row++) {
		float **place = gradients ? &parameters[row].gradient : &parameters[row].value;
		bool counts = !gradients || unit_trainable(parameters, count, config, row);

		if (!row_kind(config, row, &layer)->joined && !u64_add(used, (0 - used) % ALIGNMENT, &used))
			return 0;
		if (base)
			*place = counts ? base + used : NULL;
		if (counts && !u64_add(used, parameters[row].count, &used))
			return 0;
	}
	return used;
}

static void fill(float *values, size_t count, float value)
{
	for (size_t i = 0; i < count; i++)
		values[i] = value;
}

bool parameter_initialise(struct model *model, int row, uint64_t seed, struct error *error)
{
	struct parameter *parameter = &model->parameters[row];
	const struct model_config *config = &model->config;
	struct backend *backend = model->network.backend;
	float *values = size_calloc(parameter->count, sizeof *values);

	if (!values)
		return error_memory(error, "initialising parameters");
	if (parameter_init(config, row) == INIT_ONES)
		fill(values, parameter->count, 1.0f);
	else if (parameter_init(config, row) == INIT_NORMAL)
		random_normal(values, parameter->count, config->initializer_range, seed, (uint64_t)row);
	if (row == 0 && config->pad_token_id >= 0 && config->pad_token_id < config->vocab_size)
		fill(values + (size_t)config->pad_token_id * (size_t)config->hidden_size, (size_t)config->hidden_size, 0.0f);
	parameter_from_host(backend, parameter->value, values, parameter->count);
	parameter->fresh = true;
	free(values);
	return true;
}
