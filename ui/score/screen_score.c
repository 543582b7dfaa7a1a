/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Score: a text that is edited by readline, and a bar for every label that follows each key. Enter keeps
 * the review in the list below and begins another. */
#include "ui/app.h"
#include "ui/score/score.h"
#include "ui/score_bars.h"
#include "ui/terminal/key.h"

#include <inttypes.h>
#include <stdlib.h>

/* The text */

static void score_take_text(struct score_state *score, struct span text)
{
	char *copy = malloc(text.size + 1);

	if (!copy)
		return;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	free(score->text);
	score->text = copy;
	score->size = text.size;
}

/* Puts the cursor into the box, which holds `text` then. */
static void score_begin(struct app *app, struct score_state *score, const char *text)
{
	char *initial = strdup(text);

	line_begin(app->line, &(struct line_options){.prompt = "", .initial = initial, .history = LINE_HISTORY_REVIEW});
	free(initial);
	score->typing = true;
	score->words.choosing = false;
	if (score->words.struck_count > 0) {
		score_words_restore(&score->words);
		score_post(app, score, true);
	}
	score_post(app, score, false);
}

static void score_leave(struct app *app, struct score_state *score)
{
	score_take_text(score, line_text(app->line));
	line_cancel(app->line);
	score->typing = false;
}

static void score_take_words(struct app *app, struct score_state *score)
{
	const struct scoring *scoring = &app->session.scoring;

	if (score->words_taken == scoring->words_taken)
		return;
	score->words_taken = scoring->words_taken;
	score_words_take(&score->words, &scoring->words.attribution);
}

static void score_wake(struct app *app, void *state)
{
	struct score_state *score = state;

	score_take_lesson(app, score);
	if (!app->session.scoring.scorer)
		return;
	if (score_rival_wake(app, score))
		score_post(app, score, true);
	score_take_words(app, score);
	score_use_model(app, score);
	score_take_kept(app, score);
	score_ask_kept(app, score);
	if (app->screen == SCREEN_SCORE && score->model_generation != app->session.scoring.model_generation)
		score_post(app, score, true);
}

/* Drawing */

static void score_draw_facts(struct app *app, const struct score_state *score, struct rect rect)
{
	const struct score_place *place = &app->session.scoring.places[SCORE_TYPED];
	const bool stale = scoring_is_asked(&app->session.scoring, SCORE_TYPED);
	const char *search = score->typing ? line_prompt(app->line) : "";
	int column = draw_text(app->terminal, rect, 0, 0, search, STYLE_TITLE);

	if (!app->session.scoring.scorer) {
		draw_text(app->terminal, rect, 0, column, session_is_loading(&app->session) ? "loading the model..."
		          : app->session.model_error.kind ? messages_words(app->session.model_error.text).text
		          : "no model is loaded: press Esc, then m", STYLE_DIM);
		return;
	}
	if (place->got == 0 || score_text(app, score).size == 0)
		return;
	if (place->score.label < 0) {
		draw_text(app->terminal, rect, 0, column, place->error.text, STYLE_ERROR);
		return;
	}
	column += draw_format(app->terminal, rect, 0, column, STYLE_DIM, "%" PRId64 " tokens", place->tokens_whole);
	if (place->score.windows > 1)
		column += draw_format(app->terminal, rect, 0, column, STYLE_DIM, " in %" PRId32 " windows", place->score.windows);
	if (place->score.truncated)
		column += draw_format(app->terminal, rect, 0, column, STYLE_ERROR, ", the model sees %" PRId32,
		                      place->score.tokens_read);
	draw_format(app->terminal, rect, 0, column, STYLE_DIM, ", %.*f ms%s", place->seconds < 0.001 ? 2 : 1,
	            1000 * place->seconds, stale ? ", scoring..." : "");
}

static void score_draw_bars(struct app *app, const struct score_state *score, struct rect rect)
{
	const struct score_place *place = &app->session.scoring.places[SCORE_TYPED];

	if (score_text(app, score).size == 0 || !app->session.scoring.model || !place->got || place->score.label < 0)
		return;
	if (app->presenting)
		score_bars_draw_large(app->terminal, rect, app->session.scoring.model, place->score.scores, place->score.label);
	else if (score_rival_draws(score))
		score_draw_rival(app, score, rect);
	else
		score_bars_draw(app->terminal, rect, app->session.scoring.model, place->score.scores, place->score.label,
		                scoring_is_asked(&app->session.scoring, SCORE_TYPED) ? STYLE_DIM : STYLE_FIRST);
}

/* The glyphs that do not count, in what is shown. */
static struct text_span score_unread(const struct app *app, const struct score_state *score, const struct scrubbed *text)
{
	const struct score_place *place = &app->session.scoring.places[SCORE_TYPED];
	struct score shown = place->score;

