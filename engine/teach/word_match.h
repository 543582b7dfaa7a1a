/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a student reads, as a teacher with another tokenizer reads it. Both are WordPiece, which cuts each word by itself: the
 * words are put together of the student's tokens, and cut once more. Which tokens stand for the same characters of a word is
 * known then, whatever happened to the text before (excerpts, hidden words). */
#ifndef REVUE_TEACH_WORD_MATCH_H
#define REVUE_TEACH_WORD_MATCH_H

#include "engine/model/batch.h"
#include "engine/tokenizer.h"

/* Start with {0}, end with word_match_free. */
struct word_match {
	const struct tokenizer *student, *teacher; /* borrowed */
	int32_t longest;         /* tokens that the teacher reads of a sequence, [CLS] and [SEP] with them */
	int32_t *same;           /* [vocabulary of the student] the teacher's id of the same piece, or of the special token of the
	                          * same role; -1: it has none */
	bool *special;           /* [vocabulary of the student] it is no part of a word */
	struct sequences word;   /* one, cut by the teacher */
	int32_t *ids, *starts;   /* the teacher's batch: [starts[sequences]], [sequences + 1] */
	struct matched *matched; /* [tokens of the student's batch], what answers to each; at least one token of its sequence */
	int32_t room;            /* tokens of the teacher's batch at most */
};

/* For batches of up to so many tokens and sequences; a sequence has at most twice as many tokens for the teacher, and no more
 * than `longest`: what does not fit is left out, and its [SEP] stands for it. */
bool word_match_init(struct word_match *match, const struct tokenizer *student, const struct tokenizer *teacher, int32_t tokens,
                     int32_t sequences, int32_t longest, struct error *error);
void word_match_free(struct word_match *match);

/* Sets ids, starts and matched; the batch has at least [CLS] and [SEP] in each sequence. Cannot fail: when memory is short a
 * word counts as unknown. */
void word_match_batch(struct word_match *match, const struct batch *batch);

#endif
