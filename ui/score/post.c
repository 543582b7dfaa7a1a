/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The text goes to the models that score it and weigh its words. */
#include "ui/score/score.h"

#include <stdlib.h>

struct span score_text(const struct app *app, const struct score_state *score)
{
	if (score->typing)
		return line_text(app->line);
	return (struct span){score->text ? score->text : "", score->size};
}

/* What is scored is the text without the words that are struck out. */
void score_post(struct app *app, struct score_state *score, bool anew)
{
	struct scoring *scoring = &app->session.scoring;
	char *left;

	if (score->model_generation != scoring->model_generation) {
		score->explained = 0; /* it was a label of another model */
		anew = true;
	}
	if (!score_words_edit(&score->words, score_text(app, score)) && !anew)
		return;
	score->model_generation = scoring->model_generation;
	left = score->words.text ? score_words_left(&score->words) : NULL;
	if (!left)
		return;
	scoring_ask(scoring, SCORE_TYPED, span_of(left));
	scoring_explain(scoring, span_of(left), score->explained - 1);
	score_rival_post(score, span_of(left));
	free(left);
}
