/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data: what the file is, its columns and which of them are text and label, how many reviews each label
 * has, and how long they are. */
#include "engine/words.h"
#include "ui/data/data_dialect.h"
#include "ui/data/data_tell.h"
#include "ui/data/dialect_page.h"
#include "ui/data/file_chooser.h"
#include "ui/data/outlook_page.h"

#include <inttypes.h>
#include <stdio.h>

#define NAME_COLUMNS 20 /* for the names of columns, at least */
#define USE_COLUMNS 7   /* "label?" */
#define USE_COLUMNS_WIDE 16 /* "label (guessed)" */
#define WIDE 60
#define LABEL_COLUMNS 14 /* for the names of labels, at least */
#define COUNT_COLUMNS 18
#define EXAMPLE_ROWS 20 /* among the first so many rows one is looked for that can be used */

struct data_state {
	struct list list; /* of columns */
	struct row *row;  /* the first row that can be used, as an example */
	bool has_example; /* `row` is one */
	uint64_t generation; /* of the dataset that it belongs to */
	uint64_t surveyed;   /* the generation whose survey is among the messages */
	int page;
	struct file_chooser files;
	struct outlook_page outlook;
	struct dialect_page dialect;
};

/* Facts */

static void data_draw_reading(struct app *app, struct rect rect)
{
	const struct session *session = &app->session;
	const struct error *stopped = dataset_index_error(session->dataset);
	uint64_t done, total;
	char text[512];

	job_progress(session->survey_job, &done, &total);
	if (stopped) {
		app_draw_message(app, rect, 2, 0, stopped->text, STYLE_ERROR);
	} else if (session->survey_error.kind) {
		app_draw_message(app, rect, 2, 0, session->survey_error.text, STYLE_ERROR);
	} else if (session->survey_ready) {
		survey_describe(&session->survey, text, sizeof text);
		app_draw_message(app, rect, 2, 0, text, STYLE_NORMAL);
	} else if (session->survey_given_up) {
		draw_text(app->terminal, rect, 2, 0, "the labels are not counted; c counts them", STYLE_DIM);
	} else if (total > 0) {
		draw_format(app->terminal, rect, 2, 0, STYLE_DIM, "reading every row: %.0f %% (Esc gives it up)",
		            100.0 * (double)done / (double)total);
	}
}

static void data_draw_facts(struct app *app, struct rect rect)
{
	struct dataset *dataset = app->session.dataset;
	char name[WIDGET_NAME_MAX];
	bool complete;
	const uint64_t rows = dataset_rows(dataset, &complete);

	app_path_name(app, dataset_path(dataset), rect.columns, name);
	draw_text(app->terminal, rect, 0, 0, name, STYLE_TITLE);
	draw_format(app->terminal, rect, 1, 0, STYLE_NORMAL, "%s%s, %s%s, %s, %s row%s%s",
	            dataset_format_name(dataset_format(dataset)), data_dialect_mark(dataset, DIALECT_input_format),
	            dataset_encoding_name(dataset), data_dialect_mark(dataset, DIALECT_encoding),
	            words_bytes(dataset_file_size(dataset)).text, words_count(rows).text, rows == 1 ? "" : "s",
	            complete ? "" : " so far");
	data_draw_reading(app, rect);
	data_dialect_draw(app, rect, 3);
}

/* Columns */

/* Which rows cannot be used takes more than a line of the screen: it is kept among the messages. */
static void data_note_survey(struct app *app, struct data_state *data)
{
	const struct survey *survey = &app->session.survey;
	char text[512], doubt[SURVEY_DOUBT_MAX];

	if (!app->session.survey_ready || data->surveyed == app->session.dataset_generation)
		return;
	data->surveyed = app->session.dataset_generation;
	survey_describe(survey, text, sizeof text);
	if (survey->used < survey->rows || survey->replaced > 0)
		messages_keep(&app->messages, MESSAGE_SAID, text);
	if (!survey_doubt(survey, doubt, sizeof doubt))
		return;
	snprintf(text, sizeof text, "%s: l takes another label column than %s", doubt,
	         dataset_column_name(app->session.dataset, dataset_label_column(app->session.dataset)));
	messages_add(&app->messages, MESSAGE_NOTE, text, true);
}

