/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data/dialect_page.h"

#include "ui/choices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dialect_page_free(struct dialect_page *page)
{
	job_let_go(&page->job);
	dialect_preview_free(page->preview);
	free(page->command);
}

void dialect_page_hide(struct dialect_page *page)
{
	if (!page->shown)
		return;
	dialect_page_free(page);
	*page = (struct dialect_page){.shown = false};
}

/* The preview */

static void begin_preview(struct app *app, struct dialect_page *page)
{
	job_let_go(&page->job);
	page->stale = true;
	page->error = (struct error){0};
	page->job = dialect_preview_start(app->session.jobs, dataset_path(app->session.dataset), &page->tried, &page->error);
}

const struct dialect_preview *dialect_page_preview(const struct dialect_page *page)
{
	return page->stale && !page->job ? NULL : page->preview;
}

/* What is opened would be lost, or what was said of it last. */
static bool is_opening(struct app *app)
{
	const char *path = session_opening(&app->session);

	if (path)
		app_say(app, "opening %s... (Esc gives it up)", path);
	return path;
}

static void read_so(struct app *app, struct dialect_page *page)
{
	const struct open_how how = dialect_form_how(&page->form);
	const char *path = dataset_path(app->session.dataset);
	struct error error = {0};

	page->wanted = false;
	if (session_open_data_how(&app->session, path, &how, true, &error))
		app_say(app, "opening %s... (Esc gives it up)", path);
	else
		app_complain(app, &error);
}

static void take_preview(struct dialect_page *page)
{
	if (job_error(page->job)) {
		page->error = *job_error(page->job);
	} else {
		dialect_preview_free(page->preview);
		page->preview = dialect_preview_take(page->job);
		page->stale = false;
	}
	job_let_go(&page->job);
}

/* What was wished while nobody knew whether it can be. */
static void settle_wish(struct app *app, struct dialect_page *page)
{
	if (!page->wanted || page->job || !dialect_form_equal(&page->form, &page->tried))
		return;
	page->wanted = false;
	if (page->error.kind)
		app_complain(app, &page->error);
	else
		read_so(app, page);
}

void dialect_page_wake(struct app *app, struct dialect_page *page)
{
	if (!page->shown)
		return;
	if (!app->session.dataset || page->generation != app->session.dataset_generation) {
		dialect_page_hide(page);
		return;
	}
	if (job_finished(page->job))
		take_preview(page);
	settle_wish(app, page);
}

/* Fields */

static int chosen_field(const struct dialect_page *page)
{
	return (int)page->list.chosen;
}

static bool is_of_tables(int row)
{
	return row == DIALECT_delimiter || row == DIALECT_quote || row == DIALECT_escape || row == DIALECT_header;
}

/* A dialect has no word of its own for what a format lacks. */
static void guessed_row(const struct dialect_preview *preview, int row, char out[OPTION_TEXT_MAX])
{
	const enum dataset_format format = preview->taken.format;
	char word[DIALECT_WORD_MAX];

	dialect_form_word(&preview->taken, row, word);
	if (is_of_tables(row) && format != DATASET_CSV && format != DATASET_TSV)
		snprintf(out, OPTION_TEXT_MAX, "not in %s", dataset_format_name(format));
	else
		snprintf(out, OPTION_TEXT_MAX, "%s", strcmp(word, "auto") == 0 ? "none" : word);
}

/* The first of several. */
static const struct preview_column *used_column(const struct dialect_preview *preview, int field)
{
	for (int i = 0; i < preview->columns; i++)
		if (field == DIALECT_FIELD_TEXT ? preview->column[i].text : preview->column[i].label)
			return &preview->column[i];
	return NULL;
}

static void guessed_column(const struct dialect_preview *preview, int field, char out[OPTION_TEXT_MAX],
                           char origin[DIALECT_ORIGIN_MAX])
{
	const struct preview_column *column = used_column(preview, field);

	snprintf(out, OPTION_TEXT_MAX, "%s", column ? column->name : "none");
	if (column && !column->guessed)
		snprintf(origin, DIALECT_ORIGIN_MAX, "(found)");
}