	if (!place->got || !shown.truncated || scoring_is_asked(&app->session.scoring, SCORE_TYPED))
		return (struct text_span){0, 0, STYLE_DIM};
	shown.unread_from = (uint32_t)score_words_shown_at(&score->words, score_words_whole_at(&score->words, shown.unread_from));
	shown.unread_to = (uint32_t)score_words_shown_at(&score->words, score_words_whole_at(&score->words, shown.unread_to));
	return score_bars_unread(text, &shown);
}

static void score_draw_text(struct app *app, const struct score_state *score, struct rect rect, struct span shown)
{
	struct scrubbed text = {0};
	struct text_lines lines = {0};
	size_t row, top;
	int column;

	if (scrub_text(&text, shown, terminal_scrub(app->terminal, SCRUB_NEWLINE_KEEP))
	    && text_wrap(&lines, &text, rect.columns)) {
		const struct score_words *words = &score->words;
		const size_t chosen = words->choosing && words->chosen < words->count
		                              ? score_words_shown_at(words, words->words[words->chosen].from) : shown.size;
		const size_t point = text_glyph_at(&text, score->typing ? line_point(app->line) : chosen);

		text_locate(&lines, &text, point, rect.columns, &row, &column);
		top = row >= (size_t)rect.rows ? row - (size_t)rect.rows + 1 : 0;
		score_style_words(score, &text, &lines, score_unread(app, score, &text));
		draw_wrapped(app->terminal, rect, &text, &lines, top);
		if (score->typing)
			terminal_cursor(app->terminal, rect.y + (int)(row - top), rect.x + column);
	}
	scrubbed_free(&text);
	text_lines_free(&lines);
}

static void score_draw_box(struct app *app, const struct score_state *score, struct rect rect)
{
	const struct span typed = score_text(app, score);
	char *shown = score->words.struck_count > 0 ? score_words_shown(&score->words) : NULL;

	score_draw_text(app, score, rect, shown ? span_of(shown) : typed);
	if (typed.size == 0 && !score->typing)
		draw_text(app->terminal, rect, 0, 0, "(press i and type or paste a review)", STYLE_DIM);
	free(shown);
}

static struct layout_score score_layout(const struct app *app, const struct score_state *score, struct rect body)
{
	const struct model *model = app->session.scoring.model;

	return app->presenting ? layout_score_presented(body)
	                       : layout_score(body, (model ? model_config(model)->num_labels : 1) + (score_rival_draws(score) ? 1 : 0));
}

static void score_settle(struct app *app, void *state, struct rect body)
{
	struct score_state *score = state;

	score->page = score_layout(app, score, body).list.rows;
	list_settle(&score->list, (uint64_t)score->kept_count, score->page);
	if (score->pane != SCORE_KEPT_LIST)
		list_settle(&score->pane_list, score_pane_count(app, score), score->page);
}

/* Both the text and the kept reviews have the scores of one model: where another comes they are scored anew. */
static void score_draw_rules(struct app *app, const struct score_state *score, struct layout_score layout)
{
	const struct model *model = app->session.scoring.model;
	char name[WIDGET_NAME_MAX], title[WIDGET_NAME_MAX + 32];

	app_path_name(app, model ? model_folder(model) : "no model", layout.title.columns - 18, name);
	snprintf(title, sizeof title, "Review for %s", name);
	draw_rule(app->terminal, layout.title, 0, title);
	if (score->pane != SCORE_KEPT_LIST) {
		score_pane_title(app, score, title, sizeof title);
		draw_rule(app->terminal, layout.rule, 0, title);
		return;
	}
	app_path_name(app, model ? model_folder(model) : "no model", layout.rule.columns - 22, name);
	snprintf(title, sizeof title, model ? "Kept, scored by %s" : "Kept", name);
	draw_rule(app->terminal, layout.rule, 0, title);
}

static void score_draw(struct app *app, void *state, struct rect body)
{
	const struct score_state *score = state;
	const struct layout_score layout = score_layout(app, score, body);

	score_draw_box(app, score, layout.text);
	if (app->presenting) {
		score_draw_bars(app, score, layout.bars);
		return;
	}
	score_draw_facts(app, score, layout.facts);
	score_draw_bars(app, score, layout.bars);
	score_draw_rules(app, score, layout);
	if (score->pane == SCORE_KEPT_LIST)
		score_draw_kept(app, score, layout.list);
	else
		score_draw_pane(app, score, layout.list);
}

/* Keys and actions */

static void score_keep_typed(struct app *app, struct score_state *score, const char *text)
{
	if (score_keep(app, score, text))
		line_remember(app->line, LINE_HISTORY_REVIEW, text);
}

/* Enter keeps the review and begins another. */
static void score_edit(struct app *app, struct score_state *score, int key)
{
	const enum line_state state = line_key(app->line, key);

	if (state == LINE_EDITING)
		return;
	if (state == LINE_ACCEPTED && *line_result(app->line))
		score_keep_typed(app, score, line_result(app->line));
	score_take_text(score, (struct span){"", 0});
	score->typing = state == LINE_ACCEPTED;
	if (score->typing)
		line_begin(app->line, &(struct line_options){.prompt = "", .history = LINE_HISTORY_REVIEW});
	score_wake(app, score);
}

