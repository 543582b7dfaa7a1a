/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/train_tell.h"

#include "engine/words.h"
#include "ui/plain/spoken.h"

#include <stdlib.h>
#include <string.h>

/* What ships is called by what it is; of 5e-05 a voice says no minus. */
static void value_name(const struct app *app, const char *value, char out[WIDGET_NAME_MAX])
{
	char *end;
	const double number = strtod(value, &end);

	if (*value && !*end && strchr(value, 'e'))
		snprintf(out, WIDGET_NAME_MAX, "%s", spoken_number(number).text);
	else if (strchr(value, '/'))
		app_path_name(app, value, TELL_PATH_COLUMNS, out);
	else
		snprintf(out, WIDGET_NAME_MAX, "%.*s", WIDGET_NAME_MAX - 1, value);
}

static void tell_field(const struct app *app, const struct train_form *form, uint64_t index, struct teller *teller)
{
	const int field = form_rows_field(&form->rows_shown, (int)index), theme = train_form_theme(field);
	char value[PATH_MAX], name[WIDGET_NAME_MAX], help[OPTION_TEXT_MAX];

	train_form_value(form, field, value, sizeof value);
	value_name(app, value, name);
	if (theme >= 0)
		tell_line(teller, index, NULL, "%s, %s: %s", train_form_name(field), form->rows_shown.open[theme] ? "unfolded" : "folded",
		          value);
	else
		tell_line(teller, index, NULL, "%s: %s%s", train_form_name(field), *name ? name : "nothing",
		          !train_form_option(field) || train_form_is_default(form, field) ? "" : ", changed");
	if (teller->part == TELL_CHOSEN) {
		train_form_explain(form, field, help, sizeof help);
		tell(teller, "%s.", help);
	}
}

static void tell_estimate(const struct train_form *form, struct teller *teller)
{
	const struct train_estimate *estimate = &form->estimate;

	if (train_form_is_counting(form))
		tell(teller, "The rows of the file are being counted.");
	else if (train_form_error(form))
		tell(teller, "Not as it stands: %s.", train_form_error(form)->text);
	else if (estimate->steps > 0)
		tell(teller, "It will make %s steps and take about %s of memory; %s are free.", words_count(estimate->steps).text,
		     words_bytes(estimate->memory_bytes).text, words_bytes(estimate->memory_available).text);
	if (!train_form_error(form) && form->time.seconds >= 0 && form->time.measured > 0)
		tell(teller, "It will take about %s, a guess by 2 steps that were timed.", form_pace_words(form->time.seconds).text);
	else if (!train_form_error(form) && form->time.seconds >= 0)
		tell(teller, "It will take about %s at the pace of %s.", words_duration(form->time.seconds).text, form->time.run);
}

/* All fields are told at once: there are few as long as the themes are folded. */
void train_tell_form(struct app *app, const struct train_form *form, struct list *list, int rows, struct teller *teller)
{
	const uint64_t count = (uint64_t)form_rows_count(&form->rows_shown);
	const struct told_range range = tell_range(teller, list->chosen, 0, rows > (int)count ? rows : (int)count, count);

	tell_title(teller, "Train: a new training");
	tell_list(teller, &list->chosen, count, (uint64_t)form_rows_field(&form->rows_shown, (int)list->chosen), ACTION_EDIT_FIELD);
	if (teller->part == TELL_ALL)
		tell(teller, "A number changes that setting; \"start\" starts.");
	for (uint64_t i = range.first; i < range.end; i++)
		tell_field(app, form, i, teller);
	if (teller->part == TELL_ALL)
		tell_estimate(form, teller);
}
