/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An architecture is a row: how its config.json and its tensors are spelled, and where its network differs from the
 * others'. Reading and writing config.json, inference from tensors, the parameter table, the encoder and the head read
 * this row; nothing else asks which architecture a model has. Floor: format.
 *
 * A new one is a row here (architecture.c), and a twin passage in engine/model/encoder.c or engine/model/classifier.c
 * only where it computes something that no other does. */
#ifndef REVUE_FORMAT_ARCHITECTURE_H
#define REVUE_FORMAT_ARCHITECTURE_H

#include "engine/model.h"

/* What a tensor is in the network. The order is that of the parameter table: embeddings, each layer's, head. Query, key
 * and value are neighbours, since they are one matrix to the encoder. */
enum parameter_role {
	ROLE_WORD_EMBEDDINGS,     /* [vocabulary, hidden] */
	ROLE_POSITION_EMBEDDINGS, /* [positions, hidden] */
	ROLE_TYPE_EMBEDDINGS,     /* [types, hidden] */
	ROLE_EMBEDDING_NORM_GAMMA,
	ROLE_EMBEDDING_NORM_BETA,

	ROLE_QUERY_WEIGHT,
	ROLE_KEY_WEIGHT,
	ROLE_VALUE_WEIGHT,
	ROLE_QUERY_BIAS,
	ROLE_KEY_BIAS,
	ROLE_VALUE_BIAS,
	ROLE_ATTENTION_OUTPUT_WEIGHT,
	ROLE_ATTENTION_OUTPUT_BIAS,
	ROLE_ATTENTION_NORM_GAMMA,
	ROLE_ATTENTION_NORM_BETA,
	ROLE_INTERMEDIATE_WEIGHT,
	ROLE_INTERMEDIATE_BIAS,
	ROLE_OUTPUT_WEIGHT,
	ROLE_OUTPUT_BIAS,
	ROLE_OUTPUT_NORM_GAMMA,
	ROLE_OUTPUT_NORM_BETA,

	ROLE_HEAD_WEIGHT, /* the dense layer before the classifier: [hidden, hidden] */
	ROLE_HEAD_BIAS,
	ROLE_CLASSIFIER_WEIGHT, /* [labels, hidden] */
	ROLE_CLASSIFIER_BIAS,

	/* The head on hidden words, instead of those. Its decoder is the embeddings of words once more. */
	ROLE_TRANSFORM_WEIGHT, /* [hidden, hidden] */
	ROLE_TRANSFORM_BIAS,
	ROLE_TRANSFORM_NORM_GAMMA,
	ROLE_TRANSFORM_NORM_BETA,
	ROLE_DECODER_BIAS, /* [vocabulary] */

	/* Of no architecture: what brings hidden states to the width of a teacher's while they imitate them. */
	ROLE_FIT_WEIGHT, /* [teacher's hidden, hidden] */
	ROLE_FIT_BIAS,   /* [teacher's hidden] */

	ROLE_COUNT,
	ROLE_FIRST_OF_LAYER = ROLE_QUERY_WEIGHT,
	ROLE_FIRST_OF_HEAD = ROLE_HEAD_WEIGHT,
	ROLE_FIRST_OF_MASKED_HEAD = ROLE_TRANSFORM_WEIGHT,
};

/* Whole numbers of config.json, in the words of struct model_config. */
enum config_size {
	SIZE_VOCABULARY,
	SIZE_HIDDEN,
	SIZE_LAYERS,
	SIZE_HEADS,
	SIZE_INTERMEDIATE,
	SIZE_POSITIONS,
	SIZE_TYPES,
	SIZE_PAD,
	SIZE_COUNT,
};

enum config_real {
	REAL_NORM_EPSILON,
	REAL_INITIALIZER_RANGE,
	REAL_HIDDEN_DROPOUT,
	REAL_ATTENTION_DROPOUT,
	REAL_CLASSIFIER_DROPOUT,
	REAL_COUNT,
};

/* How a value is spelled. name NULL: the architecture has no such key and `fallback` holds. */
struct size_key {
	const char *name, *alias; /* the alias is read where the name is missing; never written */
	int32_t fallback;
};

struct real_key {
	const char *name;
	float fallback; /* LIKE_HIDDEN_DROPOUT: what the hidden dropout is */
};
#define LIKE_HIDDEN_DROPOUT (-1.0f)

/* How a layer is put together: each form has its pair of passages in engine/model/encoder.c. */
enum layer_form {
	LAYER_POST_NORM, /* a norm after each residual sum, as in Vaswani et al. 2017 */
	LAYER_FORMS,
};

struct architecture {
	const char *name;  /* model_type of config.json */
	const char *title; /* as people write it */
	const char *model_class, *classifier_class, *masked_class; /* of config.json's architectures: without a head, with one */

	/* config.json */
	struct size_key sizes[SIZE_COUNT];
	struct real_key reals[REAL_COUNT];
	const char *activation_key;

	/* Tensors. Names of embeddings and head are whole; those of a layer follow LAYERS.N. */
	const char *prefix;       /* of the encoder's tensors in a model with a head: "bert." */
	const char *layers;       /* "bert.encoder.layer" */
	const char *tensors[ROLE_COUNT];
	const char *decoder_bias;   /* another name of ROLE_DECODER_BIAS in files; NULL: none */
	const char *other_heads[4]; /* starts of tensors that belong to heads of other tasks; ends with NULL */

	/* The network */
	enum layer_form layer_form;
	bool positions_follow_pad;     /* the first token's position is pad_token_id + 1, not 0 */
	bool attention_output_dropout; /* hidden_dropout_prob after the attention's output product */
	bool head_input_dropout;       /* classifier_dropout before the dense layer of the head too */
	enum activation head_activation;
};

/* The position of a sequence's first token: so many rows of the position embeddings are never used. */
static inline int32_t model_first_position(const struct model_config *config)
{
	return config->architecture->positions_follow_pad ? config->pad_token_id + 1 : 0;
}

extern const struct architecture architecture_bert, architecture_distilbert;

/* One row more for tests, a trial of what a new architecture takes; NULL: none. Before any thread starts. */
void architecture_try(const struct architecture *architecture);

/* All that can be computed, one after the other; NULL after the last. */
const struct architecture *architecture_at(int index);

/* "bert and distilbert" into `out`, in the words of `name` or `title`. Cut to the capacity. */
void architecture_list(char *out, size_t capacity, bool titles, const char *last_joint);

#endif