/* Reads the first row that can be used once the index has some; until then there is no example. */
static void data_wake(struct app *app, void *state)
{
	struct data_state *data = state;
	struct dataset *dataset = app->session.dataset;
	struct error ignored = {0};
	bool complete;
	const uint64_t rows = dataset ? dataset_rows(dataset, &complete) : 0;

	data_note_survey(app, data);
	file_chooser_wake(app, &data->files);
	outlook_page_wake(app, &data->outlook);
	dialect_page_wake(app, &data->dialect);
	if (data->generation != app->session.dataset_generation && dataset)
		data->files.shown = false; /* what was chosen is there */
	if (data->generation != app->session.dataset_generation)
		data->has_example = false;
	data->generation = app->session.dataset_generation;
	if (!data->row)
		data->row = row_new(&ignored);
	for (uint64_t i = 0; data->row && i < rows && i < EXAMPLE_ROWS && !data->has_example; i++)
		data->has_example = dataset_read(dataset, i, data->row, &ignored) && data->row->status == ROW_OK;
}

/* Where the uses and the examples begin. */
struct data_places {
	int use, example;
};

/* Names have the room of the longest one, a third of the screen at most. */
static struct data_places data_places_for(const struct dataset *dataset, int width)
{
	const bool guessed = dataset_column_is_guessed(dataset, dataset_text_column(dataset))
	                     || dataset_column_is_guessed(dataset, dataset_label_column(dataset));
	int name = NAME_COLUMNS;

	for (int i = 0; i < dataset_columns(dataset) && name < width / 3; i++) {
		const int own = 1 + scrub_columns(span_of(dataset_column_name(dataset, i)), width / 3 - 1);

		name = own > name ? own : name;
	}
	return (struct data_places){name + 1, name + 1 + (guessed && width >= WIDE ? USE_COLUMNS_WIDE : USE_COLUMNS)};
}

/* What nobody chose is marked. */
static void data_draw_use(struct app *app, struct rect rect, int row, int place, int column, enum style style)
{
	const struct dataset *dataset = app->session.dataset;
	const char *use = column == dataset_text_column(dataset) ? "text"
	                  : dataset_column_is_label(dataset, column) ? "label" : "";
	const char *mark = !dataset_column_is_guessed(dataset, column) ? "" : rect.columns >= WIDE ? " (guessed)" : "?";

	draw_format(app->terminal, rect, row, place, style == STYLE_SELECTED ? style : STYLE_FIRST, "%s%s", use, mark);
}

static void data_draw_column(struct app *app, const struct data_state *data, struct rect rect, int row, int column,
                             struct data_places places)
{
	const struct dataset *dataset = app->session.dataset;
	const enum style style = (uint64_t)column == data->list.chosen ? STYLE_SELECTED : STYLE_NORMAL;
	const struct span none = {"", 0};
	const struct span example = data->has_example && column < data->row->count ? data->row->fields[column] : none;

	if (style == STYLE_SELECTED)
		draw_fill(app->terminal, rect, row, 0, style);
	draw_span(app->terminal, rect, row, 1, places.use - 2, span_of(dataset_column_name(dataset, column)), style);
	data_draw_use(app, rect, row, places.use, column, style);
	draw_span(app->terminal, rect, row, places.example, 0, example, style);
}

static void data_draw_columns(struct app *app, const struct data_state *data, struct rect rect)
{
	const int count = dataset_columns(app->session.dataset), rows = rect.rows - 2;
	const struct data_places places = data_places_for(app->session.dataset, rect.columns);

	draw_text(app->terminal, rect, 0, 1, "Column", STYLE_TITLE);
	draw_text(app->terminal, rect, 0, places.use, "Use", STYLE_TITLE);
	draw_text(app->terminal, rect, 0, places.example, "First row", STYLE_TITLE);
	draw_range(app->terminal, rect, 0, places.example + 10, data->list.top, (uint64_t)count, rows);
	for (int row = 0; row < rows && (int)data->list.top + row < count; row++)
		data_draw_column(app, data, rect, row + 1, (int)data->list.top + row, places);
}

/* Labels and lengths */

static uint64_t data_most(const struct survey *survey)
{
	uint64_t most = 1;

	for (int i = 0; i < survey->label_count; i++)
		most = survey->labels[i].count > most ? survey->labels[i].count : most;
	return most;
}

/* Columns for the names of the labels: as the longest, half of the room at most. */
static int data_label_columns(const struct survey *survey, struct rect rect)
{
	const int most = rect.columns / 2 > LABEL_COLUMNS ? rect.columns / 2 : LABEL_COLUMNS;
	int columns = LABEL_COLUMNS;

	for (int i = 0; i < survey->label_count && columns < most; i++) {
		const int width = 2 + scrub_columns(span_of(survey->labels[i].name), most - 2);

		columns = width > columns ? width : columns;
	}
	return columns;
}

