/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/reviews.h"

#include "engine/scrub.h"
#include "ui/reviews/review_columns.h"
#include "ui/reviews/review_summary.h"

#include <inttypes.h>

/* With the order as well; where both do not fit the middle of the filter is left out. */
static void reviews_draw_filter(struct app *app, const struct reviews_state *reviews, struct rect rect, int column)
{
	const char *order = reviews->rows.order ? reviews->rows.order : "";
	const char *by = reviews->rows.order ? ", by " : "";
	const int left = rect.columns - column - (int)strlen("Text (only )") - (int)strlen(by) - scrub_columns(span_of(order), INT16_MAX);
	char filter[WIDGET_NAME_MAX];

	draw_shorten(app->terminal, reviews->rows.filter, left > 8 ? left : 8, filter);
	draw_format(app->terminal, rect, 0, column, STYLE_TITLE, "Text (only %s%s%s)", filter, by, order);
}

static void reviews_draw_header(struct app *app, const struct reviews_state *reviews, struct rect rect,
                                const struct review_columns *columns)
{
	draw_format(app->terminal, rect, 0, 0, STYLE_TITLE, "%*s", columns->number, "Row");
	if (columns->label)
		draw_text(app->terminal, rect, 0, columns->number + 1, "Label", STYLE_TITLE);
	if (columns->prediction)
		draw_text(app->terminal, rect, 0, columns->number + 1 + columns->label, "Prediction", STYLE_TITLE);
	for (int i = 0; i < reviews->column_count && columns->others + (i + 1) * columns->other <= columns->text; i++)
		draw_span(app->terminal, rect, 0, columns->others + i * columns->other, columns->other - 1,
		          span_of(dataset_column_name(app->session.dataset, reviews->columns[i])), STYLE_TITLE);
	if (reviews->rows.filter)
		reviews_draw_filter(app, reviews, rect, columns->text);
	else if (reviews->rows.order)
		draw_format(app->terminal, rect, 0, columns->text, STYLE_TITLE, "Text (by %s)", reviews->rows.order);
	else if (review_list_is_part(&reviews->rows))
		draw_text(app->terminal, rect, 0, columns->text, "Text (some rows)", STYLE_TITLE);
	else
		draw_text(app->terminal, rect, 0, columns->text, "Text", STYLE_TITLE);
}

/* By what all rows were predicted with, where a row has one label; else by what was scored to be seen. */
bool reviews_predicted(const struct app *app, struct reviews_state *reviews, uint64_t index, struct review_predicted *out)
{
	const struct review_score *seen = review_scores_find(&reviews->scores, index);
	const struct model *model = app->session.scoring.model;
	const bool differ = reviews->predictions.table && reviews->predictions.labels_differ;
	struct prediction known;

	if (model == (reviews->predictions.lent ? reviews->predictions.lent->model : NULL) && model &&
	    !model_config(model)->independent_labels &&
	    review_predictions_row(&reviews->predictions, review_list_row(&reviews->rows, index), &known)) {
		*out = (struct review_predicted){differ ? '?' : known.verdict == VERDICT_WRONG ? '!' : ' ',
		                          span_of(model_label(model, known.label)), known.score};
		return true;
	}
	if (!model || !seen || seen->label < 0)
		return false;
	*out = (struct review_predicted){' ', span_of(seen->labels), seen->score};
	if (differ)
		out->mark = '?';
	else if (dataset_label_column(app->session.dataset) >= 0 &&
	         review_scores_is_wrong(&reviews->scores, model, reviews->row, seen))
		out->mark = '!';
	return true;
}

/* A prediction that is not the label is marked, not only coloured. */
static void reviews_draw_prediction(struct app *app, struct reviews_state *reviews, struct rect rect, int row,
                                    uint64_t index, int column, int width, enum style style)
{
	struct review_predicted predicted;

	if (!reviews_predicted(app, reviews, index, &predicted))
		return;
	if (predicted.mark == '!' && style == STYLE_NORMAL)
		style = STYLE_ERROR;
	draw_span(app->terminal, rect, row, column, width - 6, predicted.label, style);
	draw_format(app->terminal, rect, row, column + width - 6, style, "%c%3.0f%%", predicted.mark,
	            100.0 * (double)predicted.score);
}

