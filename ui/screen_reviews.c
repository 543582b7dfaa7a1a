/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reviews: a table of any size, the whole chosen review below it with its scores, dim where the
 * model does not see it any more. */
#include "engine/words.h"
#include "ui/app.h"
#include "ui/key.h"
#include "ui/review_columns.h"
#include "ui/review_scores.h"
#include "ui/score_bars.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct reviews_state {
	bool ready;
	struct list list;
	struct review_list rows;
	struct review_scores scores;
	struct row *row;     /* scratch for drawing */
	uint64_t generation; /* of the dataset */
	int page;            /* rows of the table in the last frame */

	uint64_t detail;     /* index in the list + 1 of the review below; 0: none */
	int detail_columns;
	size_t detail_top, detail_rows; /* lines: the first that is seen, how many there is room for */
	struct scrubbed text;
	struct text_lines lines;
	size_t match, match_end; /* glyphs of what was searched for */
	enum row_status detail_status;
	uint64_t detail_line;
	bool whole;
};

/* Keeping up with the session */

static void reviews_attach(struct app *app, struct reviews_state *reviews)
{
	struct error ignored = {0};

	if (!reviews->ready) {
		review_list_init(&reviews->rows, app->session.jobs);
		review_scores_init(&reviews->scores);
		reviews->row = row_new(&ignored);
		reviews->ready = true;
	}
	if (reviews->generation == app->session.dataset_generation)
		return;
	reviews->generation = app->session.dataset_generation;
	review_list_attach(&reviews->rows, app->session.source);
	review_scores_forget(&reviews->scores);
	reviews->list = (struct list){0};
	reviews->detail = 0;
}

static void reviews_take_search(struct app *app, struct reviews_state *reviews)
{
	struct error error = {0};
	uint64_t index;
	bool found;

	if (!review_list_found(&reviews->rows, &index, &found, &error))
		return;
	if (error.kind) {
		app_complain(app, &error);
	} else if (found) {
		reviews->list.chosen = index;
		reviews->detail = 0;
		app_say(app, "found \"%s\"; n and N go on", reviews->rows.search.pattern);
	} else {
		app_say(app, "\"%s\" is not found", reviews->rows.search.pattern);
	}
}

/* Asks for the scores that can be seen and are missing, one at a time. */
static void reviews_score(struct app *app, struct reviews_state *reviews)
{
	review_scores_update(&reviews->scores, &app->session, &reviews->rows, reviews->row, reviews->list.chosen,
	                     reviews->list.top, (uint64_t)(reviews->page > 0 ? reviews->page : 0));
}

static void reviews_wake(struct app *app, void *state)
{
	struct reviews_state *reviews = state;
	struct error error = {0};

	reviews_attach(app, reviews);
	if (!review_list_update(&reviews->rows, &error))
		app_complain(app, &error);
	if (app->screen == SCREEN_REVIEWS)
		reviews_take_search(app, reviews);
}

static bool reviews_busy(const struct app *app, const void *state)
{
	const struct reviews_state *reviews = state;

	(void)app;
	return review_list_is_busy(&reviews->rows);
}

/* The table */

static void reviews_draw_header(struct app *app, const struct reviews_state *reviews, struct rect rect,
                                const struct review_columns *columns)
{
	draw_format(app->terminal, rect, 0, 0, STYLE_TITLE, "%*s", columns->number, "Row");
	if (columns->label)
		draw_text(app->terminal, rect, 0, columns->number + 1, "Label", STYLE_TITLE);
	if (columns->prediction)
		draw_text(app->terminal, rect, 0, columns->number + 1 + columns->label, "Prediction", STYLE_TITLE);
	if (reviews->rows.label)
		draw_format(app->terminal, rect, 0, columns->text, STYLE_TITLE, "Text (only %s)", reviews->rows.label);
	else if (review_list_is_part(&reviews->rows))
		draw_text(app->terminal, rect, 0, columns->text, "Text (some rows)", STYLE_TITLE);
	else
		draw_text(app->terminal, rect, 0, columns->text, "Text", STYLE_TITLE);
}