void dialect_page_value(const struct dialect_page *page, int field, char out[OPTION_TEXT_MAX], char origin[DIALECT_ORIGIN_MAX])
{
	const struct dialect_preview *preview = dialect_page_preview(page);

	if (dialect_form_is_said(&page->tried, field)) {
		dialect_form_format(&page->tried, field, out);
		origin[0] = '\0';
		return;
	}
	out[0] = '\0';
	snprintf(origin, DIALECT_ORIGIN_MAX, "(guessed)");
	if (preview && field < DIALECT_ROW_COUNT)
		guessed_row(preview, field, out);
	else if (preview)
		guessed_column(preview, field, out, origin);
}

/* Word number `index` that a field can be, columns of the file after the words of its table; NULL: there are no more. */
static const char *choice_word(const struct dialect_page *page, int field, int index, char out[OPTION_TEXT_MAX])
{
	int words = 0;
	struct span word;

	while ((word = choices_word(dialect_form_words(field), words)).size > 0) {
		if (words++ != index)
			continue;
		snprintf(out, OPTION_TEXT_MAX, "%.*s", (int)word.size, word.data);
		return out;
	}
	if (field < DIALECT_ROW_COUNT || !page->preview || index - words >= page->preview->columns)
		return NULL;
	return page->preview->column[index - words].word;
}

static int choice_count(const struct dialect_page *page, int field)
{
	char word[OPTION_TEXT_MAX];
	int count = 0;

	while (choice_word(page, field, count, word))
		count++;
	return count;
}

static int choice_place(const struct dialect_page *page, int field)
{
	char now[OPTION_TEXT_MAX], buffer[OPTION_TEXT_MAX];
	const char *word;

	dialect_form_format(&page->form, field, now);
	for (int i = 0; (word = choice_word(page, field, i, buffer)); i++)
		if (strcmp(word, now) == 0)
			return i;
	return -1;
}

static const char *choice_after(const void *of, int step, char out[OPTION_TEXT_MAX])
{
	const struct dialect_page *page = of;
	const int field = chosen_field(page), count = choice_count(page, field), place = choice_place(page, field);
	const int from = place < 0 && step < 0 ? 0 : place; /* a word of one's own stands before all others */

	return choice_word(page, field, (from + step % count + count) % count, out);
}

struct form_choices dialect_page_choices(const struct dialect_page *page)
{
	return (struct form_choices){page, choice_count(page, chosen_field(page)), choice_place(page, chosen_field(page)), choice_after};
}

/* What became of it */

static const char *plural(int count)
{
	return count == 1 ? "" : "s";
}

static void describe_preview(const struct dialect_preview *preview, char *out, size_t capacity)
{
	int bad = 0;
	size_t used;

	for (int i = 0; i < preview->rows; i++)
		bad += preview->row[i].status != ROW_OK;
	used = (size_t)snprintf(out, capacity, "%s, %s, %d column%s", dataset_format_name(preview->taken.format),
	                        preview->taken.encoding, preview->column_count, plural(preview->column_count));
	if (preview->rows > 0 && used < capacity)
		used += (size_t)snprintf(out + used, capacity - used, "; first %d row%s", preview->rows, plural(preview->rows));
	else if (used < capacity)
		used += (size_t)snprintf(out + used, capacity - used, "; no row in what was read");
	if (bad > 0 && used < capacity)
		used += (size_t)snprintf(out + used, capacity - used, ", %d of them cannot be used", bad);
	if (preview->notes > 0 && used < capacity)
		used += (size_t)snprintf(out + used, capacity - used, "; %s", preview->note);
	if (preview->notes > 1 && used < capacity)
		snprintf(out + used, capacity - used, " and %d more", preview->notes - 1);
}

