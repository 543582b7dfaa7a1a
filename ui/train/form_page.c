/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/form_page.h"

#include "ui/choices.h"
#include "ui/form.h"
#include "ui/train/form_command.h"

#include <stdlib.h>
#include <string.h>

void form_page_init(struct form_page *page, const char *model, const char *probes)
{
	*page = (struct form_page){.command = NULL};
	train_form_init(&page->form, model);
	train_option_set(&page->form.options, train_option_find("probe"), probes, NULL); /* its length was checked */
}

void form_page_free(struct form_page *page)
{
	train_form_free(&page->form);
	free(page->command);
}

int form_page_field(const struct form_page *page)
{
	return form_rows_field(&page->form.rows_shown, (int)page->list.chosen);
}

/* What the form shows cut is kept whole among the messages. */
static void note_error(struct app *app, struct form_page *page)
{
	const struct error *error = &page->form.estimate_error;

	if (app->screen != SCREEN_TRAIN || page->form.trial.on || strcmp(error->text, page->noted.text) == 0)
		return;
	page->noted = *error;
	if (error->kind)
		messages_add(&app->messages, MESSAGE_ERROR, error->text, false);
}

static void tell_forgot(struct app *app, struct form_page *page)
{
	struct error error = {0};

	if (!page->form.forgot)
		return;
	page->form.forgot = false;
	error_set(&error, ERROR_DATA, "%s cannot be read as you said before: how it is written is guessed",
	          page->form.paths[FIELD_DATA]);
	app_complain(app, &error);
}

/* Changing a setting */

static char *complete_choice(const char *word, int index, void *context)
{
	const struct form_page *page = context;
	const struct option_row *row = train_form_option(form_page_field(page));

	return choices_complete(row ? row->choices : "", word, index);
}

static char *complete_recipe(const char *word, int index, void *context)
{
	int matches = 0;

	(void)context;
	for (int i = 0; train_recipe_name(i); i++)
		if (strncmp(train_recipe_name(i), word, strlen(word)) == 0 && matches++ == index)
			return strdup(train_recipe_name(i));
	return NULL;
}

/* A column of the open file. A completion of words ends one at a blank: names that have one are left out. */
static char *complete_column(const char *word, int index, void *context)
{
	const struct dataset *dataset = ((const struct form_page *)context)->dataset;
	int matches = 0;

	for (int i = 0; dataset && i < dataset_columns(dataset); i++) {
		const char *name = dataset_column_name(dataset, i);

		if (!strchr(name, ' ') && strncmp(name, word, strlen(word)) == 0 && matches++ == index)
			return strdup(name);
	}
	return NULL;
}

/* What a change has done besides, where that is not plain from the form. */
static void say_set(struct app *app, struct form_page *page, int field)
{
	if (page->form.note[0]) {
		app_say(app, "%s", page->form.note);
		page->form.note[0] = '\0';
	} else if (train_form_is_of_data(&page->form, &app->session, field))
		app_say(app, "%s is changed on the Data screen too: the form follows it", train_form_name(field));
	else if (field == FIELD_DATA && page->form.remembered)
		app_say(app, "%s is read as you said of it before: the settings below say how", page->form.paths[FIELD_DATA]);
}

static void set_field(struct app *app, struct form_page *page, const char *text)
{
	const int field = form_page_field(page);
	struct error error = {0};

	if (train_form_set(&page->form, &app->session, field, text, &error))
		say_set(app, page, field);
	else
		app_complain(app, &error);
	train_form_follow(&page->form, &app->session);
}

static void edit_answer(struct app *app, void *context, const char *answer)
{
	set_field(app, context, answer);
}

static void edit(struct app *app, struct form_page *page)
{
	const int field = form_page_field(page), theme = train_form_theme(field);
	const struct option_row *row = train_form_option(field);
	char prompt[64], value[OPTION_TEXT_MAX];

	if (theme >= 0) {
		page->form.rows_shown.open[theme] = !page->form.rows_shown.open[theme];
		return;
	}
	page->dataset = page->form.own_data ? NULL : app->session.dataset;
	snprintf(prompt, sizeof prompt, "%s: ", train_form_name(field));
	train_form_value(&page->form, field, value, sizeof value);
	if (row && row->kind == OPTION_BOOLEAN) {
		set_field(app, page, strcmp(value, "true") == 0 ? "false" : "true");
		return;
	}
	app_prompt(app, &(struct line_options){
		.prompt = prompt, .initial = value, .context = page,
		.history = row ? LINE_HISTORY_NONE : LINE_HISTORY_FILE,
		.files = !row || (row->kind == OPTION_TEXT && (!row->choices[0] || strncmp(row->choices, "FILE", 4) == 0)),
		.complete = field == FIELD_RECIPE ? complete_recipe
		            : row && strcmp(row->choices, "COLUMN") == 0 ? complete_column
		            : row && row->choices[0] && strncmp(row->choices, "FILE", 4) != 0 ? complete_choice : NULL,
	}, edit_answer, page);
}