/* A prediction that is not the label is marked, not only coloured. */
static void reviews_draw_prediction(struct app *app, struct reviews_state *reviews, struct rect rect, int row,
                                    uint64_t index, int column, int width, enum style style)
{
	const struct review_score *seen = review_scores_find(&reviews->scores, index);
	const struct model *model = app->session.scoring.model;
	bool wrong;

	if (!model || !seen || seen->label < 0)
		return;
	wrong = dataset_label_column(app->session.dataset) >= 0 &&
	        review_scores_is_wrong(&reviews->scores, model, reviews->row, seen);
	if (wrong && style == STYLE_NORMAL)
		style = STYLE_ERROR;
	draw_span(app->terminal, rect, row, column, width - 6, span_of(seen->labels), style);
	draw_format(app->terminal, rect, row, column + width - 6, style, "%s%3.0f%%", wrong ? "!" : " ",
	            100.0 * (double)seen->score);
}

static void reviews_draw_row(struct app *app, struct reviews_state *reviews, struct rect rect, int row,
                             uint64_t index, const struct review_columns *columns)
{
	const enum style style = index == reviews->list.chosen ? STYLE_SELECTED : STYLE_NORMAL;
	const uint64_t number = review_list_row(&reviews->rows, index);
	struct error error = {0};

	if (style == STYLE_SELECTED)
		draw_fill(app->terminal, rect, row, 0, style);
	draw_format(app->terminal, rect, row, 0, style, "%*" PRIu64, columns->number, number + 1);
	if (!dataset_read(app->session.dataset, number, reviews->row, &error)) {
		draw_text(app->terminal, rect, row, columns->text, error.text, STYLE_ERROR);
		return;
	}
	if (columns->label)
		draw_span(app->terminal, rect, row, columns->number + 1, columns->label - 1, reviews->row->label, style);
	if (columns->prediction)
		reviews_draw_prediction(app, reviews, rect, row, index, columns->number + 1 + columns->label,
		                        columns->prediction, style);
	if (reviews->row->status == ROW_OK || reviews->row->status == ROW_NO_LABEL)
		draw_span(app->terminal, rect, row, columns->text, 0, reviews->row->text, style);
	else
		draw_format(app->terminal, rect, row, columns->text, style == STYLE_NORMAL ? STYLE_DIM : style,
		            "(not used: %s)", row_status_name(reviews->row->status));
}

static void reviews_draw_table(struct app *app, struct reviews_state *reviews, const struct layout_reviews *layout)
{
	const uint64_t count = review_list_count(&reviews->rows);
	struct review_columns columns;
	bool complete;

	columns = review_columns_for(&app->session, dataset_rows(app->session.dataset, &complete), layout->table.columns);
	reviews_draw_header(app, reviews, layout->header, &columns);
	for (int row = 0; row < layout->table.rows && reviews->list.top + (uint64_t)row < count; row++)
		reviews_draw_row(app, reviews, layout->table, row, reviews->list.top + (uint64_t)row, &columns);
	if (count == 0)
		draw_text(app->terminal, layout->table, 0, columns.text, complete ? "no reviews" : "reading...", STYLE_DIM);
}

/* The review below */

static void reviews_find_match(struct reviews_state *reviews)
{
	size_t start, end;

	reviews->match = reviews->match_end = SIZE_MAX;
	if (!search_find(&reviews->rows.search, reviews->row->text, 0, &start, &end))
		return;
	reviews->match = text_glyph_at(&reviews->text, start);
	reviews->match_end = text_glyph_at(&reviews->text, end);
}

/* A review begins with its first line, or where what was searched for can be seen. */
static void reviews_show_match(struct reviews_state *reviews, int columns, size_t rows)
{
	size_t row = 0;
	int column;

	if (reviews->match != SIZE_MAX)
		text_locate(&reviews->lines, &reviews->text, reviews->match, columns, &row, &column);
	reviews->detail_top = row < rows ? 0 : row - rows / 3;
}

static bool reviews_has_detail(const struct reviews_state *reviews, int columns)
{
	return reviews->detail == reviews->list.chosen + 1 && reviews->detail_columns == columns;
}

/* Reads and wraps the chosen review unless it is there already. */
static bool reviews_load_detail(struct app *app, struct reviews_state *reviews, int columns, size_t rows)
{
	const bool again = reviews->detail == reviews->list.chosen + 1;
	struct error error = {0};
	const uint64_t index = reviews->list.chosen;

	if (reviews_has_detail(reviews, columns))
		return true;
	if (index >= review_list_count(&reviews->rows)
	    || !dataset_read(app->session.dataset, review_list_row(&reviews->rows, index), reviews->row, &error)
	    || !scrub_text(&reviews->text, reviews->row->text, terminal_scrub(app->terminal, SCRUB_NEWLINE_KEEP))
	    || !text_wrap(&reviews->lines, &reviews->text, columns))
		return false;
	reviews->detail = index + 1;
	reviews->detail_columns = columns;
	reviews->detail_status = reviews->row->status;
	reviews->detail_line = reviews->row->line;
	reviews_find_match(reviews);
	if (!again)
		reviews_show_match(reviews, columns, rows);
	return true;
}

