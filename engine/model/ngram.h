/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A linear model on the n-grams of a text (ngram_features.h): a label's logit is its bias and the sum of the weights of the
 * text's different buckets, each counted once. Of two labels that exclude each other one row of weights is kept, s = bias +
 * sum: the logits are -s/2 and s/2, so that their softmax is the sigmoid of s.
 *
 * The folder: config.json (engine/format/ngram_config.h) and model.safetensors with `weight` [rows, 2^bits] and `bias`
 * [rows]. transformers does not know it. */
#ifndef REVUE_MODEL_NGRAM_H
#define REVUE_MODEL_NGRAM_H

#include "engine/model/kind.h"
#include "engine/model/ngram_features.h"

struct ngram {
	struct ngram_shape shape;
	int32_t rows;         /* of weights: 1 for two labels that exclude each other, else one a label */
	float *weights;       /* [rows][2^bits] */
	float *biases;        /* [rows] */
	double *sums;         /* [rows] of the text in work */
	struct ngram_reader reader;
};

extern const struct model_kind ngram_kind;

/* A model whose weights are 0. Refuses more weights than NGRAM_WEIGHTS_MAX and names that could not be read again. The
 * caller closes it. */
#define NGRAM_WEIGHTS_MAX ((size_t)1 << 28) /* 1 GB */
struct model *ngram_new(const struct ngram_shape *shape, const char *const *names, int32_t labels, bool independent,
                        struct error *error);

struct ngram *model_ngram(const struct model *model); /* NULL: it is none */

/* The logits of a text whose buckets are known: `logits` [labels]. One thread at a time. */
void ngram_logits(const struct model *model, const uint32_t *buckets, size_t count, float *logits);

#endif
