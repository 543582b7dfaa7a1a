/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a pass works on and how, as whoever asks for it says it. */
#ifndef REVUE_MODEL_BATCH_H
#define REVUE_MODEL_BATCH_H

#include "engine/model/imitation.h"

#include <stddef.h>

/* Tokens of a packed batch that a model for masked words predicts. */
struct masked_tokens {
	const int32_t *rows;   /* [count] which tokens of the batch, ascending */
	const int32_t *ids;    /* [count] what they are; in the batch's ids most of them are hidden */
	const int32_t *starts; /* [sequences + 1] those of sequence s are rows[starts[s]] .. rows[starts[s+1]-1]; it may have none */
	int32_t count;
};

/* A packed batch in host memory, borrowed: sequence s is ids[starts[s]] .. ids[starts[s+1]-1]. Where a review is cut into
 * windows, its sequences are reviews[r] .. reviews[r+1]-1, at least one, and their logits are pooled as the model's reading
 * says; labels, losses and logits are the reviews'. */
struct batch {
	const int32_t *ids;     /* [starts[sequences]] */
	const int32_t *starts;  /* [sequences + 1] */
	const int32_t *labels;  /* [reviews]; NULL when only scores are wanted */
	int32_t sequences;
	const int32_t *reviews; /* [review_count + 1]; NULL: every sequence is a review */
	int32_t review_count;   /* 0 where `reviews` is NULL */
	const float *targets;   /* [reviews][num_labels] 0 or 1, of labels that do not exclude each other; NULL: `labels` */
	const float *soft;      /* [reviews][num_labels] what teachers say, at the temperature of the pass; NULL: nothing */
	const float *shares;    /* [reviews] what that counts in the loss; the rest of 1 is the label's */
	const struct revealed *teacher; /* what happens inside the teacher that is imitated, of the first sequences; NULL: of none */
	struct masked_tokens masked; /* of a model for them, which looks at no labels and no reviews */
};

static inline int32_t batch_reviews(const struct batch *batch)
{
	return batch->reviews ? batch->review_count : batch->sequences;
}

/* How many losses a batch has: one a review, or one a masked token. */
static inline int32_t batch_losses(const struct batch *batch)
{
	return batch->masked.starts ? batch->masked.count : batch_reviews(batch);
}

/* How a batch trains; network_train has what each means. */
struct train_pass {
	float scale;
	uint64_t seed, step;
	bool no_dropout;
	float label_smoothing;
	const float *weights; /* [num_labels] host, borrowed; NULL: all are 1 */
	float neftune_noise_alpha;
	float temperature;    /* of batch->soft */
};

#endif