static bool reviews_has_scores(const struct reviews_state *reviews)
{
	return reviews->scores.detail == reviews->list.chosen + 1;
}

__attribute__((format(printf, 3, 4)))
static void title_add(char *title, size_t capacity, const char *format, ...)
{
	const size_t used = strlen(title);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(title + used, capacity - used, format, arguments);
	va_end(arguments);
}

/* "Row 7 of 377, line 9, 300 tokens, the model sees 256, 35 %": how far the text is seen */
static void reviews_draw_rule(struct app *app, const struct reviews_state *reviews, struct rect rect, size_t rows)
{
	char title[320] = "";
	bool complete;
	const uint64_t rows_read = dataset_rows(app->session.dataset, &complete);

	title_add(title, sizeof title, "Row %s of %s%s",
	          words_count(review_list_row(&reviews->rows, reviews->list.chosen) + 1).text, words_count(rows_read).text,
	          complete ? "" : " so far");
	if (review_list_is_part(&reviews->rows))
		title_add(title, sizeof title, " (%s of %s shown)", words_count(reviews->list.chosen + 1).text,
		          words_count(review_list_count(&reviews->rows)).text);
	if (reviews->detail_line > 0)
		title_add(title, sizeof title, ", line %" PRIu64, reviews->detail_line);
	if (reviews_has_scores(reviews))
		title_add(title, sizeof title, ", %s tokens", words_count((uint64_t)reviews->scores.tokens_whole).text);
	if (reviews_has_scores(reviews) && reviews->scores.read.windows > 1)
		title_add(title, sizeof title, " in %" PRId32 " windows", reviews->scores.read.windows);
	if (reviews_has_scores(reviews) && reviews->scores.read.truncated)
		title_add(title, sizeof title, ", the model sees %" PRId32, reviews->scores.read.tokens_read);
	if (reviews->lines.count > rows)
		title_add(title, sizeof title, ", %zu %%", 100 * (reviews->detail_top + rows) / reviews->lines.count);
	draw_rule(app->terminal, rect, 0, title);
}

static void reviews_draw_scores(struct app *app, const struct reviews_state *reviews, struct rect rect)
{
	const struct model *model = app->session.scoring.model;

	if (!model) {
		draw_text(app->terminal, rect, 0, 0, session_is_loading(&app->session) ? "loading the model..."
		          : app->session.model_error.kind ? app->session.model_error.text
		          : "no model is loaded: press m", STYLE_DIM);
		return;
	}
	if (!reviews_has_scores(reviews)) {
		draw_text(app->terminal, rect, 0, 0, reviews->detail_status == ROW_OK ? "scoring..." : "", STYLE_DIM);
		return;
	}
	score_bars_draw(app->terminal, rect, model, reviews->scores.scores, reviews->scores.label, STYLE_FIRST);
}

static void reviews_draw_detail(struct app *app, const struct reviews_state *reviews, const struct layout_reviews *layout)
{
	const size_t rows = (size_t)(layout->text.rows > 0 ? layout->text.rows : 0);

	if (!reviews_has_detail(reviews, layout->text.columns))
		return;
	reviews_draw_scores(app, reviews, layout->scores);
	reviews_draw_rule(app, reviews, layout->rule, rows);
	draw_wrapped(app->terminal, layout->text, &reviews->text, &reviews->lines, reviews->detail_top);
}

static struct layout_reviews reviews_layout(const struct app *app, const struct reviews_state *reviews,
                                            struct rect body)
{
	const struct model *model = app->session.scoring.model;

	return layout_reviews(body, model ? model_config(model)->num_labels : 1, reviews->whole);
}

/* What the model does not see is dim; what was searched for lies on top of that. */
static void reviews_style_detail(struct reviews_state *reviews)
{
	struct text_span spans[2];
	size_t count = 0;

	if (reviews_has_scores(reviews) && reviews->scores.read.truncated)
		spans[count++] = score_bars_unread(&reviews->text, &reviews->scores.read);
	if (reviews->match != SIZE_MAX)
		spans[count++] = (struct text_span){reviews->match, reviews->match_end - reviews->match, STYLE_MATCH};
	text_style(&reviews->lines, &reviews->text, spans, count);
}

