/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Score: a text that is edited by readline, and a bar for every label that follows each key. Enter keeps
 * the review in the list below and begins another. */
#include "ui/app.h"
#include "ui/key.h"
#include "ui/score_bars.h"

#include <inttypes.h>
#include <stdlib.h>

#define NAME_COLUMNS 16
#define KEPT_MAX 1000

struct kept_review {
	uint64_t id; /* counts from 1 */
	char *text;
	bool pending;  /* its score has not come */
	int32_t label; /* -1: there is none */
	float score;
	char name[64]; /* of the label */
};

struct score_state {
	bool typing;
	bool helping; /* the help page was asked for while typing, which then goes on */
	char *text; /* what stands in the box; while typing readline has it */
	size_t size;
	uint64_t model_generation; /* that has been asked to score it */
	uint64_t kept_generation;  /* of the model that the kept reviews are scored by */

	uint64_t last_id, asked; /* ids: of the newest kept review, of the one being scored or 0 */
	uint64_t asked_generation; /* of the model that was asked */

	struct kept_review kept[KEPT_MAX];
	int kept_count;
	struct list list;
	int page;
};

/* The text */

static struct span score_text(const struct app *app, const struct score_state *score)
{
	if (score->typing)
		return line_text(app->line);
	return (struct span){score->text ? score->text : "", score->size};
}

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

static void score_post(struct app *app, struct score_state *score)
{
	score->model_generation = app->session.scoring.model_generation;
	scoring_ask(&app->session.scoring, SCORE_TYPED, score_text(app, score));
}

/* Puts the cursor into the box, which holds `text` then. */
static void score_begin(struct app *app, struct score_state *score, const char *text)
{
	char *initial = strdup(text);

	line_begin(app->line, &(struct line_options){.prompt = "", .initial = initial, .history = LINE_HISTORY_REVIEW});
	free(initial);
	score->typing = true;
	score_post(app, score);
}

static void score_leave(struct app *app, struct score_state *score)
{
	score_take_text(score, line_text(app->line));
	line_cancel(app->line);
	score->typing = false;
}

/* The list */

static void score_fill(const struct app *app, struct kept_review *kept, enum score_client client)
{
	const struct score_place *place = &app->session.scoring.places[client];

	kept->pending = false;
	kept->label = place->score.label;
	kept->score = place->score.score;
	if (score_labels(app->session.scoring.model, &place->score, ", ", kept->name, sizeof kept->name) == 0)
		snprintf(kept->name, sizeof kept->name, "-");
}

static void score_keep(struct app *app, struct score_state *score, const char *text)
{
	const struct scoring *scoring = &app->session.scoring;
	struct kept_review kept = {.text = strdup(text), .label = -1, .pending = true, .id = ++score->last_id};

	if (!kept.text)
		return;
	if (scoring->scorer && scoring->places[SCORE_TYPED].got && !scoring_is_asked(scoring, SCORE_TYPED))
		score_fill(app, &kept, SCORE_TYPED);
	if (score->kept_count == KEPT_MAX)
		free(score->kept[--score->kept_count].text);
	memmove(score->kept + 1, score->kept, (size_t)score->kept_count * sizeof *score->kept);
	score->kept[0] = kept;
	score->kept_count++;
	score->list = (struct list){0};
	line_remember(app->line, LINE_HISTORY_REVIEW, text);
}

/* Takes the score of the kept review that was asked for. */
static void score_take_kept(struct app *app, struct score_state *score)
{
	if (score->asked_generation != app->session.scoring.model_generation)
		score->asked = 0;
	if (!score->asked || scoring_is_asked(&app->session.scoring, SCORE_KEPT))
		return;
	for (int i = 0; i < score->kept_count; i++) {
		if (score->kept[i].id == score->asked)
			score_fill(app, &score->kept[i], SCORE_KEPT);
	}
	score->asked = 0;
}

/* Asks for the score of the oldest kept review that has none. */
static void score_ask_kept(struct app *app, struct score_state *score)
{
	for (int i = score->kept_count - 1; i >= 0 && !score->asked; i--) {
		if (!score->kept[i].pending)
			continue;
		score->asked = score->kept[i].id;
		score->asked_generation = app->session.scoring.model_generation;
		scoring_ask(&app->session.scoring, SCORE_KEPT, span_of(score->kept[i].text));
	}
}

/* Another model: what was kept is scored again, so that the list never mixes two. */
static void score_use_model(struct app *app, struct score_state *score)
{
	if (score->kept_generation == app->session.scoring.model_generation)
		return;
	score->kept_generation = app->session.scoring.model_generation;
	for (int i = 0; i < score->kept_count; i++) {
		score->kept[i].pending = true;
		score->kept[i].label = -1;
	}
}

static void score_wake(struct app *app, void *state)
{
	struct score_state *score = state;

	if (!app->session.scoring.scorer)
		return;
	score_use_model(app, score);
	score_take_kept(app, score);
	score_ask_kept(app, score);
	if (app->screen == SCREEN_SCORE && score->model_generation != app->session.scoring.model_generation)
		score_post(app, score);
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
		          : app->session.model_error.kind ? app->session.model_error.text
		          : "no model is loaded: press Esc, then m", STYLE_DIM);
		return;
	}
	if (place->got == 0 || score_text(app, score).size == 0)
		return;
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

	if (score_text(app, score).size == 0 || !app->session.scoring.model || !place->got)
		return;
	if (app->presenting)
		score_bars_draw_large(app->terminal, rect, app->session.scoring.model, place->score.scores, place->score.label);
	else
		score_bars_draw(app->terminal, rect, app->session.scoring.model, place->score.scores, place->score.label,
		                scoring_is_asked(&app->session.scoring, SCORE_TYPED) ? STYLE_DIM : STYLE_FIRST);
}

