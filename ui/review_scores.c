/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/review_scores.h"

#include <stdlib.h>

bool review_scores_init(struct review_scores *scores)
{
	*scores = (struct review_scores){.seen = calloc(REVIEW_SCORES, sizeof *scores->seen)};
	return scores->seen;
}

void review_scores_free(struct review_scores *scores)
{
	free(scores->seen);
	free(scores->scores);
}

void review_scores_forget(struct review_scores *scores)
{
	if (scores->seen)
		memset(scores->seen, 0, REVIEW_SCORES * sizeof *scores->seen);
	scores->asked = 0;
	scores->detail = 0;
}

const struct review_score *review_scores_find(const struct review_scores *scores, uint64_t index)
{
	const struct review_score *seen = scores->seen ? &scores->seen[index % REVIEW_SCORES] : NULL;

	return seen && seen->entry == index + 1 ? seen : NULL;
}

static void review_scores_put(struct review_scores *scores, uint64_t index, int32_t label, float score)
{
	scores->seen[index % REVIEW_SCORES] = (struct review_score){index + 1, label, score};
}

static void review_scores_use_model(struct review_scores *scores, const struct session *session)
{
	if (scores->model_generation == session->scoring.model_generation)
		return;
	review_scores_forget(scores);
	scores->model_generation = session->scoring.model_generation;
	free(scores->scores);
	scores->scores = calloc((size_t)model_config(session->scoring.model)->num_labels, sizeof *scores->scores);
}

static void review_scores_take(struct review_scores *scores, const struct session *session, uint64_t chosen)
{
	const struct score_place *place = &session->scoring.places[SCORE_ROW];
	const size_t labels = (size_t)model_config(session->scoring.model)->num_labels;

	if (scores->asked == 0 || scoring_is_asked(&session->scoring, SCORE_ROW))
		return;
	review_scores_put(scores, scores->asked - 1, place->score.label, place->score.score);
	if (scores->asked == chosen + 1) {
		memcpy(scores->scores, place->score.scores, labels * sizeof *scores->scores);
		scores->detail = scores->asked;
		scores->label = place->score.label;
		scores->read = place->score;
		scores->read.logits = scores->read.scores = NULL; /* the place's own */
		scores->tokens_whole = place->tokens_whole;
	}
	scores->asked = 0;
}

/* False: nothing was asked, this row is known as one that cannot be scored. */
static bool review_scores_ask(struct review_scores *scores, struct session *session, struct review_list *list,
                              struct row *row, uint64_t index)
{
	struct error ignored = {0};

	if (!dataset_read(list->source->dataset, review_list_row(list, index), row, &ignored)
	    || (row->status != ROW_OK && row->status != ROW_NO_LABEL)) {
		review_scores_put(scores, index, -1, 0);
		return false;
	}
	scoring_ask(&session->scoring, SCORE_ROW, row->text);
	scores->asked = index + 1;
	return true;
}

static bool review_scores_misses_detail(const struct review_scores *scores, uint64_t chosen)
{
	const struct review_score *seen = review_scores_find(scores, chosen);

	return scores->detail != chosen + 1 && !(seen && seen->label < 0);
}

void review_scores_update(struct review_scores *scores, struct session *session, struct review_list *list,
                          struct row *row, uint64_t chosen, uint64_t first, uint64_t count)
{
	const uint64_t size = review_list_count(list);

	if (!session->scoring.scorer || !scores->seen || !row)
		return;
	review_scores_use_model(scores, session);
	if (!scores->scores)
		return;
	review_scores_take(scores, session, chosen);
	if (scores->asked || chosen >= size)
		return;
	if (review_scores_misses_detail(scores, chosen) && review_scores_ask(scores, session, list, row, chosen))
		return;
	for (uint64_t i = first; i < first + count && i < size; i++) {
		if (!review_scores_find(scores, i) && review_scores_ask(scores, session, list, row, i))
			return;
	}
}
