/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scores that the Reviews screen has seen, and the order in which it asks for more: the chosen
 * review first, then those that can be seen. Knows no curses. */
#ifndef REVUE_UI_REVIEW_SCORES_H
#define REVUE_UI_REVIEW_SCORES_H

#include "ui/reviews/review_list.h"
#include "ui/session.h"

#define REVIEW_LABELS 64   /* bytes of the labels of a review that are shown */
#define REVIEW_SCORES 4096 /* a power of two, more than rows that can be seen at once */

/* What is known about one listed review. Entries that lie beside each other never share a place. */
struct review_score {
	uint64_t entry; /* index in the list + 1; 0: empty */
	int32_t label;  /* the best; -1: the row cannot be scored */
	float score;
	uint64_t set;   /* review_scores_set of the labels that it has */
	char labels[REVIEW_LABELS]; /* these in words */
};

struct review_scores {
	struct review_score *seen; /* [REVIEW_SCORES] */
	uint64_t asked;            /* index in the list + 1 that is being scored; 0: none */
	uint64_t model_generation;

	uint64_t detail;           /* index in the list + 1 that the rest belongs to; 0: none */
	float *scores;             /* [num_labels] */
	bool *on;                  /* [num_labels] room for a set of labels */
	int32_t label;             /* the best of them */
	struct score read;         /* of it what was read of the text */
	int64_t tokens_whole;
};

bool review_scores_init(struct review_scores *scores);
void review_scores_free(struct review_scores *scores);

/* Forgets everything: another list, file or column. */
void review_scores_forget(struct review_scores *scores);

/* What is known of entry `index`; NULL: nothing yet. */
const struct review_score *review_scores_find(const struct review_scores *scores, uint64_t index);

/* Whether the labels that a row has in its file are others than those that were seen of it. False also where the row cannot be
 * used, or has one that the model does not know. The data have labels. */
bool review_scores_is_wrong(struct review_scores *scores, const struct model *model, const struct row *row,
                            const struct review_score *seen);

/* Takes a score that has come and asks for the next one that is missing: `chosen`, then [first, first + count).
 * `row` is scratch. */
void review_scores_update(struct review_scores *scores, struct session *session, struct review_list *list,
                          struct row *row, uint64_t chosen, uint64_t first, uint64_t count);

#endif
