/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a kind of model is that has no network and no tokenizer: a row of the table in kinds.c. A struct model with `kind`
 * NULL is one with a network, of an architecture of engine/format/architecture.h; what the other rooms do with a model goes
 * through this row or through the network, and nothing else asks which it is. */
#ifndef REVUE_MODEL_KIND_H
#define REVUE_MODEL_KIND_H

#include "engine/attribution.h"
#include "engine/model/inside.h"

struct model_kind {
	const char *type;  /* model_type in config.json */
	const char *title; /* fit to follow "is": "an n-gram model" */
	/* *is: whether config.json of the folder says so. False: out of memory. */
	bool (*is)(const char *folder, bool *is, struct error *error);
	/* Reads config, labels and weights of model->folder. */
	bool (*read)(struct model *model, struct error *error);
	/* Writes all files into a folder that is there. */
	bool (*save)(const struct model *model, const char *folder, struct error *error);
	/* logits[num_labels] of a text, and how many words were read. False: out of memory. */
	bool (*logits)(struct model *model, struct span text, float *logits, int64_t *words);
	/* The parts and the bias of a label's logit, and the words of the text without weights (attribution.h); the rest is made
	 * of them. False: out of memory. */
	bool (*attribute)(struct model *model, struct span text, int32_t label, struct attribution *out, struct error *error);
	void (*describe)(const struct model *model, char *out, size_t capacity); /* how it reads a text, in words */
	uint64_t (*parameters)(const struct model *model);
	void (*free)(struct model *model); /* what it holds besides what every model does */
};

#endif
