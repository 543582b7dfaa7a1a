/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data/data_tell.h"

#include "engine/words.h"
#include "ui/data/data_dialect.h"
#include "ui/plain/spoken.h"

#include <inttypes.h>

#define LABELS_TOLD 20
#define EXAMPLE_BYTES 120
#define CELLS_TOLD 4
#define ROWS_TOLD 5

/* How far reading is, or what it came to. */
static void tell_reading(const struct session *session, struct teller *teller)
{
	const struct error *stopped = dataset_index_error(session->dataset);
	uint64_t done, total;
	char text[512];

	job_progress(session->survey_job, &done, &total);
	if (stopped)
		tell(teller, "Error: %s", messages_words(stopped->text).text);
	else if (session->survey_error.kind)
		tell(teller, "Error: %s", messages_words(session->survey_error.text).text);
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

static void tell_label(const struct survey *survey, const struct label_count *label, struct teller *teller)
{
	tell(teller, "Label %s: %s review%s, %s.", label->name, words_count(label->count).text, label->count == 1 ? "" : "s",
	     spoken_percent((double)label->count / (double)(survey->used ? survey->used : 1)).text);
}

static void tell_labels(const struct session *session, struct teller *teller)
{
	const struct survey *survey = &session->survey;
	char doubt[SURVEY_DOUBT_MAX];
	int label = -1;

	if (survey_doubt(survey, doubt, sizeof doubt))
		tell(teller, "Doubt: %s.", doubt);
	if (survey->too_many_labels)
		tell(teller, "There are more different values than labels can have.");
	else if (dataset_label_column(session->dataset) < 0)
		tell(teller, "No column is the label: \"label COLUMN\" takes one.");
	for (int i = 0; !survey->too_many_labels && i < LABELS_TOLD && (label = survey_label_after(survey, label)) >= 0; i++)
		tell_label(survey, &survey->labels[label], teller);
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

static void tell_entry(const struct file_chooser *chooser, uint64_t line, struct teller *teller)
{
	const struct folder_entry *entry = file_chooser_entry(chooser, line);

	if (entry && entry->folder)
		tell_line(teller, line, NULL, "%s, a folder", entry->name);
	else if (entry)
		tell_line(teller, line, NULL, "%s, %s", entry->name, words_bytes(entry->size).text);
	else
		tell_line(teller, line, NULL, "%s", file_chooser_name(chooser, line));
}

void data_tell_files(struct file_chooser *chooser, struct teller *teller)
{
	const uint64_t lines = file_chooser_lines(chooser);
	const struct told_range range = tell_range(teller, chooser->list.chosen, chooser->list.top, chooser->rows, lines);

	tell_title(teller, "Data: choose a file");
	tell_list(teller, &chooser->list.chosen, lines, chooser->list.chosen, ACTION_CHOOSE_FILE);
	if (chooser->error.kind)
		tell(teller, "Error: %s", messages_words(chooser->error.text).text);
	if (teller->part == TELL_ALL && chooser->folder)
		tell(teller, "Folder: %s.%s", chooser->folder->path,
		     chooser->at_home && chooser->recent.count > 0 ? " The files that were opened lately come first." : "");
	for (uint64_t i = range.first; i < range.end; i++)
		tell_entry(chooser, i, teller);
	if (teller->part == TELL_ALL)
		tell(teller, "A number opens that file or folder; \"folder-up\" goes up, \"browse\" goes back to the open file.");
}

/* The words that a field can be; of very many, as of columns, the first. */
static void tell_choices(const struct dialect_page *page, struct teller *teller)
{
	const struct form_choices choices = dialect_page_choices(page);
	char buffer[OPTION_TEXT_MAX], text[1024] = "", more[40] = "";
	size_t used = 0;
	int i;

	for (i = 0; i < choices.count; i++) {
		const char *word = choices.word(choices.of, i - choices.place, buffer);

		if (used + strlen(word) + 3 > sizeof text)
			break;
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? ", " : "", word);
	}
	if (i < choices.count)
		snprintf(more, sizeof more, "%s%d more", i ? ", and " : "", choices.count - i);
	tell(teller, "It can be: %s%s.", text, more);
}

static void tell_dialect_field(const struct dialect_page *page, uint64_t index, struct teller *teller)
{
	char value[OPTION_TEXT_MAX], origin[DIALECT_ORIGIN_MAX];

	dialect_page_value(page, (int)index, value, origin);
	tell_line(teller, index, NULL, "%s: %s%s%s", dialect_form_name((int)index), value, *value && *origin ? " " : "", origin);
	if (teller->part != TELL_CHOSEN)
		return;
	tell(teller, "%s.", dialect_form_help((int)index));
	tell_choices(page, teller);
}

/* Text, label and as many of the others as one listens to. */
static void tell_preview_row(const struct dialect_preview *preview, const struct preview_row *row, struct teller *teller)
{
	char text[2048] = "";
	size_t used = 0;

	for (int i = 0; i < row->count && i < preview->columns && used < sizeof text; i++) {
		const struct preview_column *column = &preview->column[i];

		if (i < CELLS_TOLD || column->text || column->label)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%.60s: %.*s", used ? "; " : "", column->name,
			                         TOLD(span_prefix(span_of(row->cells[i]), EXAMPLE_BYTES)));
	}
	tell(teller, "Line %" PRIu64 "%s%s: %s", row->line, row->status == ROW_OK ? "" : ", cannot be used, ",
	     row->status == ROW_OK ? "" : row_status_name(row->status), text);
}

