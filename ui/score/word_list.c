/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the words of the text count: their colours, and the list of them by number. What speaks for the label and what against
 * it differ by more than their colours: bold and underlined or reversed where there are none, and by their signs here. */
#include "ui/score/score.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define WEIGHT_COLUMNS 10
#define BAR_COLUMNS 12
#define ERROR_SHOWN 0.001

static enum style style_of(int level)
{
	return level == 2    ? STYLE_FOR_MUCH
	       : level == 1  ? STYLE_FOR
	       : level == -1 ? STYLE_AGAINST
	       : level == -2 ? STYLE_AGAINST_MUCH
	                     : STYLE_NORMAL;
}

static struct text_span span_at(const struct score_words *words, const struct scrubbed *text, size_t index, enum style style)
{
	const struct scored_word *word = &words->words[index];
	const size_t opening = word->struck ? 1 : 0; /* its bracket */
	const size_t from = text_glyph_at(text, score_words_shown_at(words, word->from) - opening);
	const size_t to = text_glyph_at(text, score_words_shown_at(words, word->to));

	return (struct text_span){from, to > from ? to - from : 0, (int)style};
}

void score_style_words(const struct score_state *score, const struct scrubbed *text, struct text_lines *lines,
                       struct text_span unread)
{
	const struct score_words *words = &score->words;
	struct text_span *spans = calloc(words->count + 2, sizeof *spans);
	size_t count = 0;

	if (!spans)
		return;
	for (size_t i = 0; i < words->count; i++) {
		const int level = score_words_level(words, i);

		if (words->words[i].struck || level != 0)
			spans[count++] = span_at(words, text, i, words->words[i].struck ? STYLE_DIM : style_of(level));
	}
	if (unread.length > 0)
		spans[count++] = unread;
	if (words->choosing && !score->typing && words->chosen < words->count)
		spans[count++] = span_at(words, text, words->chosen, STYLE_SELECTED);
	text_style(lines, text, spans, count);
	free(spans);
}

/* Completeness: what the sum of the words misses. Less than is shown of a weight is nothing. */
static void spell_error(const struct score_words *words, char out[32])
{
	const double error = fabs(words->error);

	if (words->method == ATTRIBUTION_EXACT)
		snprintf(out, 32, "exact");
	else if (error < ERROR_SHOWN)
		snprintf(out, 32, "gradients, error < %g", ERROR_SHOWN);
	else
		snprintf(out, 32, "gradients, error %.2g", error);
}

/* "+ for, - against negative: 0.387 = 0.100 + words; gradients, error < 0.001" */
void score_pane_title(const struct app *app, const struct score_state *score, char *title, size_t capacity)
{
	const struct score_words *words = &score->words;
	const struct model *model = app->session.scoring.model;
	char error[32];
	const char *label = model && words->there && words->label >= 0 && words->label < model_config(model)->num_labels
	                            ? model_label(model, words->label) : "";

	spell_error(words, error);
	if (score->pane == SCORE_TOKEN_LIST)
		snprintf(title, capacity, "Tokens");
	else if (!words->there || words->count == 0 || !*label)
		snprintf(title, capacity, "Words");
	else if (words->method == ATTRIBUTION_OCCLUSION)
		snprintf(title, capacity, "+ for, - against %.40s: %.3f, less when masked", label, words->logit);
	else
		snprintf(title, capacity, "+ for, - against %.40s: %.3f = %.3f + words; %s", label, words->logit, words->bias, error);
}

static void draw_word(struct app *app, const struct score_words *words, struct rect rect, int row, size_t place, size_t index,
                      bool chosen)
{
	const struct scored_word *word = &words->words[index];
	const struct span text = {words->text + word->from, word->to - word->from};
	const enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
	const double share = words->greatest > 0 && !word->struck ? fabs(word->weight) / words->greatest : 0;

	if (chosen)
		draw_fill(app->terminal, rect, row, 0, style);
	draw_format(app->terminal, rect, row, 0, style, "%4zu", place + 1);
	if (word->struck)
		draw_text(app->terminal, rect, row, 5, "  struck out", style);
	else
		draw_format(app->terminal, rect, row, 5, style, "%+9.3f", word->weight);
	if (!chosen)
		draw_bar(app->terminal, rect, row, 5 + WEIGHT_COLUMNS + 1, BAR_COLUMNS, share > 1 ? 1 : share,
		         word->weight < 0 ? STYLE_AGAINST : STYLE_FOR);
	draw_span(app->terminal, rect, row, 5 + WEIGHT_COLUMNS + BAR_COLUMNS + 3, 0, text, style);
}

static void draw_words(struct app *app, const struct score_state *score, struct rect rect)
{
	const struct score_words *words = &score->words;
	size_t *order = calloc(words->count + 1, sizeof *order);

	if (!order)
		return;
	score_words_rank(words, order);
	for (int row = 0; row < rect.rows && score->pane_list.top + (uint64_t)row < words->count; row++) {
		const size_t place = (size_t)score->pane_list.top + (size_t)row;

		draw_word(app, words, rect, row, place, order[place], !score->typing && place == score->pane_list.chosen);
	}
	free(order);
}

/* Tokens */

#define TOKENS_SHOWN 4096