static void reset_field(struct app *app, struct form_page *page)
{
	const int field = form_page_field(page);
	const struct option_row *row = train_form_option(field);

	if (row || field == FIELD_RECIPE) {
		set_field(app, page, train_form_default(&page->form, field));
		return;
	}
	if (field == FIELD_DATA)
		page->form.own_data = false;
	else if (field == FIELD_RUN)
		page->form.own_run = false;
	train_form_follow(&page->form, &app->session);
}

static void find_answer(struct app *app, void *context, const char *answer)
{
	struct form_page *page = context;
	const int found = form_rows_find(&page->form.rows_shown, form_page_field(page), answer, train_form_name);

	if (found < 0)
		app_say(app, "no setting is called so or says so: %s", answer);
	else
		page->list.chosen = (uint64_t)form_rows_row(&page->form.rows_shown, found);
}

static void find(struct app *app, struct form_page *page, const char *text)
{
	if (*text)
		find_answer(app, page, text);
	else
		app_prompt(app, &(struct line_options){.prompt = "setting: ", .history = LINE_HISTORY_NONE}, find_answer, page);
}

/* A choice is gone through by two keys; of other settings they say so. */
static void go_through(struct app *app, struct form_page *page, int step)
{
	const int field = form_page_field(page), theme = train_form_theme(field);
	char buffer[OPTION_TEXT_MAX], word[OPTION_TEXT_MAX];

	if (theme >= 0)
		page->form.rows_shown.open[theme] = step > 0;
	else if (!train_form_is_choice(field))
		app_say(app, "%s is no choice among words: Enter changes it", train_form_name(field));
	else {
		snprintf(word, sizeof word, "%s", train_form_choice(&page->form, field, step, buffer));
		set_field(app, page, word);
	}
}

static void show_command(struct app *app, struct form_page *page)
{
	struct trainer_request request;
	struct error error = {0};

	if (!train_form_request(&page->form, &request, &error)) {
		app_complain(app, &error);
		return;
	}
	form_show_command(app, &page->command, form_command(&request));
}

bool form_page_act(struct app *app, struct form_page *page, enum action action, const char *argument)
{
	const bool shown = page->command;

	form_hide_command(&page->command, action);
	switch (action) {
	case ACTION_BACK:
		return shown;
	case ACTION_COPY_COMMAND:
		if (!shown)
			show_command(app, page);
		return true;
	case ACTION_FIND_FIELD:
		find(app, page, argument);
		return true;
	case ACTION_EDIT_FIELD:
		if (!*argument)
			edit(app, page);
		else if (train_form_theme(form_page_field(page)) >= 0)
			app_say(app, "this line is the heading of settings, and no setting: nothing was done");
		else
			set_field(app, page, argument);
		return true;
	case ACTION_CHOICE_NEXT:
	case ACTION_CHOICE_BACK:
		go_through(app, page, action == ACTION_CHOICE_NEXT ? 1 : -1);
		return true;
	case ACTION_RESET_FIELD:
		reset_field(app, page);
		return true;
	default:
		return list_move(&page->list, action, (uint64_t)form_rows_count(&page->form.rows_shown), page->rows);
	}
}

/* While the prompt of a setting stands there, what is typed in it counts as tried. */
static void follow_typing(struct app *app, struct form_page *page)
{
	const struct span text = line_text(app->line);
	char typed[OPTION_TEXT_MAX];

	if (!app->prompting || app->answer != edit_answer) {
		train_form_end_trial(&page->form, &app->session);
		return;
	}
	snprintf(typed, sizeof typed, "%.*s", (int)(text.size < sizeof typed ? text.size : sizeof typed - 1), text.data);
	train_form_try(&page->form, &app->session, form_page_field(page), typed);
}

void form_page_wake(struct app *app, struct form_page *page)
{
	note_error(app, page);
	tell_forgot(app, page);
}

void form_page_settle(struct app *app, struct form_page *page, struct rect body)
{
	follow_typing(app, page);
	page->rows = layout_form(body).fields.rows;
	list_settle(&page->list, (uint64_t)form_rows_count(&page->form.rows_shown), page->rows);
}
