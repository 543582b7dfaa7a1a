/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/form.h"

#include <stdlib.h>
#include <string.h>

/* A byte counts as a column: what is not ASCII breaks early. */
void form_draw_help(struct app *app, struct rect rect, const char *text, enum style style)
{
	int size = (int)strlen(text), room = rect.columns - 2;

	if (size > room && rect.rows > 1 && room > 0) {
		for (size = room; size > 0 && text[size] != ' '; size--)
			;
		draw_span(app->terminal, rect, rect.rows - 2, 1, 0, (struct span){text, (size_t)size}, style);
		text += size + (text[size] == ' ');
	}
	draw_text(app->terminal, rect, rect.rows - 1, 1, text, style);
}

void form_draw_choices(struct app *app, struct rect rect, const struct form_choices *choices)
{
	const int first = choices->place > 1 ? -1 : -choices->place;
	char buffer[OPTION_TEXT_MAX];
	int column = 1;

	for (int step = first; step < choices->count + first; step++) {
		const char *word = choices->word(choices->of, step, buffer);
		const bool present = step == 0 && choices->place >= 0;

		column += draw_format(app->terminal, rect, 0, column, present ? STYLE_SELECTED : STYLE_DIM, "%s%s%s", present ? "[" : " ",
		                      *word ? word : "none", present ? "]" : " ");
		if (column >= rect.columns)
			return;
	}
}

void form_show_command(struct app *app, char **shown, char *command)
{
	*shown = command;
	if (command && terminal_copy(app->terminal, span_of(command)))
		app_say(app, "copied, where the terminal allows programs to copy");
}

void form_hide_command(char **shown, enum action action)
{
	if (!*shown || (action != ACTION_BACK && (action_rows[action].contexts & ANYWHERE) == ANYWHERE))
		return;
	free(*shown);
	*shown = NULL;
}

void form_draw_command(struct app *app, struct rect body, const char *command)
{
	struct rect rest = {body.y + 2, body.x, body.rows - 2, body.columns};
	struct scrubbed text = {0};
	struct text_lines lines = {0};

	draw_text(app->terminal, body, 0, 1, "The command line that does the same, to be selected here. y: back to the form.", STYLE_TITLE);
	if (scrub_text(&text, span_of(command), terminal_scrub(app->terminal, SCRUB_NEWLINE_SYMBOL)) &&
	    rest.rows > 0 && rest.columns > 0 && text_wrap(&lines, &text, rest.columns))
		draw_wrapped(app->terminal, rest, &text, &lines, 0);
	text_lines_free(&lines);
	scrubbed_free(&text);
}
