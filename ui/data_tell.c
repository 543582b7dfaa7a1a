/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data_tell.h"

#include "engine/words.h"
#include "ui/data_dialect.h"
#include "ui/plain/spoken.h"

#include <inttypes.h>

#define LABELS_TOLD 20
#define EXAMPLE_BYTES 120

/* How far reading is, or what it came to. */
static void tell_reading(const struct session *session, struct teller *teller)
{
	const struct error *stopped = dataset_index_error(session->dataset);
	uint64_t done, total;
	char text[512];

	job_progress(session->survey_job, &done, &total);
	if (stopped)
		tell(teller, "Error: %s", stopped->text);
	else if (session->survey_error.kind)
		tell(teller, "Error: %s", session->survey_error.text);
	else if (session->survey_ready) {
		survey_describe(&session->survey, text, sizeof text);
		tell(teller, "%s.", text);
	} else if (session->survey_given_up)
		tell(teller, "The labels are not counted: count does it.");
	else if (total > 0)
		tell(teller, "Reading every row: %s so far.", spoken_percent((double)done / (double)total).text);
}

static void tell_facts(struct app *app, struct teller *teller)
{
	const struct dataset *dataset = app->session.dataset;
	bool complete;
	const uint64_t rows = dataset_rows(dataset, &complete);
	char name[WIDGET_NAME_MAX];

	app_path_name(app, dataset_path(dataset), TELL_PATH_COLUMNS, name);
	tell(teller, "File: %s.", name);
	tell(teller, "%s%s, %s%s, %s, %s row%s%s.", dataset_format_name(dataset_format(dataset)),
	     data_dialect_mark(dataset, DIALECT_input_format), dataset_encoding_name(dataset),
	     data_dialect_mark(dataset, DIALECT_encoding), words_bytes(dataset_file_size(dataset)).text, words_count(rows).text,
	     rows == 1 ? "" : "s", complete ? "" : " so far");
	tell_reading(&app->session, teller);
}

static void tell_column(const struct dataset *dataset, int column, const struct row *example, struct teller *teller)
{
	const char *use = column == dataset_text_column(dataset) ? ", the text"
	                  : dataset_column_is_label(dataset, column) ? ", the label" : "";
	const char *guessed = *use && dataset_column_is_guessed(dataset, column) ? ", guessed" : "";
	const struct span none = {"", 0};
	const struct span first = example && column < example->count ? span_prefix(example->fields[column], EXAMPLE_BYTES) : none;

	if (first.size > 0)
		tell_line(teller, (uint64_t)column, NULL, "Column %s%s%s; first row: %.*s", dataset_column_name(dataset, column), use,
		          guessed, TOLD(first));
	else
		tell_line(teller, (uint64_t)column, NULL, "Column %s%s%s", dataset_column_name(dataset, column), use, guessed);
}

static void tell_labels(const struct session *session, struct teller *teller)
{
	const struct survey *survey = &session->survey;
	char doubt[SURVEY_DOUBT_MAX];

	if (survey_doubt(survey, doubt, sizeof doubt))
		tell(teller, "Doubt: %s.", doubt);
	if (survey->too_many_labels)
		tell(teller, "There are more different values than labels can have.");
	else if (dataset_label_column(session->dataset) < 0)
		tell(teller, "No column is the label: \"label COLUMN\" takes one.");
	for (int i = 0; !survey->too_many_labels && i < survey->label_count && i < LABELS_TOLD; i++)
		tell(teller, "Label %s: %s review%s, %s.", survey->labels[i].name, words_count(survey->labels[i].count).text,
		     survey->labels[i].count == 1 ? "" : "s",
		     spoken_percent((double)survey->labels[i].count / (double)(survey->used ? survey->used : 1)).text);
	if (!survey->too_many_labels && survey->label_count > LABELS_TOLD)
		tell(teller, "And %d labels more.", survey->label_count - LABELS_TOLD);
}

/* The number of words that half of the reviews do not go beyond, as near as the bins of the histogram tell it. */
static uint64_t half_have(const struct survey *survey)
{
	uint64_t seen = 0;

	for (int i = 0; i < SURVEY_BINS; i++) {
		seen += survey->histogram[i];
		if (2 * seen >= survey->used)
			return survey->bin_words * (uint64_t)(i + 1);
	}
	return survey->words_longest;
}

static void tell_lengths(const struct survey *survey, struct teller *teller)
{
	const uint64_t used = survey->used ? survey->used : 1;

	tell(teller, "Words in a review: %s on average; half of the reviews have at most %s; the longest has %s.",
	     words_count((survey->words_total + used / 2) / used).text, words_count(half_have(survey)).text,
	     words_count(survey->words_longest).text);
}

void data_tell_file(struct app *app, struct list *list, int rows, const struct row *example, struct teller *teller)
{
	const struct session *session = &app->session;
	const int columns = session->dataset ? dataset_columns(session->dataset) : 0;
	const struct told_range range = tell_range(teller, list->chosen, list->top, rows, (uint64_t)columns);

	tell_title(teller, "Data");
	if (!session->dataset) {
		if (session_opening(session))
			tell(teller, "Opening %s.", session_opening(session));
		else
			tell(teller, "No file is open: \"open FILE\" opens one.");
		return;
	}
	tell_list(teller, &list->chosen, (uint64_t)columns, list->chosen, ACTION_NONE);
	if (teller->part == TELL_ALL)
		tell_facts(app, teller);
	for (uint64_t i = range.first; i < range.end; i++)
		tell_column(session->dataset, (int)i, example, teller);
	if (teller->part == TELL_CHOSEN)
		tell(teller, "\"text\" takes this column as the text, \"label\" as the label.");
	if (teller->part == TELL_CHOSEN || !session->survey_ready)
		return;
	tell_labels(session, teller);
	tell_lengths(&session->survey, teller);
	for (int i = 0; i < dataset_notice_count(session->dataset); i++)
		tell(teller, "Note: %s.", dataset_notice(session->dataset, i));
}
