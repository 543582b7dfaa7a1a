/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/reviews.h"

#include "engine/words.h"
#include "ui/plain/spoken.h"
#include "ui/reviews/review_doubles.h"

#include <inttypes.h>
#include <stdlib.h>

/* Search */

/* What was searched for, as it is shown or told. */
static const char *said_pattern(const struct app *app, const char *pattern, char spoken[SPOKEN_KEYS_MAX])
{
	if (!app->plain)
		return pattern;
	spoken_expression(pattern, spoken);
	return spoken;
}

void reviews_take_search(struct app *app, struct reviews_state *reviews)
{
	const struct review_list *rows = &reviews->rows;
	char wanted[SPOKEN_KEYS_MAX];
	struct error error = {0};
	uint64_t index;
	bool found;

	if (!review_list_found(&reviews->rows, &index, &found, &error))
		return;
	if (error.kind) {
		app_complain(app, &error);
	} else if (found) {
		reviews->list.chosen = index;
		reviews->follows = reviews->to_end = false;
		reviews->detail = 0;
		app_say(app, "found \"%s\"; %s go on", said_pattern(app, rows->wanted, wanted),
		        app->plain ? "next and previous" : "n and N");
	} else {
		app_say(app, "\"%s\" is not found", said_pattern(app, rows->wanted, wanted));
	}
}

static void reviews_search(struct app *app, struct reviews_state *reviews, const char *wanted, bool backward)
{
	const struct review_context context = reviews_jobs_context(app, reviews);
	struct error error = {0};

	if (!wanted && !reviews->rows.wanted)
		app_say(app, "nothing is searched for yet");
	else if (!review_list_search(&reviews->rows, &context, wanted, reviews->list.chosen, backward, &error))
		app_complain(app, &error);
	else
		app_say(app, "searching for \"%s\"", reviews->rows.wanted);
}

static void reviews_search_answer(struct app *app, void *context, const char *pattern)
{
	struct reviews_state *reviews = context;

	reviews_search(app, reviews, *pattern ? pattern : NULL, false);
	reviews->detail = 0;
}

static void reviews_ask_search(struct app *app, struct reviews_state *reviews, const char *pattern)
{
	if (*pattern)
		reviews_search_answer(app, reviews, pattern);
	else
		app_prompt(app, &(struct line_options){.prompt = app->plain ? "search: " : "/", .history = LINE_HISTORY_SEARCH,
		                                       .complete = app_complete_expression, .context = app},
		           reviews_search_answer, reviews);
}

/* Filter */

static void reviews_set_filter(struct app *app, struct reviews_state *reviews, const char *filter)
{
	const struct review_context context = reviews_jobs_context(app, reviews);
	struct error error = {0};
	uint64_t row = 0;

	reviews_chosen_row(reviews, &row);
	if (!review_list_filter(&reviews->rows, &context, filter, &error)) {
		app_complain(app, &error);
		return;
	}
	reviews_list_changed(reviews, row);
	if (filter)
		reviews->list = (struct list){0}; /* its rows have yet to be found */
}

/* A label as an expression; false: it does not fit. */
static bool label_expression(const char *label, char *out, size_t capacity)
{
	size_t size = (size_t)snprintf(out, capacity, "label=\"");

	for (; *label && size + 4 < capacity; label++) {
		if (*label == '"')
			out[size++] = '"';
		out[size++] = *label;
	}
	memcpy(out + size, "\"", 2);
	return !*label;
}

/* The label that follows the one of the filter, in the order of the survey; NULL after the last. */
static const char *reviews_next_label(const struct survey *survey, const char *filter)
{
	char expression[1024];

	if (!filter)
		return survey->label_count > 0 ? survey->labels[0].name : NULL;
	for (int i = 0; i + 1 < survey->label_count; i++) {
		if (label_expression(survey->labels[i].name, expression, sizeof expression) && strcmp(expression, filter) == 0)
			return survey->labels[i + 1].name;
	}
	return NULL;
}

static void reviews_filter_next_label(struct app *app, struct reviews_state *reviews)
{
	const struct session *session = &app->session;
	char expression[1024];
	const char *label;

	if (!session->survey_ready || session->survey.label_count == 0) {
		app_say(app, "the labels are not known %s", session->survey_ready ? "in this file"
		        : session->survey_given_up ? "as they were not counted: 1, then c, counts them" : "yet");
		return;
	}
	label = reviews_next_label(&session->survey, reviews->rows.filter);
	if (label && !label_expression(label, expression, sizeof expression))
		app_say(app, "the label is too long to filter by");
	else
		reviews_set_filter(app, reviews, label ? expression : NULL);
}