/* Keeps the end of the text in sight. */
static void reviews_settle_detail(struct app *app, struct reviews_state *reviews, struct rect rect)
{
	const size_t rows = (size_t)(rect.rows > 0 ? rect.rows : 0);

	reviews->detail_rows = rows;
	if (!reviews_load_detail(app, reviews, rect.columns, rows))
		return;
	if (reviews->detail_top + rows > reviews->lines.count)
		reviews->detail_top = reviews->lines.count > rows ? reviews->lines.count - rows : 0;
	reviews_style_detail(reviews);
}

static void reviews_settle(struct app *app, void *state, struct rect body)
{
	struct reviews_state *reviews = state;
	const struct layout_reviews layout = reviews_layout(app, reviews, body);

	reviews_attach(app, reviews);
	if (!app->session.dataset || !reviews->row)
		return;
	list_settle(&reviews->list, review_list_count(&reviews->rows), layout.table.rows);
	reviews->page = layout.table.rows;
	reviews_settle_detail(app, reviews, layout.text);
	reviews_score(app, reviews);
}

static void reviews_draw(struct app *app, void *state, struct rect body)
{
	struct reviews_state *reviews = state;
	const struct layout_reviews layout = reviews_layout(app, reviews, body);

	if (!app->session.dataset || !reviews->row) {
		draw_text(app->terminal, body, 0, 0, "No file is open. The Data screen (1) opens one.", STYLE_NORMAL);
		return;
	}
	if (!rect_is_empty(layout.table))
		reviews_draw_table(app, reviews, &layout);
	reviews_draw_detail(app, reviews, &layout);
}

/* Actions */

static void reviews_search(struct app *app, struct reviews_state *reviews, bool backward)
{
	struct error error = {0};

	if (reviews->rows.search.size == 0)
		app_say(app, "nothing is searched for yet");
	else if (!review_list_search(&reviews->rows, reviews->list.chosen, backward, &error))
		app_complain(app, &error);
	else
		app_say(app, "searching for \"%s\"", reviews->rows.search.pattern);
}

static void reviews_search_answer(struct app *app, void *context, const char *pattern)
{
	struct reviews_state *reviews = context;
	struct error error = {0};

	review_list_end_search(&reviews->rows);
	if (*pattern && !search_set(&reviews->rows.search, pattern, &error))
		app_complain(app, &error);
	else
		reviews_search(app, reviews, false);
	reviews->detail = 0;
}

static void reviews_ask_search(struct app *app, struct reviews_state *reviews, const char *pattern)
{
	if (*pattern)
		reviews_search_answer(app, reviews, pattern);
	else
		app_prompt(app, &(struct line_options){.prompt = "/", .history = LINE_HISTORY_SEARCH},
		           reviews_search_answer, reviews);
}

static void reviews_set_filter(struct app *app, struct reviews_state *reviews, const char *label)
{
	struct error error = {0};

	if (!review_list_filter(&reviews->rows, label, &error))
		app_complain(app, &error);
	review_scores_forget(&reviews->scores);
	reviews->list = (struct list){0};
	reviews->detail = 0;
}

/* The label that follows the one shown, in the order of the survey; NULL after the last. */
static const char *reviews_next_label(const struct survey *survey, const char *label)
{
	if (!label)
		return survey->label_count > 0 ? survey->labels[0].name : NULL;
	for (int i = 0; i + 1 < survey->label_count; i++) {
		if (strcmp(survey->labels[i].name, label) == 0)
			return survey->labels[i + 1].name;
	}
	return NULL;
}

static void reviews_filter(struct app *app, struct reviews_state *reviews, const char *label)
{
	bool complete;

	dataset_rows(app->session.dataset, &complete);
	if (*label && complete) {
		reviews_set_filter(app, reviews, label);
		return;
	}
	if (!app->session.survey_ready || app->session.survey.label_count == 0) {
		app_say(app, "the labels are not known %s", app->session.survey_ready ? "in this file"
		        : app->session.survey_given_up ? "as they were not counted: 1, then c, counts them" : "yet");
		return;
	}
	reviews_set_filter(app, reviews, reviews_next_label(&app->session.survey, reviews->rows.label));
}

static void reviews_clear(struct app *app, struct reviews_state *reviews)
{
	uint64_t row = 0;

	if (reviews->list.chosen < review_list_count(&reviews->rows))
		row = review_list_row(&reviews->rows, reviews->list.chosen);
	review_list_end_search(&reviews->rows);
	search_clear(&reviews->rows.search);
	reviews->detail = 0;
	if (!review_list_is_part(&reviews->rows))
		return;
	reviews_set_filter(app, reviews, NULL);
	reviews->list.chosen = row;
}

