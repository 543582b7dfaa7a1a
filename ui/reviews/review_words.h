/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands in the pane below the table: the review with its other columns, or its tokens. Pure: knows no curses. */
#ifndef REVUE_UI_REVIEW_WORDS_H
#define REVUE_UI_REVIEW_WORDS_H

#include "engine/dataset.h"
#include "engine/tokenizer.h"

/* Start with {0}; reusable; end with review_words_free. */
struct review_words {
	char *text;
	size_t size;
	size_t unread_from, unread_to; /* bytes of it that the model does not see; equal: it sees all */
};

#define REVIEW_TOKENS_MAX 4096 /* of a review that are shown */

/* The text, which comes first and as it is, then "NAME: VALUE" in a line for each other column. False: out of memory. */
bool review_words_whole(struct review_words *words, const struct dataset *dataset, const struct row *row);

/* "[CLS]:101  a:1037  wait:3524  ##ress:8303  [SEP]:102": pieces with their ids; a bar stands where what the model sees ends or
 * begins again. The model does not see bytes unread_from .. unread_to - 1 of the text. False: out of memory. */
bool review_words_tokens(struct review_words *words, const struct tokenizer *tokenizer, struct span text, size_t unread_from,
                         size_t unread_to);

void review_words_free(struct review_words *words);

#endif