static void reviews_draw_row(struct app *app, struct reviews_state *reviews, struct rect rect, int row,
                             uint64_t index, const struct review_columns *columns)
{
	const enum style style = index == reviews->list.chosen ? STYLE_SELECTED : STYLE_NORMAL;
	const uint64_t number = review_list_row(&reviews->rows, index);
	struct error error = {0};

	if (style == STYLE_SELECTED)
		draw_fill(app->terminal, rect, row, 0, style);
	draw_format(app->terminal, rect, row, 0, style, "%*" PRIu64 "%s", columns->number, number + 1,
	            marks_has(&reviews->marks, number) ? "*" : "");
	if (!dataset_read(app->session.dataset, number, reviews->row, &error)) {
		draw_text(app->terminal, rect, row, columns->text, error.text, STYLE_ERROR);
		return;
	}
	if (columns->label)
		draw_span(app->terminal, rect, row, columns->number + 1, columns->label - 1, reviews->row->label, style);
	if (columns->label && reviews->row->corrected)
		draw_text(app->terminal, rect, row, columns->number + columns->label, "~", style);
	if (columns->prediction)
		reviews_draw_prediction(app, reviews, rect, row, index, columns->number + 1 + columns->label,
		                        columns->prediction, style);
	for (int i = 0; i < reviews->column_count && columns->others + (i + 1) * columns->other <= columns->text; i++) {
		if (reviews->columns[i] < reviews->row->count)
			draw_span(app->terminal, rect, row, columns->others + i * columns->other, columns->other - 1,
			          reviews->row->fields[reviews->columns[i]], style);
	}
	if (reviews->row->status == ROW_OK || reviews->row->status == ROW_NO_LABEL)
		draw_span(app->terminal, rect, row, columns->text, 0, reviews->row->text, style);
	else
		draw_format(app->terminal, rect, row, columns->text, style == STYLE_NORMAL ? STYLE_DIM : style,
		            "(not used: %s)", row_status_name(reviews->row->status));
}

void reviews_write_summary(const struct app *app, const struct reviews_state *reviews, int columns, char *out, size_t capacity)
{
	const struct session *session = &app->session;
	const struct review_predictions *predictions = &reviews->predictions;
	struct review_summary summary = {
		.part = review_list_is_part(&reviews->rows) && !(reviews->rows.order && !reviews->rows.filter),
		.listed = review_list_count(&reviews->rows),
		.searched = reviews->rows.matches,
		.marked = reviews->marks.count,
		.predictions = review_predictions_counts(predictions),
		.labels = dataset_label_column(session->dataset) >= 0,
	};
	char labels[256];

	summary.rows = dataset_rows(session->dataset, &summary.complete);
	if (!review_list_is_short(&reviews->rows, &summary.of))
		summary.of = 0;
	summary.matches = review_list_matches(&reviews->rows, reviews->list.chosen, &summary.match);
	summary.work = review_list_work(&reviews->rows, &summary.work_done, &summary.work_total);
	for (int shown = REVIEW_SUMMARY_LABELS; shown > 0; shown--) {
		if (predictions->labels_differ && predictions->lent && session->survey_ready) {
			review_summary_labels(&session->survey, predictions->lent->model, shown, labels, sizeof labels);
			summary.other = labels;
		}
		review_summary_write(&summary, out, capacity);
		if (!summary.other || columns == 0 || scrub_columns(span_of(out), INT16_MAX) <= columns)
			break;
	}
}

static void reviews_draw_summary(struct app *app, const struct reviews_state *reviews, struct rect rect)
{
	char line[512];

	reviews_write_summary(app, reviews, rect.columns, line, sizeof line);
	draw_text(app->terminal, rect, 0, 0, line, STYLE_NORMAL);
}

void reviews_draw_table(struct app *app, struct reviews_state *reviews, const struct layout_reviews *layout)
{
	const uint64_t count = review_list_count(&reviews->rows);
	struct review_columns columns;
	bool complete;

	columns = review_columns_for(&app->session, dataset_rows(app->session.dataset, &complete), layout->table.columns,
	                             reviews->column_count);
	if (!rect_is_empty(layout->summary))
		reviews_draw_summary(app, reviews, layout->summary);
	reviews_draw_header(app, reviews, layout->header, &columns);
	for (int row = 0; row < layout->table.rows && reviews->list.top + (uint64_t)row < count; row++)
		reviews_draw_row(app, reviews, layout->table, row, reviews->list.top + (uint64_t)row, &columns);
	if (count == 0)
		draw_text(app->terminal, layout->table, 0, columns.text, complete ? "no reviews" : "reading...", STYLE_DIM);
}
