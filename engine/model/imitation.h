/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What of the inside of a teacher a model imitates while it trains.
 *
 * source  attention and value relations of the last layer: MiniLM (Wang et al. 2020), by relation heads: MiniLMv2 (2021);
 *         attention scores and hidden states, layers mapped evenly: TinyBERT (Jiao et al. 2020) */
#ifndef REVUE_MODEL_IMITATION_H
#define REVUE_MODEL_IMITATION_H

#include <stdbool.h>
#include <stdint.h>

struct imitation {
	float attention; /* weight of the loss on attention; 0: none */
	float hidden;    /* of that on hidden states */
	bool fits;       /* hidden states of another width: brought to the teacher's by a layer that is learnt (TinyBERT), else their
	                  * relations are compared */
	bool scores;     /* attention scores of all layers are compared (TinyBERT), else the relations of the last one (MiniLM) */
	int32_t heads;   /* relation heads */
	int32_t layers;  /* of the student */
	int32_t teacher_hidden, teacher_layers;
};

static inline bool imitates_attention(const struct imitation *imitation, int32_t layer)
{
	return imitation && imitation->attention > 0 && (imitation->scores || layer == imitation->layers - 1);
}

static inline bool imitates_hidden(const struct imitation *imitation)
{
	return imitation && imitation->hidden > 0;
}

/* Which layer of the teacher answers to a layer of the student: by the input of both, and by their attention. */
static inline int32_t imitation_input_of(const struct imitation *imitation, int32_t layer)
{
	return (int32_t)((int64_t)layer * imitation->teacher_layers / imitation->layers);
}

static inline int32_t imitation_attention_of(const struct imitation *imitation, int32_t layer)
{
	return (int32_t)((int64_t)(layer + 1) * imitation->teacher_layers / imitation->layers - 1);
}

/* Tokens first .. first + count - 1 of a teacher's batch: the mean of what it makes of them answers to a token of the student. */
struct matched {
	int32_t first, count;
};

/* What a teacher shows of the first sequences of a batch, in the host's memory, for each layer of the student that imitates it,
 * else NULL. A row for each of the student's tokens in them; the others imitate nobody. */
struct revealed {
	int32_t sequences;   /* how many these are, at least one */
	float **inputs;      /* [layers] each [tokens][teacher's hidden] */
	float **projections; /* [layers] each [tokens][3 * teacher's hidden]: query, key, value */
	const struct matched *matched; /* [tokens]; NULL: the teacher's tokens are the student's */
	int32_t tokens;      /* of the student in those sequences, where they are matched */
	float *room;         /* [teacher's tokens][3 * teacher's hidden], where they are matched twice as much; used on the way */
};

#endif
