/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LoRA adapters while they are trained: y = x W^T + b + s (dropout(x) A^T) B^T beside a frozen W, with A [rank, in] and
 * B [out, rank] rows of the parameter table and s = alpha / rank, or alpha / sqrt(rank).
 *
 * source  Hu et al. 2021 (LoRA), Kalajdzievski 2023 (rank-stabilised scale); what trains beside the adapters is what PEFT
 *         trains: peft.PeftModelForSequenceClassification, get_peft_model */
#ifndef REVUE_MODEL_LORA_H
#define REVUE_MODEL_LORA_H

#include "engine/base/notices.h"
#include "engine/model/params.h"

/* The matrices of a layer that can have an adapter, and the head's dense layer. */
enum lora_target {
	LORA_QUERY, LORA_KEY, LORA_VALUE, LORA_ATTENTION_OUTPUT, LORA_INTERMEDIATE, LORA_OUTPUT, LORA_LAYER_TARGETS,
	LORA_HEAD = LORA_LAYER_TARGETS, LORA_TARGETS,
};

#define LORA_BIT(target) (1u << (target))
#define LORA_RANK_MAX 4096

/* Which biases train beside the adapters, in PEFT's words "none", "all", "lora_only" (those of adapted layers). */
enum lora_bias { LORA_BIAS_NONE, LORA_BIAS_ALL, LORA_BIAS_LORA_ONLY };

/* What somebody asks for. Texts are borrowed. */
struct lora_settings {
	int32_t rank;
	double alpha, dropout;
	bool rslora;
	enum lora_bias bias;
	const char *target_modules;  /* as modules_parse reads it; "": those of the architecture */
	const char *modules_to_save; /* names of modules that train whole beside the head; "" */
};

/* What was made of it. */
struct lora {
	int32_t rank; /* 0: no adapters */
	float scale, dropout;
	unsigned char *targets; /* [layers + 1] LORA_BITs of each layer, last those outside; owned */
};

/* Adds the rows of the adapters to a table and sets which rows train: the adapters, the head (the classifier and what ends in
 * that name), what modules_to_save names, what is fresh, the biases that were asked for. `parameters` may move. False with a
 * line that names what fits no layer. The caller frees the result with lora_free, after a failure too. */
bool lora_plan(struct lora *lora, const struct lora_settings *settings, const struct model_config *config,
               struct parameter **parameters, int *count, struct error *error);
void lora_free(struct lora *lora);

/* The target modules of an architecture where nobody names any: PEFT's, and "q_lin,v_lin" for DistilBERT, for which PEFT has
 * none. */
const char *lora_presets(const struct model_config *config);

/* Whether modules_to_save, or what PEFT adds to it, names the module of this row. */
bool lora_is_named_whole(const struct parameter *parameter, const struct lora_settings *settings);

enum lora_target lora_target_of(enum parameter_role role); /* LORA_TARGETS: such a matrix takes no adapter */

/* The name of the module that a tensor belongs to: without its last word. */
void lora_module_name(char out[128], const struct parameter *parameter);

/* w[rows, columns] += scale B A, with A [rank, columns] and B [rows, rank], all the host's. */
void lora_add(float *w, const float *a, const float *b, float scale, int32_t rows, int32_t columns, int32_t rank);

#endif
