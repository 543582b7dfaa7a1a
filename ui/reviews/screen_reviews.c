/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reviews: a table of any size, the whole chosen review below it with its scores, dim where the
 * model does not see it any more. */
#include "engine/words.h"
#include "ui/reviews/review_columns.h"
#include "ui/reviews/reviews.h"

#include "ui/terminal/history.h"

/* Keeping up with the session */

static void reviews_attach(struct app *app, struct reviews_state *reviews)
{
	struct error ignored = {0};

	if (!reviews->ready) {
		review_list_init(&reviews->rows, app->session.jobs);
		review_scores_init(&reviews->scores);
		review_predictions_init(&reviews->predictions, app->session.jobs, history_is_wanted());
		reviews->row = row_new(&ignored);
		reviews->ready = true;
	}
	review_predictions_write(&reviews->predictions, app_remembers(app));
	if (reviews->generation == app->session.dataset_generation)
		return;
	reviews->generation = app->session.dataset_generation;
	review_list_attach(&reviews->rows, app->session.source);
	job_let_go(&reviews->doubles_job);
	reviews->marks_lost += reviews->marks.count;
	marks_clear(&reviews->marks);
	reviews->column_count = 0;
	reviews->growths = app->session.growth.growths;
	reviews->follows = reviews->to_end = false;
	reviews_list_changed(reviews, 0);
}

/* Asks for the scores that can be seen and are missing, one at a time. */
static void reviews_score(struct app *app, struct reviews_state *reviews)
{
	review_scores_update(&reviews->scores, &app->session, &reviews->rows, reviews->row, reviews->list.chosen,
	                     reviews->list.top, (uint64_t)(reviews->page > 0 ? reviews->page : 0));
}

static void reviews_take_list(struct app *app, struct reviews_state *reviews)
{
	const struct review_context context = reviews_jobs_context(app, reviews);
	const bool counted = reviews->rows.matches != NULL;
	struct error error = {0};
	uint64_t row = 0;
	bool changed;

	reviews_chosen_row(reviews, &row);
	if (!review_list_update(&reviews->rows, &changed, &error))
		app_complain(app, &error);
	if (!changed)
		return;
	reviews_list_changed(reviews, row);
	if (!reviews->rows.again)
		reviews->list = (struct list){0};
	else if (counted && !review_list_count_again(&reviews->rows, &context, &error))
		app_complain(app, &error);
}

/* What another screen has asked for is listed as soon as it is there. */
static void reviews_take_wish(struct app *app, struct reviews_state *reviews)
{
	struct row_wish *wish = &app->wish;
	struct error error = {0};

	if (!row_wish_is_ready(wish, &app->session))
		return;
	if (review_list_set(&reviews->rows, wish->rows, wish->count, &error)) {
		reviews_list_changed(reviews, wish->chosen);
		app_say(app, "%s review%s %s; Esc lists all", words_count(wish->count).text, wish->count == 1 ? "" : "s", wish->title);
	} else {
		app_complain(app, &error);
	}
	row_wish_free(wish);
}

/* Rows that were listed, or ordered, by what another model says are found anew when a model has come. */
static void reviews_follow_model(struct app *app, struct reviews_state *reviews)
{
	const struct review_context context = reviews_jobs_context(app, reviews);
	const uint64_t before = reviews->listed_by;
	struct review_list *rows = &reviews->rows;
	struct error error = {0};

	if (!reviews->predictions.table || before == reviews->predictions.model_generation)
		return;
	reviews->listed_by = reviews->predictions.model_generation;
	if (before == 0 || !((rows->filter && review_words_are_predicted(rows->filter)) ||
	                     (rows->order && review_words_are_predicted(rows->order))))
		return;
	if (!review_list_filter(rows, &context, rows->filter, &error))
		app_complain(app, &error);
	else
		reviews_list_changed(reviews, 0);
}

/* New rows: lists take them as soon as they can. The last row before may be a longer one. */
static void reviews_take_growth(struct app *app, struct reviews_state *reviews)
{
	const struct review_context context = reviews_jobs_context(app, reviews);
	const struct review_list *rows = &reviews->rows;
	const bool predicted = rows->filter && review_words_are_predicted(rows->filter);
	struct error error = {0};

	if (reviews->growths == app->session.growth.growths || rows->view_job ||
	    (predicted && reviews->predictions.growths != app->session.growth.growths))
		return;
	reviews->growths = app->session.growth.growths;
	reviews->detail = 0;
	review_scores_forget(&reviews->scores);
	if (!review_list_grow(&reviews->rows, &context, &error))
		app_complain(app, &error);
}

