/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reviews as token ids, made once and kept for all epochs: 4 bytes a token. */
#ifndef REVUE_TRAIN_EXAMPLES_H
#define REVUE_TRAIN_EXAMPLES_H

#include "engine/dataset.h"
#include "engine/model/network.h"
#include "engine/teach/soft_targets.h"
#include "engine/tokenizer.h"
#include "engine/train/rows/augment.h"
#include "engine/train/rows/label_sets.h"
#include "engine/train/rows/masking.h"
#include "engine/train/rows/ngram_rows.h"
#include "engine/train/rows/text_facts.h"

#define NO_LABEL (-1) /* of a text that only teachers say something of */

/* Example i is ids[starts[i]] .. ids[starts[i+1]-1]. Where reviews are cut into windows, these are its windows one after
 * the other, and lengths[firsts[i]] .. lengths[firsts[i+1]-1] their lengths. Start with {0}, end with examples_free. */
struct examples {
	int32_t *ids;
	size_t id_capacity;
	uint64_t *starts; /* [count + 1] */
	int32_t *labels;  /* [count] NO_LABEL: it has none */
	uint64_t *hashes; /* [count] text_hash of its text */
	bool *truncated;  /* [count] */
	uint64_t *places; /* [count] the line of the file that it begins on; of a folder, which is `of_folder`, its number; from 1 */
	uint64_t *numbers; /* [count] the rows of the dataset */
	bool of_folder;
	uint64_t *firsts; /* [count + 1]; NULL: every example is one sequence */
	int32_t *lengths; /* [firsts[count]] */
	size_t length_capacity;
	uint32_t count;
	uint64_t truncated_count;
	uint64_t windowed_count, windows; /* examples of more than one window, and how many windows those have */
	uint64_t tokens_whole, tokens_read; /* of all texts where not the head alone counts: all, and those in a sequence */
	const struct label_sets *sets; /* borrowed: `labels` are numbers of these; NULL: of the model's labels */
	const struct augmentation *augmentation; /* borrowed: how a batch of them is varied; NULL: it is not */
	struct masking *masking; /* borrowed: what of a batch of them is masked; NULL: nothing is */
	const struct soft_targets *soft; /* borrowed: what teachers say of each; NULL: nothing */
};

/* Which rows to read. */
struct examples_request {
	struct dataset *dataset;
	const struct tokenizer *tokenizer;
	const uint64_t *rows;   /* [count] */
	const int32_t *labels;  /* [count] the model's, or sets of them */
	const bool *held_out;   /* [count] goes into the second set; NULL: none does */
	struct text_facts *facts; /* [count] out; NULL: nobody asks */
	uint32_t count;
	/* Get the features of a linear model of words: of the first set, where every `ngram_step`th row goes into it, and of the
	 * second. NULL: nobody asks. */
	struct ngram_rows *ngrams, *ngrams_held_out;
	uint32_t ngram_step;
	struct cut cut;
	struct pool *pool;      /* borrowed: who tokenises */
};
/* `held_out` may be NULL where no row is. */
bool examples_read(struct examples *examples, struct examples *held_out, const struct examples_request *request,
                   const struct progress *progress, struct error *error);
void examples_free(struct examples *examples);

/* Puts the examples of `more` behind the others, whose labels are of the same kind, and empties it. */
bool examples_append(struct examples *examples, struct examples *more, struct error *error);

/* Puts example order[i] into place i; `order`, [count], is a permutation. Takes memory for a second copy on the way. */
bool examples_arrange(struct examples *examples, const uint32_t *order, struct error *error);

/* SHA-256 of the token ids and labels of both: what a resumed run must find again to go on to the bit. */
void examples_hash(const struct examples *examples, const struct examples *held_out, char out[65]);

/* What no batch of so many examples exceeds: the tokens of the longest ones together, the sequences of those that have
 * most, and the longest sequence. */
struct batch_size {
	uint64_t tokens, sequences, longest;
	uint64_t masked; /* tokens; 0: of none is there anything to tell */
};
struct batch_size examples_largest(const struct examples *examples, uint64_t batch);

/* The longest sequence of one example, in tokens. */
uint64_t examples_longest(const struct examples *examples, uint32_t example);

/* Batches made of examples: memory for `reviews` examples that come to no more than `size` in all. */
struct batch_store {
	int32_t *ids, *starts, *labels, *reviews;
	float *targets;     /* [reviews][num_labels]; NULL: not wanted */
	float *soft, *shares; /* [reviews][soft_labels], [reviews]: what teachers say; NULL: not wanted */
	int32_t num_labels, soft_labels;
	bool *truncated;
	int32_t *masked, *wanted, *masked_starts; /* [size.masked] twice, [sequences + 1]: see struct masked_tokens */
};
/* `num_labels`: room for targets, of examples with sets of labels; `soft_labels`: for what teachers say; 0: none. */
bool batch_store_init(struct batch_store *store, const struct batch_size *size, uint64_t reviews, int32_t num_labels,
                      int32_t soft_labels, struct error *error);
void batch_store_free(struct batch_store *store);

/* How many tokens of an example are masked in the epoch that is set. */
int32_t examples_masked(const struct examples *examples, uint32_t example);

/* The examples index[0..count-1] in this order; borrowed from the store until the next call. */
struct batch batch_store_fill(struct batch_store *store, const struct examples *examples, const uint32_t *index,
                              uint32_t count);

#endif
