/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/config_parts.h"

#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct model_config, field)

/* The maxima are far above any encoder's and keep products of two sizes within 64 bits. */
const struct config_size_place config_size_places[SIZE_COUNT] = {
	[SIZE_VOCABULARY] = {AT(vocab_size), 1, 1 << 24},
	[SIZE_HIDDEN] = {AT(hidden_size), 1, 65536},
	[SIZE_LAYERS] = {AT(num_hidden_layers), 1, 1000},
	[SIZE_HEADS] = {AT(num_attention_heads), 1, 65536},
	[SIZE_INTERMEDIATE] = {AT(intermediate_size), 1, 1 << 20},
	[SIZE_POSITIONS] = {AT(max_position_embeddings), 2, 1 << 20},
	[SIZE_TYPES] = {AT(type_vocab_size), 1, 65536},
	[SIZE_PAD] = {AT(pad_token_id), 0, (1 << 24) - 1},
};

const struct config_real_place config_real_places[REAL_COUNT] = {
	[REAL_NORM_EPSILON] = {AT(layer_norm_eps), 1e-20, 1},
	[REAL_INITIALIZER_RANGE] = {AT(initializer_range), 0, 10},
	[REAL_HIDDEN_DROPOUT] = {AT(hidden_dropout_prob), 0, 1},
	[REAL_ATTENTION_DROPOUT] = {AT(attention_probs_dropout_prob), 0, 1},
	[REAL_CLASSIFIER_DROPOUT] = {AT(classifier_dropout), 0, 1},
};
