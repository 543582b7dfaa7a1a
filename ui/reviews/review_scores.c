/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/review_scores.h"

#include "engine/evaluate.h"

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
	free(scores->on);
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

/* A number for a set of labels: FNV-1a of scores->on. */
static uint64_t review_scores_set(const struct review_scores *scores, int32_t labels)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (int32_t i = 0; i < labels; i++)
		if (scores->on[i])
			for (int byte = 0; byte < 4; byte++)
				hash = (hash ^ (uint64_t)(i >> (8 * byte) & 0xFF)) * UINT64_C(1099511628211);
	return hash;
}

bool review_scores_is_wrong(struct review_scores *scores, const struct model *model, const struct row *row,
                            const struct review_score *seen)
{
	const int32_t labels = model_config(model)->num_labels;

	if (row->status != ROW_OK || !scores->on)
		return false;
	memset(scores->on, 0, (size_t)labels * sizeof *scores->on);
	for (int i = 0; i < row->label_count; i++) {
		const int32_t label = label_match(model, row->labels[i]);

		if (label < 0)
			return false;
		scores->on[label] = true;
	}
	return review_scores_set(scores, labels) != seen->set;
}

static void review_scores_put(struct review_scores *scores, uint64_t index, int32_t label, float score)
{
	scores->seen[index % REVIEW_SCORES] = (struct review_score){.entry = index + 1, .label = label, .score = score};
}

static void review_scores_put_score(struct review_scores *scores, uint64_t index, const struct model *model,
                                    const struct score *score)
{
	struct review_score *seen = &scores->seen[index % REVIEW_SCORES];
	const int32_t labels = model_config(model)->num_labels;

	review_scores_put(scores, index, score->label, score->score);
	for (int32_t i = 0; i < labels; i++)
		scores->on[i] = score_has_label(model, score, i);
	seen->set = review_scores_set(scores, labels);
	if (score_labels(model, score, ", ", seen->labels, sizeof seen->labels) == 0)
		seen->labels[0] = '-';
}

static void review_scores_use_model(struct review_scores *scores, const struct session *session)
{
	if (scores->model_generation == session->scoring.model_generation)
		return;
	review_scores_forget(scores);
	scores->model_generation = session->scoring.model_generation;
	free(scores->scores);
	free(scores->on);
	scores->scores = calloc((size_t)model_config(session->scoring.model)->num_labels, sizeof *scores->scores);
	scores->on = calloc((size_t)model_config(session->scoring.model)->num_labels, sizeof *scores->on);
}

static void review_scores_take(struct review_scores *scores, const struct session *session, uint64_t chosen)
{
	const struct score_place *place = &session->scoring.places[SCORE_ROW];
	const size_t labels = (size_t)model_config(session->scoring.model)->num_labels;

	if (scores->asked == 0 || scoring_is_asked(&session->scoring, SCORE_ROW))
		return;
	review_scores_put_score(scores, scores->asked - 1, session->scoring.model, &place->score);
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
	if (!scores->scores || !scores->on)
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