bool dialect_page_describe(const struct dialect_page *page, char *out, size_t capacity)
{
	const struct error *error = page->typed.kind ? &page->typed : &page->error;

	if (error->kind) {
		snprintf(out, capacity, "%s", error->text);
	} else if (page->job || !page->preview) {
		snprintf(out, capacity, "reading the first rows...");
	} else if (page->preview->stopped.kind) {
		snprintf(out, capacity, "%s", page->preview->stopped.text);
		error = &page->preview->stopped;
	} else {
		describe_preview(page->preview, out, capacity);
	}
	messages_name_settings(out);
	return error->kind;
}

/* Changing a field */

static void set_field(struct app *app, struct dialect_page *page, int field, const char *text)
{
	struct error error = {0};

	page->wanted = false;
	if (!dialect_form_set(&page->form, field, text, &error))
		app_complain(app, &error);
}

/* A completion of words leaves a blank after a word. */
static void take_typed(struct span typed, char out[OPTION_TEXT_MAX])
{
	while (typed.size > 1 && typed.data[typed.size - 1] == ' ')
		typed.size--;
	snprintf(out, OPTION_TEXT_MAX, "%.*s", (int)(typed.size < OPTION_TEXT_MAX ? typed.size : OPTION_TEXT_MAX - 1), typed.data);
}

static void edit_answer(struct app *app, void *context, const char *answer)
{
	struct dialect_page *page = context;
	char text[OPTION_TEXT_MAX];

	take_typed(span_of(answer), text);
	if (page->shown)
		set_field(app, page, chosen_field(page), text);
	else
		app_say(app, "nothing was changed: another file is open by now");
}

/* A completion of words ends one at a blank: columns whose names have one are left out. */
static char *complete_word(const char *typed, int index, void *context)
{
	const struct dialect_page *page = context;
	char buffer[OPTION_TEXT_MAX];
	const char *word;
	int matches = 0;

	for (int i = 0; (word = choice_word(page, chosen_field(page), i, buffer)); i++)
		if (!strchr(word, ' ') && strncmp(word, typed, strlen(typed)) == 0 && matches++ == index)
			return strdup(word);
	return NULL;
}

static void edit(struct app *app, struct dialect_page *page)
{
	const int field = chosen_field(page);
	char prompt[64], value[OPTION_TEXT_MAX];

	snprintf(prompt, sizeof prompt, "%s: ", dialect_form_name(field));
	dialect_form_format(&page->form, field, value);
	app_prompt(app, &(struct line_options){
		.prompt = prompt, .initial = dialect_form_is_said(&page->form, field) ? value : "", .history = LINE_HISTORY_NONE,
		.complete = complete_word, .context = page,
	}, edit_answer, page);
}

static void go_through(struct app *app, struct dialect_page *page, int step)
{
	char buffer[OPTION_TEXT_MAX], word[OPTION_TEXT_MAX];

	snprintf(word, sizeof word, "%s", choice_after(page, step, buffer));
	set_field(app, page, chosen_field(page), word);
}

/* While the prompt of a field stands there, the preview is of what is typed in it. */
static void follow(struct app *app, struct dialect_page *page)
{
	struct dialect_form wanted = page->form;
	char typed[OPTION_TEXT_MAX];

	page->typed = (struct error){0};
	if (app->prompting && app->answer == edit_answer) {
		take_typed(line_text(app->line), typed);
		if (!dialect_form_set(&wanted, chosen_field(page), typed, &page->typed))
			return;
	}
	if (dialect_form_equal(&wanted, &page->tried))
		return;
	page->tried = wanted;
	begin_preview(app, page);
}

void dialect_page_settle(struct app *app, struct dialect_page *page, struct rect body)
{
	follow(app, page);
	settle_wish(app, page);
	page->rows = layout_dialect(body, DIALECT_FIELDS).fields.rows;
	list_settle(&page->list, DIALECT_FIELDS, page->rows);
}

/* Showing it */

