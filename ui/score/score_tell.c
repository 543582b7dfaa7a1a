/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Score screen in lines, for `revue --plain`. */
#include "ui/plain/spoken.h"
#include "ui/plain/tell_scores.h"
#include "ui/plain/teller.h"
#include "ui/score/score.h"

#include <math.h>
#include <stdlib.h>

#define WORDS_TOLD 3   /* that count most, for the label and against it */
#define WORDS_LISTED 20
#define WORDS_BYTES 400
#define TEXT_BYTES 160 /* of a review in the list */

static struct span typed(const struct app *app, const struct score_state *score)
{
	if (score->typing)
		return line_text(app->line);
	return (struct span){score->text ? score->text : "", score->size};
}

/* "great 0.81, end 0.2": words in their order whose weight has this sign. */
static void list_words(const struct score_words *words, const size_t *order, bool against, char out[WORDS_BYTES])
{
	size_t used = 0;
	int told = 0;

	out[0] = '\0';
	for (size_t i = 0; i < words->count && told < WORDS_TOLD && used < WORDS_BYTES - 1; i++) {
		const struct scored_word *word = &words->words[order[i]];
		const struct span text = span_prefix((struct span){words->text + word->from, word->to - word->from}, 40);

		if (word->struck || word->weight == 0 || (word->weight < 0) != against)
			continue;
		used += (size_t)snprintf(out + used, WORDS_BYTES - used, "%s%.*s %s", told > 0 ? ", " : "", TOLD(text),
		                         spoken_number(fabs(word->weight)).text);
		told++;
	}
}

static void tell_words(const struct app *app, const struct score_state *score, struct teller *teller)
{
	const struct score_words *words = &score->words;
	const struct model *model = app->session.scoring.model;
	size_t *order = calloc(words->count + 1, sizeof *order);
	char with[WORDS_BYTES], against[WORDS_BYTES];

	if (order && words->there && words->count > 0 && words->label >= 0 && words->label < model_config(model)->num_labels) {
		score_words_rank(words, order);
		list_words(words, order, false, with);
		list_words(words, order, true, against);
		if (with[0] || against[0])
			tell(teller, "What counts most for %s: %s; against it: %s.", model_label(model, words->label),
			     with[0] ? with : "nothing", against[0] ? against : "nothing");
	}
	free(order);
}

static void tell_box(const struct app *app, const struct score_state *score, struct teller *teller)
{
	const struct score_place *place = &app->session.scoring.places[SCORE_TYPED];
	const struct score_place *rival = &score->rival.scoring.places[SCORE_TYPED];
	const struct span text = typed(app, score);
	char scores[TELL_SCORES_MAX];

	if (text.size == 0 || !app->session.scoring.model)
		return;
	if (teller->part == TELL_ALL)
		tell(teller, "The text: %.*s", TOLD(text));
	if (place->got == 0 || scoring_is_asked(&app->session.scoring, SCORE_TYPED) || place->score.label < 0)
		return;
	tell_scores(app->session.scoring.model, place->score.scores, scores);
	tell(teller, "%s.", scores);
	if (score_rival_draws(score) && rival->score.label >= 0) {
		tell_scores(score->rival.scoring.model, rival->score.scores, scores);
		tell(teller, "The second model: %s.", scores);
	}
	if (place->score.truncated)
		tell(teller, "The model reads %d of its %lld tokens.", (int)place->score.tokens_read, (long long)place->tokens_whole);
	tell_words(app, score, teller);
}

static void tell_kept(const struct app *app, const struct score_state *score, uint64_t index, struct teller *teller)
{
	const struct kept_review *kept = &score->kept[index];
	const struct span text = span_prefix(span_of(kept->text), teller->part == TELL_ALL ? TEXT_BYTES : TOLD_BYTES_MAX);
	char scores[TELL_SCORES_MAX] = "not scored yet";

	if (kept->label >= 0 && kept->scores && app->session.scoring.model)
		tell_scores(app->session.scoring.model, kept->scores, scores);
	tell_line(teller, index, NULL, "%s: %.*s%s%s%s%s", scores, TOLD(text), kept->expected[0] ? "; it should be " : "",
	          kept->expected, kept->note ? "; note: " : "", kept->note ? kept->note : "");
}

