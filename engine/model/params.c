/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What each role is whatever the architecture: its shape, how it starts, what it belongs to. */
#include "engine/model/params.h"

#include "engine/base/four_bits.h"
#include "engine/base/size.h"

#include <stdio.h>
#include <stdlib.h>

#define ALIGNMENT 16u /* floats: 64 bytes */
#define LAYERS_MAX 4096

enum side { SIDE_NONE, SIDE_VOCABULARY, SIDE_POSITIONS, SIDE_TYPES, SIDE_HIDDEN, SIDE_INTERMEDIATE, SIDE_LABELS };

struct role {
	enum side rows, columns;
	enum parameter_init init;
	bool decay;
	enum parameter_unit unit;
	bool joined;
};

#define WEIGHT(rows, columns) SIDE_##rows, SIDE_##columns, INIT_NORMAL, true
#define BIAS(rows) SIDE_##rows, SIDE_NONE, INIT_ZEROS, false
#define GAMMA SIDE_HIDDEN, SIDE_NONE, INIT_ONES, false
#define BETA SIDE_HIDDEN, SIDE_NONE, INIT_ZEROS, false

static const struct role roles[ROLE_COUNT] = {
	[ROLE_WORD_EMBEDDINGS] = {WEIGHT(VOCABULARY, HIDDEN), UNIT_EMBEDDINGS, false},
	[ROLE_POSITION_EMBEDDINGS] = {WEIGHT(POSITIONS, HIDDEN), UNIT_EMBEDDINGS, false},
	[ROLE_TYPE_EMBEDDINGS] = {WEIGHT(TYPES, HIDDEN), UNIT_EMBEDDINGS, false},
	[ROLE_EMBEDDING_NORM_GAMMA] = {GAMMA, UNIT_EMBEDDINGS, false},
	[ROLE_EMBEDDING_NORM_BETA] = {BETA, UNIT_EMBEDDINGS, false},

	[ROLE_QUERY_WEIGHT] = {WEIGHT(HIDDEN, HIDDEN), UNIT_PROJECTION, false},
	[ROLE_KEY_WEIGHT] = {WEIGHT(HIDDEN, HIDDEN), UNIT_PROJECTION, true},
	[ROLE_VALUE_WEIGHT] = {WEIGHT(HIDDEN, HIDDEN), UNIT_PROJECTION, true},
	[ROLE_QUERY_BIAS] = {BIAS(HIDDEN), UNIT_PROJECTION, false},
	[ROLE_KEY_BIAS] = {BIAS(HIDDEN), UNIT_PROJECTION, true},
	[ROLE_VALUE_BIAS] = {BIAS(HIDDEN), UNIT_PROJECTION, true},
	[ROLE_ATTENTION_OUTPUT_WEIGHT] = {WEIGHT(HIDDEN, HIDDEN), UNIT_ATTENTION_OUTPUT, false},
	[ROLE_ATTENTION_OUTPUT_BIAS] = {BIAS(HIDDEN), UNIT_ATTENTION_OUTPUT, false},
	[ROLE_ATTENTION_NORM_GAMMA] = {GAMMA, UNIT_ATTENTION_NORM, false},
	[ROLE_ATTENTION_NORM_BETA] = {BETA, UNIT_ATTENTION_NORM, false},
	[ROLE_INTERMEDIATE_WEIGHT] = {WEIGHT(INTERMEDIATE, HIDDEN), UNIT_INTERMEDIATE, false},
	[ROLE_INTERMEDIATE_BIAS] = {BIAS(INTERMEDIATE), UNIT_INTERMEDIATE, false},
	[ROLE_OUTPUT_WEIGHT] = {WEIGHT(HIDDEN, INTERMEDIATE), UNIT_OUTPUT, false},
	[ROLE_OUTPUT_BIAS] = {BIAS(HIDDEN), UNIT_OUTPUT, false},
	[ROLE_OUTPUT_NORM_GAMMA] = {GAMMA, UNIT_OUTPUT_NORM, false},
	[ROLE_OUTPUT_NORM_BETA] = {BETA, UNIT_OUTPUT_NORM, false},

	[ROLE_HEAD_WEIGHT] = {WEIGHT(HIDDEN, HIDDEN), UNIT_HEAD, false},
	[ROLE_HEAD_BIAS] = {BIAS(HIDDEN), UNIT_HEAD, false},
	[ROLE_CLASSIFIER_WEIGHT] = {WEIGHT(LABELS, HIDDEN), UNIT_CLASSIFIER, false},
	[ROLE_CLASSIFIER_BIAS] = {BIAS(LABELS), UNIT_CLASSIFIER, false},

	[ROLE_TRANSFORM_WEIGHT] = {WEIGHT(HIDDEN, HIDDEN), UNIT_TRANSFORM, false},
	[ROLE_TRANSFORM_BIAS] = {BIAS(HIDDEN), UNIT_TRANSFORM, false},
	[ROLE_TRANSFORM_NORM_GAMMA] = {GAMMA, UNIT_TRANSFORM_NORM, false},
	[ROLE_TRANSFORM_NORM_BETA] = {BETA, UNIT_TRANSFORM_NORM, false},
	[ROLE_DECODER_BIAS] = {BIAS(VOCABULARY), UNIT_DECODER, false},

	[ROLE_FIT_WEIGHT] = {SIDE_NONE, SIDE_NONE, INIT_ZEROS, true, UNIT_FIT, false},
	[ROLE_FIT_BIAS] = {SIDE_NONE, SIDE_NONE, INIT_ZEROS, false, UNIT_FIT, false},
};

