/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What each word of a text counts in a logit. One interface for every kind of model; how it is computed differs:
 *
 *   exact       the logit is a sum over words and words in a row: models without a network
 *   occlusion   what the logit loses when the word is masked, a batch of masked copies at a time (Zeiler & Fergus 2014; here
 *               the word's tokens become [MASK])
 *   gradients   integrated gradients (Sundararajan, Taly & Yan 2017) on what the embeddings put out, in the definition of
 *               captum's LayerIntegratedGradients: from a baseline of [PAD] between the special tokens, along a straight
 *               line, by Gauss-Legendre quadrature. The weights and the baseline's logit add up to the logit but for the
 *               error of the quadrature, which is told
 *
 * Implemented in engine/model. */
#ifndef REVUE_ENGINE_ATTRIBUTION_H
#define REVUE_ENGINE_ATTRIBUTION_H

#include "engine/model.h"

enum attribution_method { ATTRIBUTION_EXACT, ATTRIBUTION_OCCLUSION, ATTRIBUTION_GRADIENTS };

#define ATTRIBUTION_WORDS "occlusion|gradients"
#define ATTRIBUTION_STEPS 50 /* of gradients, where nothing else is said; captum's default */

const char *attribution_method_name(enum attribution_method method); /* "exact", "occlusion", "gradients" */

struct attribution_request {
	enum attribution_method method; /* of a network; any other model tells exactly */
	int32_t label;      /* whose logit; -1: of the label that is predicted */
	int32_t max_length; /* tokens of a sequence; 0: what the model allows */
	int32_t steps;      /* of gradients; 0: ATTRIBUTION_STEPS */
	int32_t passes;     /* of occlusion: words are masked several in a row where there are more of them than this; 0: each alone */
};

/* What a stretch of a text, bytes from .. to - 1, of `words` words, adds to a logit. */
struct contribution {
	uint32_t from, to;
	int32_t words;
	double weight;
};

struct attribution {
	enum attribution_method method;
	int32_t label;
	double logit;
	/* What was computed, in the order of the text. Of exact: words and words in a row, of which the first of several that are
	 * the same feature to the model has it all, and bias + the weights of all, added in this order, are the logit to the bit.
	 * Of occlusion: the words, or the stretches, that were masked. Of gradients: tokens. */
	struct contribution *parts;
	size_t count;
	/* The same by words, none of which overlap: what several words have in common is shared out evenly. */
	struct contribution *words;
	size_t word_count;
	double bias;  /* exact: the model's; gradients: the baseline's logit; occlusion: 0 */
	double error; /* gradients: the sum of the weights minus (logit - bias), captum's convergence delta; else 0 */
};

/* What makes a label's logit in a text, as much of it as the model reads. Of a network's windows only occlusion tells. One
 * thread at a time per model; `progress` is asked after each batch. False with one line; attribution_free frees it, also
 * then. */
bool model_attribute(struct model *model, struct span text, const struct attribution_request *request,
                     struct attribution *out, const struct progress *progress, struct error *error);
void attribution_free(struct attribution *attribution);

/* While somebody types, on the thread of a live scorer (model.h): first by occlusion, at once after the text that was posted;
 * then, when nothing else was posted for a moment, by gradients where the model has them. A text that is posted for its score
 * goes before, and what was broken off for it is begun again. */
struct live_attribution {
	uint64_t generation;
	struct attribution attribution; /* the taker's, who frees it */
	double seconds;
	bool more;                      /* gradients are to come */
	bool failed;                    /* nothing was found out, and nothing is to come: what was taken before stays */
};

/* Wants the weights of this text, and of no other any more; one without bytes: of none. label -1: the predicted one. False:
 * out of memory, none will come. */
bool live_scorer_explain(struct live_scorer *scorer, struct span text, int32_t label, uint64_t generation);
bool live_scorer_take_attribution(struct live_scorer *scorer, struct live_attribution *taken); /* false: nothing new */

/* The greatest weight of a word without its sign; 0 where there are none. */
double attribution_greatest(const struct attribution *attribution);

#endif
