/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/form_page.h"

#include "engine/words.h"
#include "ui/form.h"

#include <string.h>

#define NAME_COLUMNS 32

static void draw_field(struct app *app, const struct form_page *page, struct rect rect, int row, int field)
{
	const enum style chosen = field == form_page_field(page) ? STYLE_SELECTED : STYLE_NORMAL;
	const struct option_row *option = train_form_option(field);
	const int theme = train_form_theme(field);
	char value[PATH_MAX], shown[WIDGET_NAME_MAX];
	enum style style = chosen;

	train_form_value(&page->form, field, value, sizeof value);
	app_path_name(app, value, rect.columns - NAME_COLUMNS, shown);
	if (chosen == STYLE_NORMAL && train_form_is_default(&page->form, field))
		style = STYLE_DIM;
	if (chosen == STYLE_SELECTED)
		draw_fill(app->terminal, rect, row, 0, chosen);
	if (theme >= 0) {
		draw_format(app->terminal, rect, row, 1, chosen, "%c %s (%s)", page->form.rows_shown.open[theme] ? '-' : '+',
		            train_form_name(field), value);
		return;
	}
	draw_text(app->terminal, rect, row, option && option->theme != THEME_BASIC ? 3 : 1, train_form_name(field), chosen);
	draw_text(app->terminal, rect, row, NAME_COLUMNS, shown, style);
}

/* "about 12 min 04 s at the pace of run-3", or of a new kind a guess; else how it will be known. */
static void put_time(const struct train_form *form, char *out, size_t capacity)
{
	if (form->time.seconds >= 0 && form->time.measured > 0)
		snprintf(out, capacity, "about %s (2 steps timed)", form_pace_words(form->time.seconds).text);
	else if (form->pace.job && form->pace.fits)
		snprintf(out, capacity, "a step is timed...");
	else if (form->time.seconds >= 0)
		snprintf(out, capacity, "about %s at the pace of %s", words_duration(form->time.seconds).text, form->time.run);
	else
		snprintf(out, capacity, "the first steps tell the time");
}

static void draw_estimate(struct app *app, const struct form_page *page, struct rect rect)
{
	const struct train_form *form = &page->form;
	const bool tight = form->estimate.memory_bytes > form->estimate.memory_available;
	const struct error *error = train_form_error(form);
	char time[400], text[640];

	if (error) {
		app_draw_message(app, rect, 0, 1, error->text, STYLE_ERROR);
		return;
	}
	if (train_form_is_counting(form)) {
		draw_format(app->terminal, rect, 0, 1, STYLE_DIM, "counting the rows of %s...", form->paths[FIELD_DATA]);
		return;
	}
	if (form->estimate_job && form->estimate.steps == 0) {
		draw_text(app->terminal, rect, 0, 1, "estimating...", STYLE_DIM);
		return;
	}
	put_time(form, time, sizeof time);
	snprintf(text, sizeof text, tight ? "%s of memory are more than the %s that are free; %s steps, %s"
	                                  : "%s of memory (%s free); %s steps, %s",
	         words_bytes(form->estimate.memory_bytes).text, words_bytes(form->estimate.memory_available).text,
	         words_count(form->estimate.steps).text, time);
	draw_text(app->terminal, rect, 0, 1, text, form->estimate_job ? STYLE_DIM : tight ? STYLE_ERROR : STYLE_NORMAL);
}

static const char *choice_word(const void *of, int step, char out[OPTION_TEXT_MAX])
{
	const struct form_page *page = of;

	return train_form_choice(&page->form, form_page_field(page), step, out);
}

/* What a field takes, and the words of a choice above it; a learning rate far from the usual ones is told instead. */
static void draw_about(struct app *app, const struct form_page *page, struct rect rect)
{
	const int field = form_page_field(page);
	const struct option_row *row = train_form_option(field);
	char text[1024];

	train_form_explain(&page->form, field, text, sizeof text);
	if (row && row->offset == offsetof(struct train_options, learning_rate) && page->form.estimate.advice[0] &&
	    !train_form_error(&page->form)) {
		snprintf(text, sizeof text, "%s", page->form.estimate.advice);
		messages_name_settings(text);
		form_draw_help(app, rect, text, STYLE_ERROR);
		return;
	}
	if (train_form_is_choice(field) && rect.rows > 1) {
		form_draw_choices(app, rect, &(struct form_choices){page, train_form_choice_count(field),
		                                                    train_form_choice_place(&page->form, field), choice_word});
		rect.y += rect.rows - 1;
		rect.rows = 1;
	}
	form_draw_help(app, rect, text, STYLE_DIM);
}

/* Why what is typed would be refused, whole: in the row of the estimate, and the one above it where it is long. */
static bool draw_trial(struct app *app, const struct form_page *page, struct rect help, struct rect estimate)
{
	const struct error *error = train_form_error(&page->form);
	struct error said;
	const struct rect both = {help.y, help.x, help.rows + estimate.rows, help.columns};

	if (!page->form.trial.on || !error)
		return false;
	said = *error;
	messages_name_settings(said.text);
	if ((int)strlen(said.text) > help.columns - 2)
		draw_fill(app->terminal, both, both.rows - 2, 0, STYLE_NORMAL);
	form_draw_help(app, both, said.text, STYLE_ERROR);
	return true;
}

void form_page_draw(struct app *app, const struct form_page *page, struct rect body)
{
	const struct layout_form layout = layout_form(body);
	const int count = form_rows_count(&page->form.rows_shown);

	if (page->command) {
		form_draw_command(app, body, page->command);
		return;
	}
	draw_text(app->terminal, layout.title, 0, 1, "A new training. Enter changes a setting, s starts.", STYLE_TITLE);
	draw_range(app->terminal, layout.title, 0, 50, page->list.top, (uint64_t)count, layout.fields.rows);
	for (int row = 0; row < layout.fields.rows && (int)page->list.top + row < count; row++)
		draw_field(app, page, layout.fields, row, form_rows_field(&page->form.rows_shown, (int)page->list.top + row));
	draw_about(app, page, layout.help);
	if (!draw_trial(app, page, layout.help, layout.estimate))
		draw_estimate(app, page, layout.estimate);
}
