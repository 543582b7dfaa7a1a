/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/scoring.h"

#include <stdlib.h>
#include <string.h>

/* The scorer's thread may still be using the model. */
static void lent_model_close(void *thing)
{
	struct lent_model *lent = thing;

	live_scorer_free(lent->scorer);
	model_close(lent->model);
	free(lent);
}

void lent_model_drop(struct lent_model *lent)
{
	if (lent && --lent->holders == 0)
		jobs_dispose(lent->jobs, lent_model_close, lent);
}

struct lent_model *lent_model_hold(struct lent_model *lent)
{
	if (lent)
		lent->holders++;
	return lent;
}

void scoring_close(struct scoring *scoring)
{
	lent_model_drop(scoring->lent);
	scoring->lent = NULL;
	scoring->scorer = NULL;
	scoring->model = NULL;
	scoring->in_flight = -1;
	attribution_free(&scoring->words.attribution);
	scoring->words = (struct live_attribution){0};
	scoring->words_asked = false;
	for (int i = 0; i < SCORE_CLIENTS; i++) {
		struct score_place *place = &scoring->places[i];

		free(place->text);
		free(place->numbers);
		*place = (struct score_place){0};
	}
}

bool scoring_use(struct scoring *scoring, struct jobs *jobs, struct model *model, struct live_scorer *scorer,
                 struct error *error)
{
	const size_t labels = (size_t)model_config(model)->num_labels;

	scoring_close(scoring);
	scoring->lent = malloc(sizeof *scoring->lent);
	if (!scoring->lent) {
		live_scorer_free(scorer);
		model_close(model);
		return error_memory(error, "taking a model");
	}
	*scoring->lent = (struct lent_model){model, scorer, jobs, 1};
	scoring->model = model;
	scoring->scorer = scorer;
	scoring->model_generation++;
	for (int i = 0; i < SCORE_CLIENTS; i++) {
		struct score_place *place = &scoring->places[i];

		place->numbers = calloc(2 * labels, sizeof *place->numbers);
		if (!place->numbers) {
			scoring_close(scoring);
			return error_memory(error, "making room for scores");
		}
		place->score.logits = place->numbers;
		place->score.scores = place->numbers + labels;
	}
	return true;
}

bool scoring_is_asked(const struct scoring *scoring, enum score_client client)
{
	return scoring->scorer && scoring->places[client].wanted != scoring->places[client].got;
}

/* Memory was too short even to hand the text over: the client gets an answer without a label. An older text of its own
 * may still be in flight, so `posted` stays. */
static void scoring_give_up(struct scoring *scoring, struct score_place *place)
{
	const size_t labels = (size_t)model_config(scoring->model)->num_labels;

	memset(place->numbers, 0, 2 * labels * sizeof *place->numbers);
	place->score = (struct score){.label = -1, .logits = place->numbers, .scores = place->numbers + labels};
	error_memory(&place->error, "scoring");
	place->tokens_whole = 0;
	place->seconds = 0;
	place->got = place->wanted;
}

static void scoring_post(struct scoring *scoring, enum score_client client)
{
	struct score_place *place = &scoring->places[client];

	if (live_scorer_post(scoring->scorer, (struct span){place->text, place->size}, place->wanted)) {
		place->posted = place->wanted;
		scoring->in_flight = (int)client;
	} else {
		scoring_give_up(scoring, place);
	}
	free(place->text);
	place->text = NULL;
}

static void scoring_take(struct scoring *scoring)
{
	struct live_result result;
	struct score_place *place;
	const size_t bytes = (size_t)model_config(scoring->model)->num_labels * sizeof(float);

	if (scoring->in_flight < 0 || !live_scorer_take(scoring->scorer, &result))
		return;
	place = &scoring->places[scoring->in_flight];
	if (result.generation == place->posted)
		scoring->in_flight = -1;
	if (result.generation <= place->got)
		return; /* a newer text was answered already */
	memcpy(place->score.logits, result.score.logits, bytes);
	memcpy(place->score.scores, result.score.scores, bytes);
	result.score.logits = place->score.logits;
	result.score.scores = place->score.scores;
	place->score = result.score;
	place->error = result.error;
	place->tokens_whole = result.tokens_whole;
	place->seconds = result.seconds;
	place->got = result.generation;
}

static void scoring_take_words(struct scoring *scoring)
{
	struct live_attribution taken;

	if (!live_scorer_take_attribution(scoring->scorer, &taken))
		return;
	if (taken.generation != scoring->words_wanted || taken.failed) {
		attribution_free(&taken.attribution);
	} else {
		attribution_free(&scoring->words.attribution);
		scoring->words = taken;
		scoring->words_taken++;
	}
	if (taken.generation == scoring->words_wanted)
		scoring->words_asked = taken.more;
}

void scoring_explain(struct scoring *scoring, struct span text, int32_t label)
{
	if (!scoring->scorer)
		return;
	scoring->words_wanted = ++scoring->generation;
	scoring->words_asked = live_scorer_explain(scoring->scorer, text, label, scoring->words_wanted) && text.size > 0;
}

void scoring_update(struct scoring *scoring)
{
	if (!scoring->scorer)
		return;
	scoring_take(scoring);
	scoring_take_words(scoring);
	if (scoring->places[SCORE_TYPED].text && scoring->in_flight <= SCORE_TYPED)
		scoring_post(scoring, SCORE_TYPED);
	for (int client = SCORE_KEPT; client < SCORE_CLIENTS && scoring->in_flight < 0; client++) {
		if (scoring->places[client].text)
			scoring_post(scoring, (enum score_client)client);
	}
}

void scoring_ask(struct scoring *scoring, enum score_client client, struct span text)
{
	struct score_place *place = &scoring->places[client];
	char *copy = scoring->scorer ? malloc(text.size + 1) : NULL;

	if (!copy)
		return;
	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	free(place->text);
	place->text = copy;
	place->size = text.size;
	place->wanted = ++scoring->generation;
	scoring_update(scoring);
}
