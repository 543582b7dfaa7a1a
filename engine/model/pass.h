/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a pass works on; the encoder and the head pass it along. */
#ifndef REVUE_MODEL_PASS_H
#define REVUE_MODEL_PASS_H

#include "engine/backend/backend.h"

struct pass {
	struct packing tokens; /* the batch's sequences */
	struct packing reads;  /* the rows of the last layer that are read: [CLS] of each sequence, or its masked tokens */
	int32_t read_count;    /* how many these are */
	struct packing reviews; /* which of those rows are the windows of one review; starts NULL: each is a review */
	const int32_t *ids, *positions, *read_rows; /* host */
	bool filled;           /* the last sequence is there for the backend's sake: none of it is read */
	bool training;         /* keep what the backward pass needs */
	bool dropout;
	int32_t imitated;      /* sequences, the first ones, of which a teacher shows what it makes */
	float loss_scale;      /* of the gradients of losses */
	float noise;           /* amplitude of what is added to the embeddings */
	uint64_t seed, step;
};

/* Where dropout and noise happen; the numbers are part of what makes a run repeatable. */
enum dropout_site { SITE_EMBEDDINGS, SITE_CLASSIFIER, SITE_LAYERS, SITE_ATTENTION = 0, SITE_ATTENTION_OUTPUT, SITE_OUTPUT,
	SITES_PER_LAYER, SITE_LORA = 1 << 24, SITE_NOISE = INT32_MAX - 1, SITE_HEAD_INPUT = INT32_MAX };

#endif