/* Not when they go, where it would be the message before that of the file that was opened, but when one looks for them. */
static void reviews_tell_marks(struct app *app, struct reviews_state *reviews)
{
	if (reviews->marks_lost > 0)
		app_say(app, "%s mark%s removed: of what was open before", words_count(reviews->marks_lost).text,
		        reviews->marks_lost == 1 ? "" : "s");
	reviews->marks_lost = 0;
}

/* All rows are predicted as soon as somebody has looked at them. */
static void reviews_wake(struct app *app, void *state)
{
	struct reviews_state *reviews = state;
	const bool seen = app->screen == SCREEN_REVIEWS;
	struct error error = {0};

	if (seen)
		reviews_tell_marks(app, reviews);
	reviews_attach(app, reviews);
	reviews_take_wish(app, reviews);
	reviews_take_list(app, reviews);
	reviews_take_export(app, reviews);
	reviews_take_doubles(app, reviews);
	if ((seen || reviews->predictions.table) && !review_predictions_update(&reviews->predictions, &app->session, &error))
		app_complain(app, &error);
	reviews_follow_model(app, reviews);
	if (app->session.dataset)
		reviews_take_growth(app, reviews);
	if (seen)
		reviews_take_search(app, reviews);
}

static bool reviews_busy(const struct app *app, const void *state)
{
	const struct reviews_state *reviews = state;

	(void)app;
	return review_list_is_busy(&reviews->rows) || job_is_working(reviews->export_job) ||
	       job_is_working(reviews->doubles_job) ||
	       review_predictions_is_busy(&reviews->predictions);
}

static struct layout_reviews reviews_layout(const struct app *app, const struct reviews_state *reviews,
                                            struct rect body)
{
	const struct model *model = app->session.scoring.model;

	return layout_reviews(body, model ? model_config(model)->num_labels : 1, reviews->whole || app->presenting);
}

/* Where rows are still being found, the last one of now is not the one that is meant. */
static void reviews_go_on_to_end(struct app *app, struct reviews_state *reviews)
{
	bool complete;

	dataset_rows(app->session.dataset, &complete);
	reviews->to_end = !complete && !review_list_is_part(&reviews->rows);
	if (reviews->to_end)
		app_say(app, "the last row is chosen as rows are found");
}

static void reviews_keep_end(struct app *app, struct reviews_state *reviews)
{
	bool complete;

	dataset_rows(app->session.dataset, &complete); /* before the count: then that is of all rows */
	if ((reviews->follows || reviews->to_end) && review_list_count(&reviews->rows) > 0)
		reviews->list.chosen = review_list_count(&reviews->rows) - 1;
	reviews->to_end = reviews->to_end && !complete;
}

