/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Help: every action with its keys, made from the action table. */
#include "ui/app.h"

#define HELP_KEYS 19  /* columns for the keys */
#define HELP_NAMES 16 /* columns for the name */
#define HELP_ROOM 24  /* columns for the sentence, or else it stands below */
#define HELP_INDENT 4 /* ... from here on */
#define HELP_LINES_MAX (ACTION_COUNT * 5 + 16)

/* A heading, or a piece of an action's sentence. */
struct help_line {
	const char *heading;
	int action;
	const char *text;
	int size;
	bool first;
};

struct help_state {
	struct list list; /* only `top` moves */
	struct help_line lines[HELP_LINES_MAX];
	int count, columns; /* lines are made for this width */
	int page;
};

static const struct {
	unsigned contexts;
	const char *heading;
} help_sections[] = {
	{IN_DATA, "Data"},
	{IN_REVIEWS, "Reviews"},
	{IN_FORM, "Train, before it starts"},
	{IN_RUN, "Train, the charts"},
	{IN_SCORE, "Score, outside of the text"},
	{IN_LISTS, "Moving in every list"},
	{ANYWHERE, "Everywhere, where no text is being typed"},
};

static void help_add(struct help_state *help, struct help_line line)
{
	if (help->count < HELP_LINES_MAX)
		help->lines[help->count++] = line;
}

/* The sentences are ASCII: a byte is a column. */
static void help_add_action(struct help_state *help, int action, int room, bool first)
{
	const char *text = action_rows[action].help;

	do {
		int size = (int)strlen(text);

		if (size > room) {
			for (size = room; size > 0 && text[size] != ' '; size--)
				;
			size = size > 0 ? size : room;
		}
		help_add(help, (struct help_line){NULL, action, text, size, first});
		text += size;
		text += strspn(text, " ");
		first = false;
	} while (*text);
}

static bool help_is_below(int columns)
{
	return columns - HELP_KEYS - HELP_NAMES < HELP_ROOM;
}

static void help_make_lines(struct help_state *help, int columns)
{
	const bool below = help_is_below(columns);
	const int room = columns - (below ? HELP_INDENT : HELP_KEYS + HELP_NAMES);

	help->columns = columns;
	help->count = 0;
	for (size_t i = 0; i < sizeof help_sections / sizeof *help_sections; i++) {
		if (i > 0)
			help_add(help, (struct help_line){.action = ACTION_NONE});
		help_add(help, (struct help_line){.heading = help_sections[i].heading, .action = ACTION_NONE});
		for (int action = 0; action < ACTION_COUNT; action++) {
			if ((action_rows[action].contexts & ANYWHERE) != help_sections[i].contexts)
				continue;
			if (below)
				help_add(help, (struct help_line){.action = action, .text = "", .first = true});
			help_add_action(help, action, room, !below);
		}
	}
}

static void help_draw_line(struct app *app, struct rect body, int row, const struct help_line *line)
{
	const struct action_row *action;

	if (line->heading)
		draw_text(app->terminal, body, row, 0, line->heading, STYLE_TITLE);
	if (line->action == ACTION_NONE)
		return;
	action = &action_rows[line->action];
	if (line->first) {
		draw_text(app->terminal, body, row, 1, action->keys, STYLE_NORMAL);
		draw_format(app->terminal, body, row, HELP_KEYS, STYLE_DIM, ":%s %s", action->name, action->argument);
	}
	draw_span(app->terminal, body, row, help_is_below(body.columns) ? HELP_INDENT : HELP_KEYS + HELP_NAMES, 0,
	          (struct span){line->text, (size_t)line->size}, STYLE_NORMAL);
}

static void help_draw(struct app *app, void *state, struct rect body)
{
	struct help_state *help = state;

	if (help->columns != body.columns)
		help_make_lines(help, body.columns);
	help->page = body.rows;
	if (help->list.top + (uint64_t)body.rows > (uint64_t)help->count)
		help->list.top = help->count > body.rows ? (uint64_t)(help->count - body.rows) : 0;
	for (int row = 0; row < body.rows && (int)help->list.top + row < help->count; row++)
		help_draw_line(app, body, row, &help->lines[(int)help->list.top + row]);
}

static unsigned help_context(const struct app *app, const void *state)
{
	(void)app;
	(void)state;
	return IN_HELP;
}

/* There is no cursor: the top line moves. */
static bool help_action(struct app *app, void *state, enum action action, const char *argument)
{
	struct help_state *help = state;
	const uint64_t last = help->count > help->page ? (uint64_t)(help->count - help->page) : 0;

	(void)app;
	(void)argument;
	help->list.chosen = help->list.top;
	if (!list_move(&help->list, action, last + 1, help->page))
		return false;
	help->list.top = help->list.chosen;
	return true;
}

const struct view screen_help = {
	.title = "Help",
	.state_size = sizeof(struct help_state),
	.context = help_context,
	.draw = help_draw,
	.action = help_action,
};