static void reviews_filter(struct app *app, struct reviews_state *reviews, const char *filter)
{
	bool complete;

	dataset_rows(app->session.dataset, &complete);
	if (!*filter)
		reviews_filter_next_label(app, reviews);
	else if (!complete)
		app_say(app, "not all rows are found yet: wait a moment");
	else
		reviews_set_filter(app, reviews, filter);
}

static void reviews_filter_answer(struct app *app, void *context, const char *filter)
{
	if (*filter)
		reviews_filter(app, context, filter);
}

static void reviews_ask_filter(struct app *app, struct reviews_state *reviews, const char *filter)
{
	if (*filter)
		reviews_filter(app, reviews, filter);
	else
		app_prompt(app, &(struct line_options){.prompt = "filter: ", .initial = reviews->rows.filter,
		                                       .history = LINE_HISTORY_SEARCH, .complete = app_complete_expression,
		                                       .context = app}, reviews_filter_answer, reviews);
}

static void reviews_clear(struct reviews_state *reviews)
{
	const bool part = review_list_is_part(&reviews->rows);
	uint64_t row = 0;

	reviews_chosen_row(reviews, &row);
	review_list_end_search(&reviews->rows);
	reviews->detail = 0;
	if (!part && !reviews->rows.view_job)
		return;
	review_list_attach(&reviews->rows, reviews->rows.source);
	reviews_list_changed(reviews, row);
}

/* Order */

static void reviews_sort(struct app *app, struct reviews_state *reviews, const char *order)
{
	const struct review_context context = reviews_jobs_context(app, reviews);
	struct error error = {0};
	uint64_t row = 0;
	bool complete;

	dataset_rows(app->session.dataset, &complete);
	reviews_chosen_row(reviews, &row);
	if (!complete)
		app_say(app, "not all rows are found yet: wait a moment");
	else if (!review_list_sort(&reviews->rows, &context, *order ? order : NULL, &error))
		app_complain(app, &error);
	else if (!*order)
		reviews_list_changed(reviews, row);
}

/* Errors, worst first */

struct worst {
	uint64_t index, errors, before; /* `before`: as many errors are worse than the one that was chosen, or are it */
	float loss;
	bool found;
};

/* Whether error a comes before error b: it is worse, or as bad and earlier. */
static bool is_worse(float loss_a, uint64_t index_a, float loss_b, uint64_t index_b)
{
	return loss_a != loss_b ? loss_a > loss_b : index_a < index_b;
}

static bool error_at(const struct reviews_state *reviews, uint64_t index, struct prediction *out)
{
	return review_predictions_row(&reviews->predictions, review_list_row(&reviews->rows, index), out) &&
	       out->verdict == VERDICT_WRONG;
}

/* The error that follows the one that was gone to last, in the order of their losses, or the worst where another row is chosen;
 * backward: that comes before it. */
static struct worst find_error(const struct reviews_state *reviews, bool backward)
{
	const uint64_t count = review_list_count(&reviews->rows), chosen = reviews->list.chosen;
	struct prediction here, other;
	const bool is_error = chosen < count && reviews->error_row == review_list_row(&reviews->rows, chosen) + 1 &&
	                      error_at(reviews, chosen, &here);
	struct worst worst = {0};

	for (uint64_t i = 0; i < count; i++) {
		bool worse, better;

		if (!error_at(reviews, i, &other))
			continue;
		worst.errors++;
		worse = is_error && is_worse(other.loss, i, here.loss, chosen);
		worst.before += worse || (is_error && i == chosen);
		if ((is_error && i == chosen) || worse != (is_error && backward))
			continue;
		better = backward ? is_worse(worst.loss, worst.index, other.loss, i) : is_worse(other.loss, i, worst.loss, worst.index);
		if (worst.found && !better)
			continue;
		worst.found = true;
		worst.index = i;
		worst.loss = other.loss;
	}
	return worst;
}