static void reviews_settle(struct app *app, void *state, struct rect body)
{
	struct reviews_state *reviews = state;
	const struct layout_reviews layout = reviews_layout(app, reviews, body);

	reviews_attach(app, reviews);
	if (!app->session.dataset || !reviews->row)
		return;
	reviews_keep_end(app, reviews);
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

static void reviews_show_tokens(struct app *app, struct reviews_state *reviews)
{
	reviews->tokens = !reviews->tokens && app->session.scoring.model && model_has_network(app->session.scoring.model);
	if (!app->session.scoring.model)
		app_say(app, "tokens are a model's, and none is loaded: m loads one");
	else if (!model_has_network(app->session.scoring.model))
		app_say(app, "this model reads words, it has no tokens");
	reviews->detail_top = 0;
}

/* It is among the columns, and stands in the table as soon as that is wide enough. */
static void reviews_tell_room(struct app *app, const struct reviews_state *reviews, int column)
{
	const int count = reviews->column_count;
	bool complete;
	const struct review_columns columns = review_columns_for(&app->session, dataset_rows(app->session.dataset, &complete),
	                                                         app_frame(app).body.columns, count);

	if (columns.others + count * columns.other > columns.text || columns.other == 0)
		app_say(app, "no room for \"%.20s\": a wider window shows it, :column NAME hides another", dataset_column_name(
		        app->session.dataset, column));
}

/* Hides it where it is shown. */
static void reviews_toggle_column(struct app *app, struct reviews_state *reviews, int column)
{
	for (int i = 0; i < reviews->column_count; i++) {
		if (reviews->columns[i] != column)
			continue;
		memmove(reviews->columns + i, reviews->columns + i + 1,
		        (size_t)(reviews->column_count - i - 1) * sizeof *reviews->columns);
		reviews->column_count--;
		return;
	}
	if (reviews->column_count == REVIEW_COLUMNS) {
		app_say(app, "no more columns fit into the table");
		return;
	}
	reviews->columns[reviews->column_count++] = column;
	if (!app->plain)
		reviews_tell_room(app, reviews, column);
}

/* The first column after the one that was shown last, text and label left out; -1: none. */
static int reviews_next_column(const struct app *app, const struct reviews_state *reviews)
{
	const struct dataset *dataset = app->session.dataset;
	const int last = reviews->column_count > 0 ? reviews->columns[reviews->column_count - 1] : -1;

	for (int i = last + 1; i < dataset_columns(dataset) && reviews->column_count < REVIEW_COLUMNS; i++) {
		if (i != dataset_text_column(dataset) && i != dataset_label_column(dataset))
			return i;
	}
	return -1;
}

static void reviews_show_column(struct app *app, struct reviews_state *reviews, const char *name)
{
	const struct review_names names = {app->session.dataset, NULL, NULL};
	struct error error = {0};
	int column;

	if (*name) {
		if (!review_names_find(&names, name, &column, &error))
			app_complain(app, &error);
		else if (column < 0)
			app_say(app, "%s stands in the table where there is one", name);
		else
			reviews_toggle_column(app, reviews, column);
		return;
	}
	column = reviews_next_column(app, reviews);
	if (column >= 0)
		reviews_toggle_column(app, reviews, column);
	else if (reviews->column_count > 0)
		reviews->column_count = 0;
	else
		app_say(app, "the file has no other columns");
}

static void reviews_follow(struct app *app, struct reviews_state *reviews)
{
	reviews->follows = !reviews->follows;
	if (!reviews->follows)
		app_say(app, "the chosen row stays where it is");
	else if (!app->session.growth.watch.active)
		app_say(app, "the last row is chosen, but this file is not one that can grow");
	else
		app_say(app, "the last row stays chosen as rows come");
}

static bool reviews_act(struct app *app, struct reviews_state *reviews, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_FOLLOW_END:
		reviews_follow(app, reviews);
		return true;
	case ACTION_WHOLE:
		reviews->whole = !reviews->whole;
		return true;
	case ACTION_TOKENS:
		reviews_show_tokens(app, reviews);
		return true;
	case ACTION_COLUMN:
		reviews_show_column(app, reviews, argument);
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
		if (reviews_act_on_rows(app, reviews, action, argument) || reviews_act_on_marks(app, reviews, action, argument) ||
		    reviews_act_on_label(app, reviews, action, argument))
			return true;
		if (reviews->whole && reviews_page(reviews, action))
			return true;
		return list_move(&reviews->list, action, review_list_count(&reviews->rows), reviews->page);
	}
}

static bool reviews_action(struct app *app, void *state, enum action action, const char *argument)
{
	struct reviews_state *reviews = state;
	const uint64_t chosen = reviews->list.chosen;
	bool done;

	reviews_attach(app, reviews);
	if (!app->session.dataset)
		return false;
	done = reviews_act(app, reviews, action, argument);
	reviews->follows = reviews->follows && reviews->list.chosen >= chosen;
	reviews->to_end = reviews->to_end && reviews->list.chosen >= chosen;
	if (done && action == ACTION_MOVE_LAST && !reviews->whole)
		reviews_go_on_to_end(app, reviews);
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
		return reviews->rows.wanted;
	case ACTION_NEXT_ERROR:
		return review_predictions_counts(&reviews->predictions).errors > 0;
	case ACTION_FILTER:
		return session->survey_ready && session->survey.label_count > 0;
	default:
		return true;
	}
}

static char *reviews_complete(const struct app *app, const void *state, const char *word, int index)
{
	const struct reviews_state *reviews = state;
	const struct review_context context = reviews_jobs_context(app, reviews);

	return reviews->ready && reviews->rows.source ? review_list_complete(&reviews->rows, &context, word, index) : NULL;
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
	review_predictions_free(&reviews->predictions);
	marks_clear(&reviews->marks);
	review_scores_free(&reviews->scores);
	job_let_go(&reviews->export_job);
	job_let_go(&reviews->doubles_job);
	row_free(reviews->row);
	scrubbed_free(&reviews->text);
	text_lines_free(&reviews->lines);
	review_words_free(&reviews->words);
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
	.complete = reviews_complete,
	.wake = reviews_wake,
	.busy = reviews_busy,
	.close = reviews_close,
};