static void reviews_go_to(struct app *app, struct reviews_state *reviews, const char *number)
{
	char *end;
	const uint64_t row = strtoull(number, &end, 10);

	if (*number < '0' || *number > '9' || *end || row == 0)
		app_say(app, "type :row and its number");
	else
		reviews->list.chosen = review_list_find_row(&reviews->rows, row - 1);
}

static void reviews_scroll(struct reviews_state *reviews, bool down, size_t lines)
{
	if (down)
		reviews->detail_top += lines; /* drawing keeps the end in sight */
	else
		reviews->detail_top -= lines < reviews->detail_top ? lines : reviews->detail_top;
}

/* Where the review has the whole screen, pages and ends are those of its text. */
static bool reviews_page(struct reviews_state *reviews, enum action action)
{
	const size_t page = reviews->detail_rows > 1 ? reviews->detail_rows - 1 : 1;

	switch (action) {
	case ACTION_PAGE_DOWN:
	case ACTION_PAGE_UP:
		reviews_scroll(reviews, action == ACTION_PAGE_DOWN, page);
		return true;
	case ACTION_MOVE_FIRST:
	case ACTION_MOVE_LAST:
		reviews_scroll(reviews, action == ACTION_MOVE_LAST, reviews->lines.count);
		return true;
	default:
		return false;
	}
}

static bool reviews_act(struct app *app, struct reviews_state *reviews, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_SEARCH:
		reviews_ask_search(app, reviews, argument);
		return true;
	case ACTION_SEARCH_NEXT:
	case ACTION_SEARCH_PREVIOUS:
		reviews_search(app, reviews, action == ACTION_SEARCH_PREVIOUS);
		return true;
	case ACTION_FILTER:
		reviews_filter(app, reviews, argument);
		return true;
	case ACTION_CLEAR:
		reviews_clear(app, reviews);
		return true;
	case ACTION_GO_TO_ROW:
		reviews_go_to(app, reviews, argument);
		return true;
	case ACTION_WHOLE:
		reviews->whole = !reviews->whole;
		return true;
	case ACTION_TEXT_DOWN:
	case ACTION_TEXT_UP:
		reviews_scroll(reviews, action == ACTION_TEXT_DOWN, 1);
		return true;
	case ACTION_BACK:
		if (!reviews->whole)
			return false;
		reviews->whole = false;
		return true;
	default:
		if (reviews->whole && reviews_page(reviews, action))
			return true;
		return list_move(&reviews->list, action, review_list_count(&reviews->rows), reviews->page);
	}
}

static bool reviews_action(struct app *app, void *state, enum action action, const char *argument)
{
	struct reviews_state *reviews = state;
	bool done;

	reviews_attach(app, reviews);
	if (!app->session.dataset)
		return false;
	done = reviews_act(app, reviews, action, argument);
	reviews_wake(app, reviews);
	return done;
}

static unsigned reviews_context(const struct app *app, const void *state)
{
	(void)app;
	(void)state;
	return IN_REVIEWS;
}

static bool reviews_offers(const struct app *app, const void *state, enum action action)
{
	const struct reviews_state *reviews = state;
	const struct session *session = &app->session;

	if (!session->dataset || !reviews->ready)
		return false;
	switch (action) {
	case ACTION_SEARCH_NEXT:
		return reviews->rows.search.size > 0;
	case ACTION_FILTER:
		return session->survey_ready && session->survey.label_count > 0;
	default:
		return true;
	}
}

static void reviews_show(struct app *app, void *state)
{
	reviews_wake(app, state);
}

static void reviews_close(void *state)
{
	struct reviews_state *reviews = state;

	if (reviews->ready)
		review_list_free(&reviews->rows);
	review_scores_free(&reviews->scores);
	row_free(reviews->row);
	scrubbed_free(&reviews->text);
	text_lines_free(&reviews->lines);
}

const struct view screen_reviews = {
	.title = "Reviews",
	.state_size = sizeof(struct reviews_state),
	.show = reviews_show,
	.context = reviews_context,
	.draw = reviews_draw,
	.settle = reviews_settle,
	.action = reviews_action,
	.offers = reviews_offers,
	.wake = reviews_wake,
	.busy = reviews_busy,
	.close = reviews_close,
};