static void show(struct app *app, struct dialect_page *page)
{
	if (page->shown)
		return;
	*page = (struct dialect_page){.shown = true, .generation = app->session.dataset_generation};
	dialect_form_init(&page->form, &app->session);
	page->tried = page->form;
	begin_preview(app, page);
}

static void read_anew(struct app *app, const struct dataset_dialect *dialect)
{
	const char *path = dataset_path(app->session.dataset);
	struct error error = {0};

	if (is_opening(app))
		return;
	if (session_open_data_as(&app->session, path, dialect, true, &error))
		app_say(app, "opening %s... (Esc gives it up)", path);
	else
		app_complain(app, &error);
}

/* Without a form a member of the dialect is changed at once; a column has keys of its own for that. */
static void set_at_once(struct app *app, struct dialect_page *page, int field, const char *value)
{
	struct dataset_dialect dialect = *dataset_said(app->session.dataset);
	struct error error = {0};

	if (page->shown || field >= DIALECT_ROW_COUNT) {
		show(app, page);
		page->list.chosen = (uint64_t)field;
		set_field(app, page, field, value);
	} else if (dialect_set(&dialect, field, value, &error)) {
		read_anew(app, &dialect);
	} else {
		app_complain(app, &error);
	}
}

static void guess_all(struct app *app, struct dialect_page *page)
{
	page->wanted = false;
	if (page->shown)
		page->form = (struct dialect_form){.no_label = false};
	else
		read_anew(app, &(struct dataset_dialect){0});
}

void dialect_page_show(struct app *app, struct dialect_page *page, const char *words)
{
	const size_t size = strcspn(words, " "), gap = strspn(words + size, " ");
	char name[32];
	int field;

	if (!app->session.dataset) {
		app_say(app, "no file is open");
		return;
	}
	snprintf(name, sizeof name, "%.*s", (int)(size < sizeof name ? size : sizeof name - 1), words);
	field = dialect_form_find(name);
	if (!*words) {
		show(app, page);
	} else if (strcmp(name, "auto") == 0) {
		guess_all(app, page);
	} else if (field < 0) {
		app_say(app, "%s: only format, delimiter, quote, escape, encoding, header, label-separator and the columns can be said",
		        name);
	} else if (words[size + gap]) {
		set_at_once(app, page, field, words + size + gap);
	} else {
		show(app, page);
		page->list.chosen = (uint64_t)field;
		edit(app, page);
	}
}

static void accept(struct app *app, struct dialect_page *page)
{
	if (is_opening(app))
		return;
	page->wanted = true;
	follow(app, page);
	if (page->error.kind && !page->job) /* the file may have been mended meanwhile */
		begin_preview(app, page);
	settle_wish(app, page);
	if (page->wanted)
		app_say(app, "the first rows are being read, and then all of the file");
}

bool dialect_page_act(struct app *app, struct dialect_page *page, enum action action, const char *argument)
{
	const bool shown = page->command;

	form_hide_command(&page->command, action);
	switch (action) {
	case ACTION_BACK:
	case ACTION_LEAVE_DIALECT:
		if (!shown)
			dialect_page_hide(page);
		return true;
	case ACTION_COPY_COMMAND:
		if (!shown)
			form_show_command(app, &page->command, dialect_form_command(&page->form, dataset_path(app->session.dataset)));
		return true;
	case ACTION_EDIT_FIELD:
		if (*argument)
			set_field(app, page, chosen_field(page), argument);
		else
			edit(app, page);
		return true;
	case ACTION_CHOICE_NEXT:
	case ACTION_CHOICE_BACK:
		go_through(app, page, action == ACTION_CHOICE_NEXT ? 1 : -1);
		return true;
	case ACTION_RESET_FIELD:
		set_field(app, page, chosen_field(page), "auto");
		return true;
	case ACTION_REREAD:
		accept(app, page);
		return true;
	default:
		return list_move(&page->list, action, DIALECT_FIELDS, page->rows);
	}
}
