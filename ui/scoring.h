/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model that scores and the thread that does it, shared by those who want scores: what is typed on the Score screen,
 * what is kept there, and the rows on the Reviews screen. Knows no curses; the UI thread alone calls it.
 *
 * The thread takes one text at a time, and a text that it has not begun gives way to a newer one. So the others wait
 * until nothing is in flight, and a typed text replaces only typed ones. */
#ifndef REVUE_UI_SCORING_H
#define REVUE_UI_SCORING_H

#include "engine/attribution.h"
#include "engine/job.h"
#include "engine/model.h"

enum score_client {
	SCORE_TYPED, /* the text on the Score screen: goes first */
	SCORE_KEPT,  /* a review that was kept there before its score had come */
	SCORE_ROW,   /* a row on the Reviews screen */
	SCORE_CLIENTS,
};

/* The place of one client: what it asked for last and what came of it. */
struct score_place {
	uint64_t wanted, posted, got; /* generations; wanted == got: nothing is under way */
	char *text;                   /* of `wanted`, until it is posted */
	size_t size;
	struct score score;           /* of `got`; its arrays are `numbers`; label -1: `error` says why not */
	struct error error;
	float *numbers;
	int64_t tokens_whole;
	double seconds;
};

/* A model with its scorer, which several hold: the scoring, and jobs that predict with it. Both are closed, on a thread of
 * their own, when the last of them lets go. */
struct lent_model {
	struct model *model;
	struct live_scorer *scorer;
	struct jobs *jobs;
	int holders;
};

/* Start with {0}. */
struct scoring {
	struct lent_model *lent; /* held; NULL where `model` is */
	struct model *model; /* NULL: none is loaded */
	struct live_scorer *scorer; /* NULL where `model` is */
	uint64_t model_generation; /* counts loaded models */
	struct score_place places[SCORE_CLIENTS];
	uint64_t generation; /* the last that was given to a text */
	struct live_attribution words; /* of the text that was explained last, and how much of it has come */
	uint64_t words_wanted, words_taken; /* generation; counts what came */
	bool words_asked;   /* there is more to come */
	int in_flight; /* the client whose text the scorer has; -1: none */
};

/* For jobs, which may use live_scorer_score. NULL is allowed; returns its argument. */
struct lent_model *lent_model_hold(struct lent_model *lent);
void lent_model_drop(struct lent_model *lent); /* NULL is allowed */

/* Takes a model and its scorer, and lets go of those before, which are closed on a thread of their own. What was asked
 * for is forgotten. False: out of memory; there is no model then. */
bool scoring_use(struct scoring *scoring, struct jobs *jobs, struct model *model, struct live_scorer *scorer,
                 struct error *error);
void scoring_close(struct scoring *scoring);

/* Asks for a score of `text` (copied). Replaces what the client asked for before. Nothing without a model. */
void scoring_ask(struct scoring *scoring, enum score_client client, struct span text);
bool scoring_is_asked(const struct scoring *scoring, enum score_client client);

/* Asks what the words of `text` count in a label's logit (-1: that which is predicted). As weights come, words_taken counts up. */
void scoring_explain(struct scoring *scoring, struct span text, int32_t label);

/* Takes what has come and posts what waits: after the wake was signalled. */
void scoring_update(struct scoring *scoring);

#endif