static void reviews_go_to_error(struct app *app, struct reviews_state *reviews, bool backward)
{
	const struct prediction_counts counts = review_predictions_counts(&reviews->predictions);
	const struct worst worst = find_error(reviews, backward);
	const uint64_t place = backward && worst.before > 0 ? worst.before - 1 : worst.before + 1;

	if (reviews->predictions.labels_differ && reviews->predictions.table) {
		app_say(app, "no errors are known: the labels of the file are not those of the model");
	} else if (worst.found) {
		reviews->list.chosen = worst.index;
		reviews->error_row = review_list_row(&reviews->rows, worst.index) + 1;
		app_say(app, "error %s of %s, the worst first: loss %.2f%s", words_count(place).text, words_count(worst.errors).text,
		        (double)worst.loss, counts.done < counts.rows ? " (not all rows are predicted yet)" : "");
	} else if (worst.errors > 0) {
		app_say(app, backward ? "this is the worst error" : "these were all errors, the worst first");
	} else if (counts.done < counts.rows) {
		app_say(app, "no errors so far: %s of %s rows are predicted", words_count(counts.done).text, words_count(counts.rows).text);
	} else {
		app_say(app, counts.judged > 0 ? "no errors are listed" : "nothing is predicted yet that could be wrong");
	}
}

static void reviews_predict(struct app *app, struct reviews_state *reviews)
{
	const bool halt = review_predictions_is_busy(&reviews->predictions);

	if (!halt && !app->session.scoring.model) {
		app_say(app, "no model is loaded: m loads one");
		return;
	}
	review_predictions_halt(&reviews->predictions, halt);
	app_say(app, halt ? "predicting has stopped; p goes on" : "predicting all rows");
}

/* Doubles */

static void reviews_look_for_doubles(struct app *app, struct reviews_state *reviews)
{
	struct error error = {0};
	uint64_t row;

	if (!reviews_chosen_row(reviews, &row))
		return;
	job_let_go(&reviews->doubles_job);
	reviews->doubles_job = review_job_doubles(app->session.jobs, reviews->rows.source, row, &error);
	if (!reviews->doubles_job)
		app_complain(app, &error);
	else
		app_say(app, "looking for doubles of row %s", words_count(row + 1).text);
}

static void reviews_list_doubles(struct app *app, struct reviews_state *reviews, const struct doubles_task *task)
{
	struct error error = {0};

	if (task->count == 1) {
		app_say(app, "row %s has no doubles", words_count(task->row + 1).text);
	} else if (!review_list_set(&reviews->rows, task->rows, task->count, &error)) {
		app_complain(app, &error);
	} else {
		reviews_list_changed(reviews, task->row);
		app_say(app, "row %s: %s exact and %s near doubles, the likest first; Esc lists all rows",
		        words_count(task->row + 1).text, words_count(task->exact).text, words_count(task->near).text);
	}
}

void reviews_take_doubles(struct app *app, struct reviews_state *reviews)
{
	if (!job_finished(reviews->doubles_job))
		return;
	if (job_error(reviews->doubles_job))
		app_complain(app, job_error(reviews->doubles_job));
	else
		reviews_list_doubles(app, reviews, job_context(reviews->doubles_job));
	job_let_go(&reviews->doubles_job);
}

/* Rows by their numbers */

static void reviews_go_to(struct app *app, struct reviews_state *reviews, const char *number)
{
	char *end;
	const uint64_t row = strtoull(number, &end, 10);

	if (*number < '0' || *number > '9' || *end || row == 0)
		app_say(app, "type :row and its number");
	else
		reviews->list.chosen = review_list_find_row(&reviews->rows, row - 1);
}

bool reviews_act_on_rows(struct app *app, struct reviews_state *reviews, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_SEARCH:
		reviews_ask_search(app, reviews, argument);
		return true;
	case ACTION_SEARCH_NEXT:
	case ACTION_SEARCH_PREVIOUS:
		reviews_search(app, reviews, NULL, action == ACTION_SEARCH_PREVIOUS);
		return true;
	case ACTION_FILTER:
		reviews_filter(app, reviews, argument);
		return true;
	case ACTION_FILTER_BY:
		reviews_ask_filter(app, reviews, argument);
		return true;
	case ACTION_SORT:
		reviews_sort(app, reviews, argument);
		return true;
	case ACTION_CLEAR:
		reviews_clear(reviews);
		return true;
	case ACTION_NEXT_ERROR:
	case ACTION_PREVIOUS_ERROR:
		reviews_go_to_error(app, reviews, action == ACTION_PREVIOUS_ERROR);
		return true;
	case ACTION_DOUBLES:
		reviews_look_for_doubles(app, reviews);
		return true;
	case ACTION_PREDICT:
		reviews_predict(app, reviews);
		return true;
	case ACTION_GO_TO_ROW:
		reviews_go_to(app, reviews, argument);
		return true;
	default:
		return false;
	}
}