static void score_draw_box(struct app *app, const struct score_state *score, struct rect rect)
{
	const struct score_place *place = &app->session.scoring.places[SCORE_TYPED];
	const struct span typed = score_text(app, score);
	struct scrubbed text = {0};
	struct text_lines lines = {0};
	size_t row, top;
	int column;

	if (scrub_text(&text, typed, terminal_scrub(app->terminal, SCRUB_NEWLINE_KEEP))
	    && text_wrap(&lines, &text, rect.columns)) {
		const size_t point = text_glyph_at(&text, score->typing ? line_point(app->line) : typed.size);

		text_locate(&lines, &text, point, rect.columns, &row, &column);
		top = row >= (size_t)rect.rows ? row - (size_t)rect.rows + 1 : 0;
		if (place->got && place->score.truncated && !scoring_is_asked(&app->session.scoring, SCORE_TYPED))
			text_style(&lines, &text, (struct text_span[]){score_bars_unread(&text, &place->score)}, 1);
		draw_wrapped(app->terminal, rect, &text, &lines, top);
		if (score->typing)
			terminal_cursor(app->terminal, rect.y + (int)(row - top), rect.x + column);
	}
	if (typed.size == 0 && !score->typing)
		draw_text(app->terminal, rect, 0, 0, "(press i and type or paste a review)", STYLE_DIM);
	scrubbed_free(&text);
	text_lines_free(&lines);
}

static void score_draw_list(struct app *app, const struct score_state *score, struct rect rect)
{
	for (int row = 0; row < rect.rows && (int)score->list.top + row < score->kept_count; row++) {
		const struct kept_review *kept = &score->kept[(int)score->list.top + row];
		const bool chosen = !score->typing && (uint64_t)row + score->list.top == score->list.chosen;
		const enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;

		if (chosen)
			draw_fill(app->terminal, rect, row, 0, style);
		if (kept->label >= 0) {
			draw_span(app->terminal, rect, row, 0, NAME_COLUMNS - 1, span_of(kept->name), style);
			draw_format(app->terminal, rect, row, NAME_COLUMNS, style, "%6.2f %%", 100 * (double)kept->score);
		}
		draw_text(app->terminal, rect, row, NAME_COLUMNS + 10, kept->text, style);
	}
}

static struct layout_score score_layout(const struct app *app, struct rect body)
{
	const struct model *model = app->session.scoring.model;

	return app->presenting ? layout_score_presented(body) : layout_score(body, model ? model_config(model)->num_labels : 1);
}

static void score_settle(struct app *app, void *state, struct rect body)
{
	struct score_state *score = state;

	score->page = score_layout(app, body).list.rows;
	list_settle(&score->list, (uint64_t)score->kept_count, score->page);
}

/* Both the text and the kept reviews have the scores of one model: where another comes they are scored anew. */
static void score_draw_rules(struct app *app, struct layout_score layout)
{
	const struct model *model = app->session.scoring.model;
	char name[WIDGET_NAME_MAX], title[WIDGET_NAME_MAX + 32];

	app_path_name(app, model ? model_folder(model) : "no model", layout.title.columns - 18, name);
	snprintf(title, sizeof title, "Review for %s", name);
	draw_rule(app->terminal, layout.title, 0, title);
	app_path_name(app, model ? model_folder(model) : "no model", layout.rule.columns - 22, name);
	snprintf(title, sizeof title, model ? "Kept, scored by %s" : "Kept", name);
	draw_rule(app->terminal, layout.rule, 0, title);
}

static void score_draw(struct app *app, void *state, struct rect body)
{
	const struct score_state *score = state;
	const struct layout_score layout = score_layout(app, body);

	score_draw_box(app, score, layout.text);
	if (app->presenting) {
		score_draw_bars(app, score, layout.bars);
		return;
	}
	score_draw_facts(app, score, layout.facts);
	score_draw_bars(app, score, layout.bars);
	score_draw_rules(app, layout);
	score_draw_list(app, score, layout.list);
}

/* Keys and actions */

/* Enter keeps the review and begins another. */
static void score_edit(struct app *app, struct score_state *score, int key)
{
	const enum line_state state = line_key(app->line, key);

	if (state == LINE_EDITING)
		return;
	if (state == LINE_ACCEPTED && *line_result(app->line))
		score_keep(app, score, line_result(app->line));
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
	score_post(app, score);
	return true;
}

static void score_take_back(struct app *app, struct score_state *score)
{
	if (score->list.chosen >= (uint64_t)score->kept_count)
		app_say(app, "no review was kept yet");
	else
		score_begin(app, score, score->kept[score->list.chosen].text);
}

static void score_forget(struct score_state *score)
{
	while (score->kept_count > 0)
		free(score->kept[--score->kept_count].text);
	score->list = (struct list){0};
}

static bool score_action(struct app *app, void *state, enum action action, const char *argument)
{
	struct score_state *score = state;

	(void)argument;
	switch (action) {
	case ACTION_EDIT_TEXT:
		if (!score->typing)
			score_begin(app, score, score->text ? score->text : "");
		return true;
	case ACTION_TAKE_BACK:
		score_take_back(app, score);
		return true;
	case ACTION_CLEAR_LIST:
		score_forget(score);
		return true;
	default:
		return list_move(&score->list, action, (uint64_t)score->kept_count, score->page);
	}
}

static bool score_offers(const struct app *app, const void *state, enum action action)
{
	const struct score_state *score = state;

	(void)app;
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

	return score_text(app, score).size > 0 && !line_keeps_histories(app->line) ? "the review that is typed on the Score screen" : NULL;
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
	free(score->text);
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
	.loses = score_loses,
	.keep = score_keep_text,
	.close = score_close,
};