void data_tell_dialect(struct app *app, struct dialect_page *page, struct teller *teller)
{
	const struct told_range range = tell_range(teller, page->list.chosen, 0, DIALECT_FIELDS, DIALECT_FIELDS);
	const struct dialect_preview *preview = dialect_page_preview(page);
	char name[WIDGET_NAME_MAX], text[1200];
	const bool is_error = dialect_page_describe(page, text, sizeof text);

	app_path_name(app, dataset_path(app->session.dataset), TELL_PATH_COLUMNS, name);
	tell_title(teller, "Data: how %s is written", name);
	if (page->command) {
		tell(teller, "The command line that does the same: %s", page->command);
		return;
	}
	tell_list(teller, &page->list.chosen, DIALECT_FIELDS, page->list.chosen, ACTION_EDIT_FIELD);
	for (uint64_t i = range.first; i < range.end; i++)
		tell_dialect_field(page, i, teller);
	tell(teller, "%s%s.", is_error ? "Not as it stands: " : "", text);
	for (int i = 0; teller->part == TELL_ALL && preview && i < preview->rows && i < ROWS_TOLD; i++)
		tell_preview_row(preview, &preview->row[i], teller);
	if (teller->part == TELL_ALL)
		tell(teller, "A number changes that field; \"reread\" reads the file so, \"back\" leaves it as it is.");
}

void data_tell_outlook(struct app *app, const struct outlook_page *page, struct teller *teller)
{
	const struct outlook *outlook = &page->outlook;
	const uint64_t rows = outlook->rows ? outlook->rows : 1, tokens = outlook->tokens ? outlook->tokens : 1;
	char name[WIDGET_NAME_MAX];
	uint64_t cut, lost;

	tell_title(teller, "Data: what a training would meet");
	if (page->error.kind)
		tell(teller, "Error: %s", messages_words(page->error.text).text);
	else if (!page->made)
		tell(teller, "The tokens of every row are being counted.");
	if (!page->made)
		return;
	outlook_cut(outlook, page->max_length, &cut, &lost);
	tell(teller, "%s reviews: %s empty, %s repeat an earlier one, %s with more than one label.", words_count(outlook->rows).text,
	     words_count(outlook->empty).text, words_count(outlook->repeated).text, words_count(outlook->two_labels).text);
	tell(teller, "Tokens in a review: half have at most %d, nine in ten at most %d, the longest has %d.",
	     (int)outlook_quantile(outlook, 0.5), (int)outlook_quantile(outlook, 0.9), (int)outlook_quantile(outlook, 1));
	tell(teller, "Cut at %d tokens: %s of the reviews are cut, which loses %s of all tokens.", (int)page->max_length,
	     spoken_percent((double)cut / (double)rows).text, spoken_percent((double)lost / (double)tokens).text);
	if (!page->compared[0])
		return;
	app_path_name(app, page->compared, TELL_PATH_COLUMNS, name);
	tell(teller, "%s of the %s reviews of %s stand here too.", words_count(outlook->in_both).text,
	     words_count(outlook->other_rows).text, name);
}
