/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folders of PEFT's LoRA adapters: adapter_config.json, and adapter_model.safetensors or adapter_model.bin. Floor: on base.
 *
 * source  peft.LoraConfig and peft.utils.save_and_load of PEFT 0.18 */
#ifndef REVUE_FORMAT_PEFT_H
#define REVUE_FORMAT_PEFT_H

#include "engine/error.h"

#include <jansson.h>
#include <stdint.h>

#define PEFT_CONFIG "adapter_config.json"
#define PEFT_WEIGHTS "adapter_model.safetensors"
#define PEFT_PREFIX "base_model.model." /* of every tensor's name */
#define PEFT_RANK_MAX 4096

struct peft_config {
	json_t *document;   /* owned */
	char base[4096];    /* base_model_name_or_path: a path or a name of the Hub, from a stranger; "": not said */
	char bias[16];
	int32_t rank;
	double alpha;
	bool rslora;
};

/* The file of a folder's weights, "" where it is no adapter's folder. */
const char *peft_weights_name(const char *folder);

/* Reads and checks adapter_config.json. Refuses by name what is no LoRA, or a kind of it that would compute something else
 * here (DoRA, weights that were taken from the base's, ...). The caller frees it, after a failure too. */
bool peft_config_read(const char *folder, struct peft_config *config, struct error *error);
void peft_config_free(struct peft_config *config);

/* Rank and scale of one layer by rank_pattern, alpha_pattern. */
bool peft_config_layer(const struct peft_config *config, const char *layer, int32_t *rank, float *scale,
                       struct error *error);

/* What a tensor of an adapter is. */
enum peft_kind {
	PEFT_A, PEFT_B, /* of the layer `name` */
	PEFT_WHOLE,     /* takes the place of the base's tensor `name` */
	PEFT_IGNORED,   /* a copy of the base's that old versions saved too */
};

/* Takes a tensor's name apart; `name` gets what stands between prefix and suffix, without the words that PEFT puts in
 * between. False: it is none of LoRA's. */
bool peft_parse_key(const char *key, enum peft_kind *kind, char name[256], struct error *error);

/* What is written. Lists as text with commas; "" is null. */
struct peft_write {
	const char *base, *target_modules, *modules_to_save, *bias;
	int32_t rank;
	double alpha, dropout;
	bool rslora, target_is_expression;
};

/* Writes FOLDER/adapter_config.json with the keys of PEFT 0.18, in the order of their names. */
bool peft_config_write(const char *folder, const struct peft_write *what, struct error *error);

#endif