static int32_t side_length(const struct model_config *config, enum side side)
{
	switch (side) {
	case SIDE_VOCABULARY:
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

/* The architecture has such a tensor, and the configuration a side for it: without labels there is no classifier. Of the two
 * heads there is one. */
static bool role_exists(const struct model_config *config, enum parameter_role role)
{
	if (role >= ROLE_FIRST_OF_HEAD && (role >= ROLE_FIRST_OF_MASKED_HEAD) != config->masked_lm)
		return false;
	return config->architecture->tensors[role] && side_length(config, roles[role].rows) > 0;
}

static void row_fill(struct parameter *parameter, const struct model_config *config, enum parameter_role role,
                     int32_t layer)
{
	const struct role *kind = &roles[role];
	const char *name = config->architecture->tensors[role];

	*parameter = (struct parameter){
		.role = role,
		.unit = kind->unit,
		.layer = layer,
		.shape = {side_length(config, kind->rows), side_length(config, kind->columns)},
		.init = kind->init,
		.joined = kind->joined,
		.decay = kind->decay,
		.trainable = true,
		.fresh = true,
	};
	parameter->count = (size_t)parameter->shape[0] * (size_t)(kind->columns == SIDE_NONE ? 1 : parameter->shape[1]);
	if (layer == OUTSIDE_LAYERS)
		snprintf(parameter->name, sizeof parameter->name, "%s", name);
	else
		snprintf(parameter->name, sizeof parameter->name, "%s.%d.%s", config->architecture->layers, (int)layer, name);
}

/* Rows for the roles first..end-1 that exist, counted up from `row`. parameters NULL: only counts. */
static int rows_add(struct parameter *parameters, int row, const struct model_config *config, int first, int end,
                    int32_t layer)
{
	for (int role = first; role < end; role++) {
		if (!role_exists(config, (enum parameter_role)role))
			continue;
		if (parameters)
			row_fill(&parameters[row], config, (enum parameter_role)role, layer);
		row++;
	}
	return row;
}

static int rows_all(struct parameter *parameters, const struct model_config *config)
{
	int rows = rows_add(parameters, 0, config, 0, ROLE_FIRST_OF_LAYER, OUTSIDE_LAYERS);

	for (int32_t layer = 0; layer < config->num_hidden_layers; layer++)
		rows = rows_add(parameters, rows, config, ROLE_FIRST_OF_LAYER, ROLE_FIRST_OF_HEAD, layer);
	return rows_add(parameters, rows, config, ROLE_FIRST_OF_HEAD, ROLE_COUNT, OUTSIDE_LAYERS);
}

struct parameter *parameters_new(const struct model_config *config, int *count, struct error *error)
{
	struct parameter *parameters;

	if (config->num_hidden_layers < 1 || config->num_hidden_layers > LAYERS_MAX) {
		error_set(error, ERROR_DATA, "a model of %d layers is not possible: 1 to %d are",
		          (int)config->num_hidden_layers, LAYERS_MAX);
		return NULL;
	}
	*count = rows_all(NULL, config);
	parameters = size_calloc((size_t)*count, sizeof *parameters);
	if (parameters)
		rows_all(parameters, config);
	else
		error_memory(error, "making the table of parameters");
	return parameters;
}

/* The stretches of the table: embeddings, layers, head, adapters. */
static int stretch(enum parameter_role role, enum parameter_part part)
{
	return part != PART_BASE ? 3 : role < ROLE_FIRST_OF_LAYER ? 0 : role < ROLE_FIRST_OF_HEAD ? 1 : 2;
}

/* Where a row stands in the table's order: <0 before, >0 after. */
static int compare_place(const struct parameter *parameter, enum parameter_role role, int32_t layer,
                         enum parameter_part part)
{
	int here = stretch(parameter->role, parameter->part), there = stretch(role, part);

	if (here != there)
		return here - there;
	if (parameter->layer != layer)
		return parameter->layer < layer ? -1 : 1;
	if (parameter->role != role)
		return (int)parameter->role - (int)role;
	return (int)parameter->part - (int)part;
}

struct parameter *parameters_find_adapter(struct parameter *parameters, int count, enum parameter_role role, int32_t layer,
                                          enum parameter_part part)
{
	int low = 0, high = count;

	while (low < high) {
		int middle = low + (high - low) / 2;
		int order = compare_place(&parameters[middle], role, layer, part);

		if (order == 0)
			return &parameters[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct parameter *parameters_find(struct parameter *parameters, int count, enum parameter_role role, int32_t layer)
{
	return parameters_find_adapter(parameters, count, role, layer, PART_BASE);
}

/* Matrices with matrices, vectors with vectors; each half of an adapter is alone. */
static bool same_unit(const struct parameter *a, const struct parameter *b)
{
	if (a->part != PART_BASE || b->part != PART_BASE)
		return a == b;
	return a->unit == b->unit && a->layer == b->layer && (a->shape[1] > 0) == (b->shape[1] > 0);
}

/* Whether any row that is trained as one with `row` is trained. They are neighbours. */
static bool unit_trainable(const struct parameter *parameters, int count, int row)
{
	int first = row;

	while (first > 0 && same_unit(&parameters[first - 1], &parameters[row]))
		first--;
	for (int i = first; i < count && same_unit(&parameters[i], &parameters[row]); i++)
		if (parameters[i].trainable)
			return true;
	return false;
}

uint64_t parameters_place(struct parameter *parameters, int count, float *base, bool gradients)
{
	uint64_t used = 0;

	for (int row = 0; row < count; row++) {
		float **place = gradients ? &parameters[row].gradient : &parameters[row].value;
		bool counts = parameters[row].type == MATRIX_F32 && (!gradients || unit_trainable(parameters, count, row));

		if (!parameters[row].joined && !u64_add(used, (0 - used) % ALIGNMENT, &used))
			return 0;
		if (base)
			*place = counts ? base + used : NULL;
		if (counts && !u64_add(used, parameters[row].count, &used))
			return 0;
	}
	return used;
}

bool parameter_is_head(const struct parameter *parameter)
{
	return parameter->role >= ROLE_FIRST_OF_HEAD && parameter->part == PART_BASE;
}

bool parameter_is_classifier(const struct parameter *parameter)
{
	return parameter->unit == UNIT_CLASSIFIER;
}

bool parameters_check_trainable(const struct parameter *parameters, int count, struct error *error)
{
	for (int row = 0; row < count; row++)
		RETURN_IF(parameter_is_four_bits(&parameters[row]) && parameters[row].trainable, error, ERROR_USAGE,
		          "%s is in 4 bits and cannot be trained itself: train LoRA adapters on it (--lora-r), or leave "
		          "--load-in-4bit out", parameters[row].name);
	return true;
}

bool parameter_may_be_four_bits(const struct parameter *parameter)
{
	return parameter->part == PART_BASE && parameter->layer != OUTSIDE_LAYERS && parameter->shape[1] > 0;
}

uint64_t parameters_place_codes(struct parameter *parameters, int count, void *base)
{
	uint64_t used = 0;

	for (int row = 0; row < count; row++) {
		if (!parameter_is_four_bits(&parameters[row]))
			continue;
		if (base)
			parameters[row].codes = (char *)base + used;
		used += four_bits_size(parameters[row].count);
	}
	return used;
}