/* Words by what they count, with the number by which one of them is chosen. */
static void tell_word_list(const struct score_state *score, struct told_range range, struct teller *teller)
{
	const struct score_words *words = &score->words;
	size_t *order = calloc(words->count + 1, sizeof *order);

	if (!order)
		return;
	score_words_rank(words, order);
	for (uint64_t i = range.first; i < range.end; i++) {
		const struct scored_word *word = &words->words[order[i]];
		const struct span text = {words->text + word->from, word->to - word->from};

		tell_line(teller, i, NULL, "%.*s, %s%s", TOLD(text), word->struck ? "struck out" : word->weight < 0 ? "against, " : "for, ",
		          word->struck ? "" : spoken_number(fabs(word->weight)).text);
	}
	free(order);
}

static void tell_tokens(const struct app *app, const struct score_state *score, struct teller *teller)
{
	const struct model *model = app->session.scoring.model;
	char *left = model && model_has_network(model) && score->words.text ? score_words_left(&score->words) : NULL;
	int32_t ids[WORDS_LISTED * 10], count = 0;

	if (left)
		count = tokenizer_encode(model_tokenizer(model), span_of(left), (int)(sizeof ids / sizeof *ids), ids, NULL, NULL);
	for (int32_t i = 0; i < count; i++)
		tell_line(teller, (uint64_t)i, NULL, "%s, id %d", tokenizer_piece(model_tokenizer(model), ids[i]), (int)ids[i]);
	if (count == 0)
		tell(teller, "There are no tokens: no text, or a model that reads words.");
	free(left);
}

static void tell_pane(struct app *app, struct score_state *score, struct teller *teller)
{
	const uint64_t words = score->words.count;

	if (score->pane == SCORE_TOKEN_LIST) {
		tell_title(teller, "Score: tokens");
		tell_tokens(app, score, teller);
		return;
	}
	tell_title(teller, "Score: what each word counts");
	tell_list(teller, &score->pane_list.chosen, words, score->pane_list.chosen, ACTION_NONE);
	if (words == 0)
		tell(teller, "There are no words: \"take-back\" puts the chosen review into the box, \"type\" another one.");
	tell_word_list(score, tell_range(teller, score->pane_list.chosen, 0, WORDS_LISTED, words), teller);
}

static void tell_model(const struct app *app, struct teller *teller)
{
	const struct session *session = &app->session;
	char name[WIDGET_NAME_MAX];

	if (session->scoring.model) {
		app_path_name(app, model_folder(session->scoring.model), TELL_PATH_COLUMNS, name);
		tell(teller, "Scored by %s.", name);
	} else if (session_is_loading(session)) {
		tell(teller, "The model is being loaded.");
	} else {
		tell(teller, "%s", session->model_error.kind ? messages_words(session->model_error.text).text
		     : "No model is loaded: \"model FOLDER\" loads one.");
	}
}

void score_tell(struct app *app, void *state, struct teller *teller)
{
	struct score_state *score = state;
	const uint64_t count = (uint64_t)score->kept_count;
	const struct told_range range = tell_range(teller, score->list.chosen, score->list.top, score->page, count);
	const bool box = teller->part == TELL_CHOSEN && typed(app, score).size > 0;

	if (score->pane != SCORE_KEPT_LIST) {
		tell_pane(app, score, teller);
		return;
	}
	tell_title(teller, "Score");
	if (score->list.chosen < count)
		tell_list(teller, &score->list.chosen, count, score->kept[score->list.chosen].id, ACTION_NONE);
	if (teller->part == TELL_ALL) {
		tell_model(app, teller);
		if (score->typing)
			tell(teller, "Type a review and press Enter. A line that begins with a colon is a command; an empty line ends "
			     "typing.");
	}
	tell_box(app, score, teller);
	for (uint64_t i = range.first; !box && i < range.end; i++)
		tell_kept(app, score, i, teller);
}