static void data_draw_label(struct app *app, struct rect rect, int row, int names, const struct label_count *label,
                            uint64_t most)
{
	const struct survey *survey = &app->session.survey;
	const int room = rect.columns - names - COUNT_COLUMNS;

	draw_span(app->terminal, rect, row, 1, names - 2, span_of(label->name), STYLE_NORMAL);
	draw_bar(app->terminal, rect, row, names, room, (double)label->count / (double)most, STYLE_FIRST);
	draw_format(app->terminal, rect, row, names + (room > 0 ? room : 0), STYLE_NORMAL, "%10s %5.1f %%",
	            words_count(label->count).text, 100.0 * (double)label->count / (double)(survey->used ? survey->used : 1));
}

static void data_draw_labels(struct app *app, struct rect rect)
{
	const struct survey *survey = &app->session.survey;
	const int rows = rect.rows - 1;
	const int shown = survey->too_many_labels ? 0 : survey->label_count > rows ? rows - 1 : survey->label_count;
	const int names = shown > 0 ? data_label_columns(survey, rect) : 0;
	const uint64_t most = data_most(survey);
	char doubt[SURVEY_DOUBT_MAX];
	int label = -1;

	draw_text(app->terminal, rect, 0, 1, "Label", STYLE_TITLE);
	if (survey_doubt(survey, doubt, sizeof doubt))
		draw_format(app->terminal, rect, 0, 8, STYLE_ERROR, "%s", doubt);
	if (survey->too_many_labels)
		draw_text(app->terminal, rect, 1, 1, "more different values than labels can have", STYLE_ERROR);
	if (dataset_label_column(app->session.dataset) < 0)
		draw_text(app->terminal, rect, 1, 1, "no label: choose a column, press l", STYLE_DIM);
	for (int i = 0; i < shown; i++) {
		label = survey_label_after(survey, label);
		data_draw_label(app, rect, i + 1, names, &survey->labels[label], most);
	}
	if (shown < survey->label_count && !survey->too_many_labels)
		draw_format(app->terminal, rect, rows, 1, STYLE_DIM, shown > 0 ? "and %d more" : "%d labels",
		            survey->label_count - (shown > 0 ? shown : 0));
}

/* "0     64     128     192+" below the bars; the last holds all that is longer. What would touch it is left out. */
static void data_draw_length_axis(struct app *app, struct rect rect, int width)
{
	const uint64_t words = app->session.survey.bin_words;
	const int row = rect.rows - 1, quarter = SURVEY_BINS / 4;
	char label[32];
	int end;

	snprintf(label, sizeof label, "%" PRIu64 "+", words * (SURVEY_BINS - 1));
	end = 1 + SURVEY_BINS * width - (int)strlen(label);
	draw_text(app->terminal, rect, row, end, label, STYLE_DIM);
	for (int bin = 0; bin < SURVEY_BINS; bin += quarter) {
		const int column = 1 + bin * width;

		snprintf(label, sizeof label, "%" PRIu64, words * (uint64_t)bin);
		if (column + (int)strlen(label) < end)
			draw_text(app->terminal, rect, row, column, label, STYLE_DIM);
	}
}

static void data_draw_lengths(struct app *app, struct rect rect)
{
	const struct survey *survey = &app->session.survey;
	const struct rect bars = {rect.y + 1, rect.x + 1, rect.rows - 2, rect.columns - 1};
	const int width = bars.columns / SURVEY_BINS > 1 ? bars.columns / SURVEY_BINS : 1;
	const uint64_t used = survey->used ? survey->used : 1;
	uint64_t most = 1;

	for (int i = 0; i < SURVEY_BINS; i++)
		most = survey->histogram[i] > most ? survey->histogram[i] : most;
	draw_format(app->terminal, rect, 0, 1, STYLE_TITLE, "Words: mean %s, longest %s",
	            words_count((survey->words_total + used / 2) / used).text, words_count(survey->words_longest).text);
	if (bars.rows < 1)
		return;
	for (int i = 0; i < SURVEY_BINS * width && i < bars.columns; i++)
		draw_column(app->terminal, bars, i, (double)survey->histogram[i / width] / (double)most, STYLE_SECOND);
	data_draw_length_axis(app, rect, width);
}

/* Notes */

