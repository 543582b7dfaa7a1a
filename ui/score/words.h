/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of the text on the Score screen: what each counts in the decision, which of them are struck out to see what the
 * model says without them. Pure: knows no curses. */
#ifndef REVUE_UI_SCORE_WORDS_H
#define REVUE_UI_SCORE_WORDS_H

#include "engine/attribution.h"
#include "ui/terminal/text.h"

struct scored_word {
	uint32_t from, to; /* bytes of the text */
	double weight;     /* of a struck word: what it was before */
	bool struck;
};

/* Start with {0}, end with score_words_free. */
struct score_words {
	char *text;    /* that the words stand in; NULL: none */
	size_t size;
	struct scored_word *words; /* [count] in the order of the text */
	size_t count, struck_count;
	size_t chosen;
	bool choosing; /* somebody goes from word to word */
	bool there;    /* what follows was found out */
	enum attribution_method method;
	int32_t label;
	double logit, bias, error, greatest;
};

void score_words_free(struct score_words *words);

/* The text is this one now. What stands before and after the change keeps its weights until new ones come; nothing is struck
 * any more. False: it was this one already. */
bool score_words_edit(struct score_words *words, struct span text);

/* What is to be scored: the text without the words that are struck. Allocated; NULL: out of memory. */
char *score_words_left(const struct score_words *words);

/* Takes the weights of what is left. */
void score_words_take(struct score_words *words, const struct attribution *attribution);

/* Goes a word on or back; false: there is none. Strikes the chosen one out, or puts it back; puts all back. */
bool score_words_move(struct score_words *words, int by);
bool score_words_strike(struct score_words *words);
void score_words_restore(struct score_words *words);

/* What is shown: the text with each struck word in brackets. Allocated; and where a byte of the text, or of what is left of
 * it, stands there. */
char *score_words_shown(const struct score_words *words);
size_t score_words_shown_at(const struct score_words *words, size_t byte);
size_t score_words_whole_at(const struct score_words *words, size_t byte_of_left); /* in the text, not in what is shown */

/* The order of the weights, the strongest first and the struck last: order[count]. */
void score_words_rank(const struct score_words *words, size_t *order);

/* 0: counts hardly; 1, 2: somewhat, much; -1, -2: against. */
int score_words_level(const struct score_words *words, size_t index);

#endif
