/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parameter table: a row for every tensor of a model, made from its configuration and its architecture's names.
 * Load, save, init, optimizer, clipping, checkpoints and tests go through these rows, in this order: embeddings, layer
 * by layer, head, then the adapters (lora.h) layer by layer, or what only a training has. The network finds a
 * row by what it is (role and layer), never by its number. */
#ifndef REVUE_MODEL_PARAMS_H
#define REVUE_MODEL_PARAMS_H

#include "engine/backend/backend.h"
#include "engine/error.h"
#include "engine/format/architecture.h"

#include <stddef.h>
#include <stdint.h>

enum parameter_init { INIT_NORMAL, INIT_ONES, INIT_ZEROS, INIT_KAIMING /* U(-1/sqrt(columns), 1/sqrt(columns)) */ };

/* A tensor of the network; one of the two halves of a LoRA adapter, whose role is that of the matrix it adds to; or one that
 * is there while the model trains only (ROLE_FIT_WEIGHT). */
enum parameter_part { PART_BASE, PART_LORA_A /* [rank, columns] */, PART_LORA_B /* [rows, rank] */, PART_FIT };

/* The matrices of a unit are trained or frozen as one, and so are its vectors: their gradients are computed together. */
enum parameter_unit {
	UNIT_EMBEDDINGS,
	UNIT_PROJECTION, /* query, key and value */
	UNIT_ATTENTION_OUTPUT,
	UNIT_ATTENTION_NORM,
	UNIT_INTERMEDIATE,
	UNIT_OUTPUT,
	UNIT_OUTPUT_NORM,
	UNIT_HEAD,
	UNIT_CLASSIFIER,
	UNIT_TRANSFORM,
	UNIT_TRANSFORM_NORM,
	UNIT_DECODER,
	UNIT_FIT,
};

enum { OUTSIDE_LAYERS = -1 }; /* the layer of embeddings and head */

struct parameter {
	char name[128];   /* the Hugging Face tensor name */
	enum parameter_role role;
	enum parameter_part part;
	enum parameter_unit unit;
	int32_t layer;    /* or OUTSIDE_LAYERS */
	int32_t shape[2]; /* a vector has shape[1] == 0 */
	size_t count;
	enum parameter_init init;
	bool joined;      /* lies right after the row before, so that both are one matrix or one vector */
	bool decay;       /* false: bias or LayerNorm, exempt from weight decay */
	bool trainable;
	bool fresh;       /* newly initialised, not from the files */
	enum matrix_type type; /* MATRIX_F32, or how the values are stored in `codes` (quantize.h) */
	float *value;     /* backend memory; NULL where the type is another than f32 */
	void *codes;      /* backend memory; NULL where the type is f32 */
	float *gradient;  /* backend memory; NULL before network_reserve(training), and where its like in the unit are frozen */
};

/* Rows of the table for this configuration: names, shapes and flags, no memory. NULL: no memory or sizes that
 * overflow. *count gets their number. The caller frees it. */
struct parameter *parameters_new(const struct model_config *config, int *count, struct error *error);

/* The row of a role, not of an adapter; NULL: the model has none. `layer` OUTSIDE_LAYERS for embeddings and head. */
struct parameter *parameters_find(struct parameter *parameters, int count, enum parameter_role role, int32_t layer);

static inline bool parameter_is_four_bits(const struct parameter *parameter)
{
	return parameter->type == MATRIX_NF4 || parameter->type == MATRIX_FP4;
}

/* The half `part` of the adapter of a matrix; NULL: it has none. */
struct parameter *parameters_find_adapter(struct parameter *parameters, int count, enum parameter_role role, int32_t layer,
                                          enum parameter_part part);

/* Gives each row of f32 that counts its place in an arena and returns the arena's size in floats; 0 on overflow.
 * With `gradients` only rows of units that are trained count. base NULL: only measures and writes nothing. */
uint64_t parameters_place(struct parameter *parameters, int count, float *base, bool gradients);

/* Whether a row is a matrix that may be in four bits (quantize.h). */
bool parameter_may_be_four_bits(const struct parameter *parameter);

/* Gives each row that is in four bits its place in an arena, in the order of the table, and returns the arena's size in
 * bytes; 0: there are none. base NULL: only measures. */
uint64_t parameters_place_codes(struct parameter *parameters, int count, void *base);

/* False with one line that names a row in four bits which is to be trained. */
bool parameters_check_trainable(const struct parameter *parameters, int count, struct error *error);

/* Whether the row belongs to the head: what training makes new for other labels, or to the layers and embeddings. */
bool parameter_is_head(const struct parameter *parameter);       /* the dense layer and the classifier, or the head on hidden words */
bool parameter_is_classifier(const struct parameter *parameter); /* the classifier alone */

#endif