static bool score_key(struct app *app, void *state, int key)
{
	struct score_state *score = state;

	if (!score->typing)
		return false;
	if (key == UI_KEY_ESCAPE || app_means_action(app, key)) {
		score_leave(app, score);
		score->helping = action_for_key(IN_SCORE, key) == ACTION_HELP;
		return key == UI_KEY_ESCAPE;
	}
	if (key != UI_KEY_PASTE)
		score_edit(app, score, key);
	score_post(app, score, false);
	return true;
}

static void score_take_back(struct app *app, struct score_state *score)
{
	if (score->list.chosen >= (uint64_t)score->kept_count)
		app_say(app, "no review was kept yet");
	else
		score_begin(app, score, score->kept[score->list.chosen].text);
}

/* In the list that is shown. */
static bool score_move(struct app *app, struct score_state *score, enum action action)
{
	if (score->pane == SCORE_KEPT_LIST)
		return list_move(&score->list, action, (uint64_t)score->kept_count, score->page);
	if (!list_move(&score->pane_list, action, score_pane_count(app, score), score->page))
		return false;
	score_pane_moved(score);
	return true;
}

static bool score_action(struct app *app, void *state, enum action action, const char *argument)
{
	struct score_state *score = state;

	if (score_words_action(app, score, action, argument))
		return true;
	switch (action) {
	case ACTION_EDIT_TEXT:
		if (!score->typing)
			score_begin(app, score, score->text ? score->text : "");
		return true;
	case ACTION_TAKE_BACK:
		score_take_back(app, score);
		return true;
	case ACTION_CLEAR_LIST:
		score_ask_forget(app, score);
		return true;
	case ACTION_NOTE:
		score_note(app, score, argument);
		return true;
	case ACTION_EXPECT:
		score_expect(app, score, argument);
		return true;
	case ACTION_LESSON:
		score_open_lesson(app, score, argument);
		return true;
	case ACTION_SAVE_LESSON:
		score_save_lesson(app, score, argument);
		return true;
	case ACTION_COMPARE:
		score_compare(app, score, argument);
		return true;
	default:
		return score_move(app, score, action);
	}
}

static bool score_offers(const struct app *app, const void *state, enum action action)
{
	const struct score_state *score = state;

	(void)app;
	if (action == ACTION_STRIKE)
		return score->words.choosing;
	return action != ACTION_TAKE_BACK || score->kept_count > 0;
}

static void score_open(struct app *app, void *state)
{
	score_action(app, state, ACTION_EDIT_TEXT, "");
}

/* Who goes back by q means the next q as a key, not as a letter of the review. */
static void score_show(struct app *app, void *state)
{
	struct score_state *score = state;

	if (score->helping)
		score_open(app, score);
	score->helping = false;
	score_wake(app, score); /* the model may be another since the screen was left */
}

static unsigned score_context(const struct app *app, const void *state)
{
	(void)app;
	(void)state;
	return IN_SCORE;
}

/* Where histories are kept, the text goes there instead. */
static const char *score_loses(const struct app *app, const void *state)
{
	const struct score_state *score = state;

	if (score_text(app, score).size > 0 && !line_keeps_histories(app->line))
		return "the review that is typed on the Score screen";
	if (score_has_unsaved_notes(app, score))
		return "notes or labels of kept reviews (:save-lesson)";
	return score_is_unsaved(app, score) && !line_keeps_histories(app->line) ? "the reviews kept on the Score screen" : NULL;
}

static bool score_keep_text(struct app *app, void *state)
{
	struct score_state *score = state;

	if (score->typing)
		score_leave(app, score);
	if (score->size == 0 || !line_keeps_histories(app->line))
		return false;
	line_remember(app->line, LINE_HISTORY_REVIEW, score->text);
	return true;
}

static void score_close(void *state)
{
	struct score_state *score = state;

	score_forget(score);
	score_words_free(&score->words);
	score_rival_close(&score->rival);
	job_let_go(&score->file_job);
	free(score->lesson_path);
	free(score->text);
}

static bool score_busy(const struct app *app, const void *state)
{
	const struct score_state *score = state;

	(void)app;
	return score->rival.job || score->file_job || scoring_is_asked(&score->rival.scoring, SCORE_TYPED);
}

const struct view screen_score = {
	.title = "Score",
	.state_size = sizeof(struct score_state),
	.show = score_show,
	.open = score_open,
	.context = score_context,
	.draw = score_draw,
	.settle = score_settle,
	.action = score_action,
	.offers = score_offers,
	.key = score_key,
	.wake = score_wake,
	.busy = score_busy,
	.loses = score_loses,
	.keep = score_keep_text,
	.close = score_close,
};
