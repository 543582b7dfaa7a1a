/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/reviews.h"

#include "engine/words.h"
#include "ui/score_bars.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static void reviews_find_match(struct reviews_state *reviews)
{
	size_t start, end;

	reviews->match = reviews->match_end = SIZE_MAX;
	if (reviews->pane == PANE_TOKENS || !search_find(&reviews->rows.search, reviews->row->text, 0, &start, &end))
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

static bool reviews_has_scores(const struct reviews_state *reviews)
{
	return reviews->scores.detail == reviews->list.chosen + 1;
}

/* Without a model there are no tokens. */
static enum review_pane reviews_pane(const struct app *app, const struct reviews_state *reviews)
{
	const struct model *model = app->session.scoring.model;

	/* A model without a network has no tokens. */
	if (reviews->tokens && model && model_has_network(model))
		return PANE_TOKENS;
	return reviews->whole ? PANE_WHOLE : PANE_TEXT;
}

static bool reviews_has_detail(const struct app *app, const struct reviews_state *reviews, int columns)
{
	const enum review_pane pane = reviews_pane(app, reviews);

	return reviews->detail == reviews->list.chosen + 1 && reviews->detail_columns == columns && reviews->pane == pane &&
	       (pane != PANE_TOKENS || reviews->pane_scored == reviews_has_scores(reviews));
}

/* What is to stand there, of reviews->row. False: out of memory. */
static bool reviews_pane_text(struct app *app, struct reviews_state *reviews, struct span *text)
{
	const struct score *read = &reviews->scores.read;
	bool good = true;

	reviews->pane = reviews_pane(app, reviews);
	reviews->pane_scored = reviews_has_scores(reviews);
	*text = reviews->row->text;
	if (reviews->pane == PANE_WHOLE)
		good = review_words_whole(&reviews->words, app->session.dataset, reviews->row);
	else if (reviews->pane == PANE_TOKENS)
		good = review_words_tokens(&reviews->words, model_tokenizer(app->session.scoring.model), *text,
		                           reviews->pane_scored && read->truncated ? read->unread_from : SIZE_MAX,
		                           reviews->pane_scored && read->truncated ? read->unread_to : SIZE_MAX);
	if (reviews->pane != PANE_TEXT)
		*text = (struct span){reviews->words.text, reviews->words.size};
	return good;
}

/* Reads and wraps the chosen review unless it is there already. */
static bool reviews_load_detail(struct app *app, struct reviews_state *reviews, int columns, size_t rows)
{
	const bool again = reviews->detail == reviews->list.chosen + 1;
	struct error error = {0};
	const uint64_t index = reviews->list.chosen;
	struct span text;

	if (reviews_has_detail(app, reviews, columns))
		return true;
	if (index >= review_list_count(&reviews->rows)
	    || !dataset_read(app->session.dataset, review_list_row(&reviews->rows, index), reviews->row, &error)
	    || !reviews_pane_text(app, reviews, &text)
	    || !scrub_text(&reviews->text, text, terminal_scrub(app->terminal, SCRUB_NEWLINE_KEEP))
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
		          : app->session.model_error.kind ? messages_words(app->session.model_error.text).text
		          : "no model is loaded: press m", STYLE_DIM);
		return;
	}
	if (!reviews_has_scores(reviews)) {
		draw_text(app->terminal, rect, 0, 0, reviews->detail_status == ROW_OK ? "scoring..." : "", STYLE_DIM);
		return;
	}
	score_bars_draw(app->terminal, rect, model, reviews->scores.scores, reviews->scores.label, STYLE_FIRST);
}

void reviews_draw_detail(struct app *app, const struct reviews_state *reviews, const struct layout_reviews *layout)
{
	const size_t rows = (size_t)(layout->text.rows > 0 ? layout->text.rows : 0);

	if (!reviews_has_detail(app, reviews, layout->text.columns))
		return;
	reviews_draw_scores(app, reviews, layout->scores);
	reviews_draw_rule(app, reviews, layout->rule, rows);
	draw_wrapped(app->terminal, layout->text, &reviews->text, &reviews->lines, reviews->detail_top);
}

static struct text_span reviews_unread_tokens(const struct reviews_state *reviews)
{
	const size_t from = text_glyph_at(&reviews->text, reviews->words.unread_from);
	const size_t to = text_glyph_at(&reviews->text, reviews->words.unread_to);

	return (struct text_span){from, to - from, STYLE_DIM};
}

/* What the model does not see is dim; what was searched for lies on top of that. */
static void reviews_style_detail(struct reviews_state *reviews)
{
	struct text_span spans[2];
	size_t count = 0;

	if (reviews->pane == PANE_TOKENS)
		spans[count++] = reviews_unread_tokens(reviews);
	else if (reviews_has_scores(reviews) && reviews->scores.read.truncated)
		spans[count++] = score_bars_unread(&reviews->text, &reviews->scores.read);
	if (reviews->match != SIZE_MAX)
		spans[count++] = (struct text_span){reviews->match, reviews->match_end - reviews->match, STYLE_MATCH};
	text_style(&reviews->lines, &reviews->text, spans, count);
}

/* Keeps the end of the text in sight. */
void reviews_settle_detail(struct app *app, struct reviews_state *reviews, struct rect rect)
{
	const size_t rows = (size_t)(rect.rows > 0 ? rect.rows : 0);

	reviews->detail_rows = rows;
	if (!reviews_load_detail(app, reviews, rect.columns, rows))
		return;
	if (reviews->detail_top + rows > reviews->lines.count)
		reviews->detail_top = reviews->lines.count > rows ? reviews->lines.count - rows : 0;
	reviews_style_detail(reviews);
}

void reviews_scroll(struct reviews_state *reviews, bool down, size_t lines)
{
	if (down)
		reviews->detail_top += lines; /* drawing keeps the end in sight */
	else
		reviews->detail_top -= lines < reviews->detail_top ? lines : reviews->detail_top;
}