static void data_draw_notes(struct app *app, struct rect rect)
{
	const struct dataset *dataset = app->session.dataset;
	const int count = dataset_notice_count(dataset), rows = rect.rows - 1;
	char key[24];

	if (rows < 1)
		return;
	draw_text(app->terminal, rect, 0, 1, "Notes", STYLE_TITLE);
	for (int i = 0; i < (count > rows ? rows - 1 : count); i++)
		app_draw_message(app, rect, i + 1, 1, dataset_notice(dataset, i), STYLE_NORMAL);
	action_first_key(ACTION_MESSAGES, key, sizeof key);
	if (count > rows)
		draw_format(app->terminal, rect, rows, 1, STYLE_DIM, "%s%d more (%s)", rows > 1 ? "and " : "",
		            count - rows + 1, key);
}

static struct layout_data data_layout(const struct app *app, struct rect body)
{
	const struct session *session = &app->session;

	return layout_data(body, session->dataset ? dataset_columns(session->dataset) : 0,
	                   session->survey_ready && !session->survey.too_many_labels ? session->survey.label_count : 0,
	                   session->dataset ? dataset_notice_count(session->dataset) : 0);
}

static void data_settle(struct app *app, void *state, struct rect body)
{
	struct data_state *data = state;
	const int count = app->session.dataset ? dataset_columns(app->session.dataset) : 0;
	const struct layout_data layout = data_layout(app, body);

	file_chooser_settle(&data->files, body);
	if (data->dialect.shown)
		dialect_page_settle(app, &data->dialect, body);
	data->page = layout.columns.rows - 2;
	list_settle(&data->list, (uint64_t)count, data->page);
}

static void data_draw(struct app *app, void *state, struct rect body)
{
	const struct data_state *data = state;
	struct layout_data layout;

	if (data->dialect.shown) {
		dialect_page_draw(app, &data->dialect, body);
		return;
	}
	if (data->files.shown) {
		file_chooser_draw(app, &data->files, body);
		return;
	}
	if (!app->session.dataset && session_opening(&app->session)) {
		draw_format(app->terminal, body, 0, 0, STYLE_NORMAL, "opening %s... (Esc gives it up)",
		            session_opening(&app->session));
		return;
	}
	if (!app->session.dataset) {
		draw_text(app->terminal, body, 0, 0, "No file is open. Press o to open one: CSV, TSV, JSON lines,", STYLE_NORMAL);
		draw_text(app->terminal, body, 1, 0, "a text file with a review a line, or a folder of folders of .txt files.",
		          STYLE_NORMAL);
		return;
	}
	if (data->outlook.shown) {
		outlook_page_draw(app, &data->outlook, body);
		return;
	}
	layout = data_layout(app, body);
	data_draw_facts(app, layout.facts);
	data_draw_columns(app, data, layout.columns);
	data_draw_notes(app, layout.notes);
	if (!app->session.survey_ready)
		return;
	data_draw_labels(app, layout.labels);
	data_draw_lengths(app, layout.lengths);
}

/* Actions */

static void data_open_answer(struct app *app, void *context, const char *path)
{
	struct error error = {0};

	(void)context;
	if (!*path)
		return;
	if (session_open_data(&app->session, path, true, &error))
		app_say(app, "opening %s... (Esc gives it up)", path);
	else
		app_complain(app, &error);
}

/* Where a file is being chosen, the one under the cursor is the beginning: a folder is opened so, too. */
static void data_open(struct app *app, const struct data_state *data, const char *path)
{
	char chosen[PATH_MAX] = "";

	if (*path) {
		data_open_answer(app, NULL, path);
		return;
	}
	if (!data->files.shown || !file_chooser_path(&data->files, chosen))
		chosen[0] = '\0';
	app_prompt(app, &(struct line_options){.prompt = "open file: ", .initial = chosen, .history = LINE_HISTORY_FILE, .files = true},
	           data_open_answer, NULL);
}

static void data_choose_file(struct app *app, struct data_state *data, const char *folder)
{
	dialect_page_hide(&data->dialect);
	if (data->files.shown && !*folder)
		data->files.shown = false;
	else
		file_chooser_show(app, &data->files, folder);
}

/* The column that an argument names, or else the one the cursor is on; -1 after a message. */
static int data_column(struct app *app, const struct data_state *data, const char *name)
{
	int column = (int)data->list.chosen;

	if (!app->session.dataset) {
		app_say(app, "no file is open");
		return -1;
	}
	if (*name)
		column = dataset_find_column(app->session.dataset, name);
	if (column < 0)
		app_say(app, "no column is called %s", name);
	return column;
}

static void data_set_text(struct app *app, const struct data_state *data, const char *name)
{
	const int column = data_column(app, data, name);
	int label;

	if (column < 0)
		return;
	label = session_label_column(&app->session);
	session_set_columns(&app->session, column, label == column ? -1 : label);
}

