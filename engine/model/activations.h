/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The arrays of a pass: what the encoder keeps for its backward pass, or only what the next operation reads. */
#ifndef REVUE_MODEL_ACTIVATIONS_H
#define REVUE_MODEL_ACTIVATIONS_H

#include "engine/model/imitation.h"
#include "engine/model/lora.h"

#include <stdint.h>

/* What the backward pass reads beside what it always does: where it does not, the memory serves twice. */
struct activations_kept {
	bool embedding_sum; /* something of the embeddings trains */
	bool attention_out; /* the input of an intermediate layer that trains or has an adapter */
	bool intermediate;  /* likewise of an output layer */
	bool all_queries;   /* of the last layer, also in a pass that only scores */
	const struct imitation *imitation; /* what a training imitates; NULL: nothing */
};

struct activations_kept activations_kept(const struct parameter *parameters, int count);

/* T: tokens of the batch, S: its sequences, H: hidden, I: intermediate, V: vocabulary. Rows R of a layer after its keys and
 * values: T, in the last layer those that are read, S or the masked tokens. Without training only what the next
 * operation reads is kept, and all layers but the last share the same memory. */
struct layer_activations {
	float *input;          /* [T][H], the output of the layer below */
	float *residual;       /* [R][H], input; last layer: the rows of it that are read */
	float *projection;     /* [T][3H] query, key, value; last layer [T][2H] key, value */
	float *query;          /* [R][H] at query_stride */
	float *key, *value;    /* [T][H] at key_stride */
	int32_t query_stride, key_stride;
	float *lse;            /* [heads][R]; NULL when scoring */
	float *context;        /* [R][H] */
	float *attention_sum;  /* [R][H] before the norm */
	float *attention_mean, *attention_rstd; /* [R]; NULL when scoring */
	float *attention_out;  /* [R][H]; in dhidden[1] where it is not kept */
	float *pre;            /* [R][I] before the activation; NULL when scoring */
	float *output_sum;     /* [R][H] */
	float *output_mean, *output_rstd;       /* [R] */
	float *output;         /* [R][H] */
	float *teacher_input;      /* [T][teacher's H], of a training that imitates it; else NULL */
	float *teacher_projection; /* [T][3 teacher's H], likewise */
	float *lora[LORA_LAYER_TARGETS]; /* [rows of the layer's product][rank]; NULL where it has no adapter */
};

struct activations {
	struct layer_activations *layers; /* [num_hidden_layers] */
	float *embedding_sum;  /* [T][H] before the norm; in dhidden[0] where it is not kept */
	float *embedding_mean, *embedding_rstd; /* [T]; NULL when scoring */
	float *embedding_out;  /* [T][H] */
	float *intermediate;   /* [T][I] after the activation; used again by each layer */
	float *pooled_pre, *pooled; /* [S][H] */
	float *logits;         /* [S][labels] */
	float *lora_head;      /* [S][rank] */
	float *lora_input;     /* [T][the widest input of an adapter], after dropout; NULL when scoring or without dropout */
	float *all_queries;    /* [T][H] of the last layer; NULL: not wanted */
	float *dall_queries;   /* the same; NULL when scoring */
	float *relation_work;  /* [RELATION_WORK][relation heads][T] */
	float *fitted, *dfitted; /* [T][teacher's H]: a layer's input at that width; NULL: not wanted */
	float *review_logits;  /* [S][labels], of which the reviews' count: pooled where they have windows */

	/* Of the head on masked tokens, which has none of the arrays of labels. P: masked_at_once. */
	float *transform_pre;  /* [R][H] before the activation */
	float *transform_sum;  /* [R][H] before the norm */
	float *transform_mean, *transform_rstd; /* [R]; NULL when scoring */
	float *transformed;    /* [R][H] */
	float *dtransformed;   /* [R][H]; NULL when scoring */
	float *predictions;    /* [P][V] logits */
	float *dpredictions;   /* [P][V]; NULL when scoring */

	/* Of the backward pass; NULL when scoring. */
	float *dlogits;        /* [S][labels] */
	float *dreview_logits; /* [S][labels] */
	float *losses;         /* [S], of which the reviews' count; of masked tokens [R], when scoring too */
	float *dpooled;        /* [S][H] */
	float *dhidden[3];     /* [T][H] each */
	float *dprojection;    /* [T][3H], where dintermediate lies: a layer is done with that before */
	float *dquery;         /* [S][H], the last layer's */
	float *dintermediate;  /* [T][I]; in `intermediate` where that is not kept */
	float *dlora;          /* [T][rank] */
	float *discard;        /* [2][H], where a frozen norm's gradient goes */
};

/* Of a pass. `reads`: what the last layer reads, R. */
struct pass_size {
	int32_t tokens, sequences, reads;
};

/* Masked tokens whose logits are computed at once: some 32 MB of them. */
#define MASKED_LOGITS ((int32_t)1 << 23)
#define MASKED_ROWS_LEAST 64

static inline int32_t masked_at_once(const struct model_config *model, int32_t reads)
{
	int32_t rows = MASKED_LOGITS / model->vocab_size;

	rows = rows < MASKED_ROWS_LEAST ? MASKED_ROWS_LEAST : rows;
	return reads < rows ? reads : rows;
}

/* Gives every array its place in the arena `base` and returns the bytes; 0 on overflow. base NULL: only measures.
 * `activations->layers` is the caller's, [config->num_hidden_layers]. */
uint64_t activations_place(struct activations *activations, const struct model_config *config, const struct lora *lora,
                           struct activations_kept kept, struct pass_size size, bool training, void *base);

#endif