/* The ids of the text that is scored, [CLS] and [SEP] included. Allocated; NULL: none. */
static int32_t *find_tokens(const struct app *app, const struct score_state *score, int32_t *count, uint32_t **ends)
{
	const struct model *model = app->session.scoring.model;
	char *left = model && model_has_network(model) && score->words.text ? score_words_left(&score->words) : NULL;
	int32_t *ids = left ? calloc(TOKENS_SHOWN, sizeof *ids) : NULL;

	*ends = ids ? calloc(TOKENS_SHOWN, sizeof **ends) : NULL;
	*count = *ends ? tokenizer_encode(model_tokenizer(model), span_of(left), TOKENS_SHOWN, ids, *ends, NULL) : 0;
	free(left);
	return ids;
}

static void draw_tokens(struct app *app, const struct score_state *score, struct rect rect)
{
	const struct score *read = &app->session.scoring.places[SCORE_TYPED].score;
	uint32_t *ends = NULL;
	int32_t count, *ids = find_tokens(app, score, &count, &ends);

	if (count == 0)
		draw_text(app->terminal, rect, 0, 0, "this model reads words, not tokens", STYLE_DIM);
	for (int row = 0; row < rect.rows && (int32_t)score->pane_list.top + row < count; row++) {
		const int32_t place = (int32_t)score->pane_list.top + row;
		const bool special = place == 0 || place + 1 == count;
		const bool unread = read->truncated && !special && ends[place] > read->unread_from && ends[place] <= read->unread_to;
		const bool chosen = !score->typing && (uint64_t)place == score->pane_list.chosen;
		const enum style style = chosen ? STYLE_SELECTED : unread ? STYLE_DIM : STYLE_NORMAL;

		if (chosen)
			draw_fill(app->terminal, rect, row, 0, style);
		draw_format(app->terminal, rect, row, 0, style, "%5" PRId32 " %8" PRId32 "  %s%s", place + 1, ids[place],
		            tokenizer_piece(model_tokenizer(app->session.scoring.model), ids[place]), unread ? "  not read" : "");
	}
	free(ids);
	free(ends);
}

uint64_t score_pane_count(const struct app *app, const struct score_state *score)
{
	uint32_t *ends = NULL;
	int32_t count = 0;

	if (score->pane == SCORE_WORD_LIST)
		return score->words.count;
	free(find_tokens(app, score, &count, &ends));
	free(ends);
	return (uint64_t)count;
}

void score_draw_pane(struct app *app, const struct score_state *score, struct rect rect)
{
	if (score->pane == SCORE_WORD_LIST)
		draw_words(app, score, rect);
	else
		draw_tokens(app, score, rect);
}

/* Actions */

/* The chosen word stands out in the text as in the list. */
void score_pane_moved(struct score_state *score)
{
	size_t *order = score->pane == SCORE_WORD_LIST ? calloc(score->words.count + 1, sizeof *order) : NULL;

	if (!order || score->words.count == 0) {
		free(order);
		return;
	}
	score_words_rank(&score->words, order);
	score->words.chosen = order[score->pane_list.chosen < score->words.count ? score->pane_list.chosen : 0];
	score->words.choosing = true;
	free(order);
}

static void follow_word(struct score_state *score)
{
	size_t *order = score->pane == SCORE_WORD_LIST ? calloc(score->words.count + 1, sizeof *order) : NULL;

	if (!order)
		return;
	score_words_rank(&score->words, order);
	for (size_t i = 0; i < score->words.count; i++)
		if (order[i] == score->words.chosen)
			score->pane_list.chosen = i;
	free(order);
}

static void show_pane(struct score_state *score, enum score_pane pane)
{
	score->pane = score->pane == pane ? SCORE_KEPT_LIST : pane;
	score->pane_list = (struct list){0};
}

static void move_word(struct app *app, struct score_state *score, int by)
{
	if (!score_words_move(&score->words, by))
		app_say(app, "there is no word whose weight is known");
	follow_word(score);
}

static void strike_word(struct app *app, struct score_state *score)
{
	if (!score_words_strike(&score->words)) {
		app_say(app, "go to a word first, with Left or Right");
		return;
	}
	score_post(app, score, true);
	follow_word(score);
}

static void explain_label(struct app *app, struct score_state *score, const char *name)
{
	const struct model *model = app->session.scoring.model;
	const int32_t label = model && *name ? model_find_label(model, span_of(name)) : -1;
	struct error error = {0};

	if (*name && label < 0) {
		error_set(&error, ERROR_USAGE, model ? "the model has no label \"%.60s\"" : "no model is loaded", name);
		app_complain(app, &error);
		return;
	}
	score->explained = label + 1;
	score_post(app, score, true);
}

bool score_words_action(struct app *app, struct score_state *score, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_WEIGHTS:
		show_pane(score, SCORE_WORD_LIST);
		return true;
	case ACTION_TOKENS:
		show_pane(score, SCORE_TOKEN_LIST);
		return true;
	case ACTION_WORD_LEFT:
		move_word(app, score, -1);
		return true;
	case ACTION_WORD_RIGHT:
		move_word(app, score, 1);
		return true;
	case ACTION_STRIKE:
		strike_word(app, score);
		return true;
	case ACTION_EXPLAIN:
		explain_label(app, score, argument);
		return true;
	default:
		return false;
	}
}