static void data_set_label(struct app *app, const struct data_state *data, const char *name)
{
	const int column = data_column(app, data, name);
	int text;

	if (column < 0)
		return;
	text = session_text_column(&app->session);
	if (column == text)
		app_say(app, "that column is the text: choose another text column first");
	else
		session_set_columns(&app->session, text,
		                    column == session_label_column(&app->session) && !*name ? -1 : column);
}

static void data_count(struct app *app)
{
	if (!app->session.dataset)
		app_say(app, "no file is open");
	else if (app->session.survey_given_up)
		session_survey(&app->session);
	else
		app_say(app, "the labels %s", app->session.survey_ready ? "are counted already" : "are being counted");
}

/* From what covers the file. False: nothing does. */
static bool data_go_back(struct data_state *data)
{
	const bool covered = data->files.shown || data->outlook.shown;

	if (data->files.shown)
		data->files.shown = false;
	else
		data->outlook.shown = false;
	return covered;
}

static void data_show_dialect(struct app *app, struct data_state *data, const char *words)
{
	dialect_page_show(app, &data->dialect, words);
	if (data->dialect.shown)
		data->files.shown = false;
}

/* What the form does not take for itself. */
static bool data_is_of_file(enum action action)
{
	return action == ACTION_OPEN_FILE || action == ACTION_FILES || action == ACTION_DIALECT;
}

static bool data_action(struct app *app, void *state, enum action action, const char *argument)
{
	struct data_state *data = state;
	const uint64_t columns = app->session.dataset ? (uint64_t)dataset_columns(app->session.dataset) : 0;

	if (data->dialect.shown && !data_is_of_file(action))
		return dialect_page_act(app, &data->dialect, action, argument);
	switch (action) {
	case ACTION_OPEN_FILE:
		data_open(app, data, argument);
		return true;
	case ACTION_FILES:
		data_choose_file(app, data, argument);
		return true;
	case ACTION_BACK:
		return data_go_back(data);
	case ACTION_COUNT_LABELS:
		data_count(app);
		return true;
	case ACTION_DIALECT:
		data_show_dialect(app, data, argument);
		return true;
	case ACTION_SET_TEXT:
		data_set_text(app, data, argument);
		return true;
	case ACTION_SET_LABEL:
		data_set_label(app, data, argument);
		return true;
	default:
		if (data->files.shown)
			return file_chooser_act(app, &data->files, action, argument);
		return outlook_page_act(app, &data->outlook, action, argument) || list_move(&data->list, action, columns, data->page);
	}
}

static unsigned data_context(const struct app *app, const void *state)
{
	const struct data_state *data = state;

	(void)app;
	return data->dialect.shown ? IN_DIALECT : data->files.shown ? IN_FILES : IN_DATA;
}

static bool data_offers(const struct app *app, const void *state, enum action action)
{
	const struct data_state *data = state;

	return app->session.dataset || action == ACTION_OPEN_FILE || action == ACTION_FILES || data->files.shown;
}

static const char *data_word(const struct app *app, const void *state, enum action action)
{
	const struct data_state *data = state;

	(void)app;
	if (action == ACTION_BACK)
		return data->dialect.shown ? action_rows[ACTION_BACK].name : NULL;
	return action == ACTION_FILES && data->files.shown ? "back to the file" : NULL;
}

static bool data_busy(const struct app *app, const void *state)
{
	const struct data_state *data = state;

	(void)app;
	return data->files.job || data->dialect.job || outlook_page_is_busy(&data->outlook);
}

void data_tell(struct app *app, void *state, struct teller *teller)
{
	struct data_state *data = state;

	if (data->dialect.shown)
		data_tell_dialect(app, &data->dialect, teller);
	else if (data->files.shown)
		data_tell_files(&data->files, teller);
	else if (data->outlook.shown)
		data_tell_outlook(app, &data->outlook, teller);
	else
		data_tell_file(app, &data->list, data->page, data->has_example ? data->row : NULL, teller);
}

static void data_close(void *state)
{
	struct data_state *data = state;

	row_free(data->row);
	file_chooser_free(&data->files);
	outlook_page_free(&data->outlook);
	dialect_page_free(&data->dialect);
}

const struct view screen_data = {
	.title = "Data",
	.state_size = sizeof(struct data_state),
	.context = data_context,
	.draw = data_draw,
	.settle = data_settle,
	.action = data_action,
	.offers = data_offers,
	.word = data_word,
	.busy = data_busy,
	.wake = data_wake,
	.close = data_close,
};
