/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Help: every action with its keys, those of the screen that it was asked for on first, then the settings; made from their
 * tables. */
#include "ui/app.h"
#include "ui/plain/spoken.h"
#include "ui/plain/teller.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HELP_KEYS 19  /* columns for the keys */
#define HELP_NAMES 16 /* columns for the name */
#define HELP_ROOM 24  /* columns for the sentence, or else it stands below */
#define HELP_INDENT 4 /* ... from here on */
#define HELP_SPOKEN_MAX 128
#define HELP_ROWS (ACTION_COUNT + SETTING_COUNT)
#define HELP_LINES_MAX (HELP_ROWS * 5 + 24)

/* A heading, or a piece of a sentence. */
struct help_line {
	const char *heading;
	int row; /* the entry whose keys and name stand there; -1: none */
	const char *text;
	int size;
};

/* What there is to tell of one action or setting. */
struct help_entry {
	char keys[ACTION_KEYS_MAX], name[64];
};

struct help_state {
	struct list list; /* only `top` moves */
	struct help_entry entries[HELP_ROWS];
	struct help_line lines[HELP_LINES_MAX];
	int count, columns; /* lines are made for this width */
	int page;
	char wanted[128]; /* what was searched last */
};

static const struct {
	unsigned contexts;
	const char *heading;
} help_sections[] = {
	{IN_DATA, "Data"},
	{IN_FILES, "Data, while a file is chosen"},
	{IN_DIALECT, "Data, how the file is written"},
	{IN_REVIEWS, "Reviews"},
	{IN_FORM, "Train, before it starts"},
	{IN_RUN, "Train, the charts"},
	{IN_SCORE, "Score, outside of the text"},
	{IN_RUNS, "Runs"},
	{IN_HELP, "Help and messages"},
	{IN_LISTS, "Moving in every list"},
	{IN_PLAIN, "Told in lines (revue --plain)"},
	{ANYWHERE, "Everywhere, where no text is being typed"},
};

static void help_add(struct help_state *help, struct help_line line)
{
	if (help->count < HELP_LINES_MAX)
		help->lines[help->count++] = line;
}

static bool help_is_below(int columns)
{
	return columns - HELP_KEYS - HELP_NAMES < HELP_ROOM;
}

/* The sentences are ASCII: a byte is a column. */
static void help_add_entry(struct help_state *help, int row, const char *text)
{
	const bool below = help_is_below(help->columns);
	const int room = help->columns - (below ? HELP_INDENT : HELP_KEYS + HELP_NAMES);

	if (below)
		help_add(help, (struct help_line){.row = row, .text = ""});
	for (bool first = !below; first || *text; first = false) {
		int size = (int)strlen(text);

		if (size > room) {
			for (size = room; size > 0 && text[size] != ' '; size--)
				;
			size = size > 0 ? size : room;
		}
		help_add(help, (struct help_line){.row = first ? row : -1, .text = text, .size = size});
		text += size;
		text += strspn(text, " ");
	}
}

static void help_add_heading(struct help_state *help, const char *heading)
{
	if (help->count > 0)
		help_add(help, (struct help_line){.row = -1});
	help_add(help, (struct help_line){.heading = heading, .row = -1});
}

/* What some screens share stands with each of them. */
static bool help_belongs(enum action action, unsigned contexts)
{
	const unsigned own = action_rows[action].contexts & (ANYWHERE | IN_PLAIN);
	const bool is_one = (contexts & (contexts - 1)) == 0;

	return own == contexts || (own != IN_LISTS && own != ANYWHERE && is_one && (own & contexts) != 0);
}

/* What is refused wherever the section is about is left out, since it does nothing there. */
static bool help_leaves_out(const struct app *app, enum action action, unsigned contexts)
{
	const unsigned here = action_rows[action].contexts & contexts & ANYWHERE;

	return app->session.read_only && here && (action_rows[action].contexts & WRITES_IN(here)) == WRITES_IN(here);
}

static void help_add_section(const struct app *app, struct help_state *help, size_t section)
{
	help_add_heading(help, help_sections[section].heading);
	for (int action = 0; action < ACTION_COUNT; action++) {
		struct help_entry *entry = &help->entries[action];

		if (!help_belongs((enum action)action, help_sections[section].contexts) ||
		    help_leaves_out(app, (enum action)action, help_sections[section].contexts))
			continue;
		action_keys((enum action)action, entry->keys);
		snprintf(entry->name, sizeof entry->name, ":%s %s", action_rows[action].name, action_rows[action].argument);
		help_add_entry(help, action, action_rows[action].help);
	}
}

static void help_add_settings(struct help_state *help, const struct settings *settings)
{
	help_add_heading(help, "Settings: :set NAME VALUE changes one, :write-settings keeps them");
	for (int i = 0; i < SETTING_COUNT; i++) {
		struct help_entry *entry = &help->entries[ACTION_COUNT + i];

		snprintf(entry->keys, sizeof entry->keys, "%s", setting_rows[i].name);
		setting_format(settings, i, entry->name);
		help_add_entry(help, ACTION_COUNT + i, setting_rows[i].help);
	}
}

static void help_make_lines(const struct app *app, struct help_state *help, int columns)
{
	const size_t sections = sizeof help_sections / sizeof *help_sections;

	help->columns = columns;
	help->count = 0;
	if (app->session.read_only)
		help_add_heading(help, "Only looked at (--read-only): what would change something is left out");
	for (size_t i = 0; i < sections; i++)
		if (help_sections[i].contexts == app->help_context)
			help_add_section(app, help, i);
	for (size_t i = 0; app->plain && i < sections; i++)
		if (help_sections[i].contexts == IN_PLAIN)
			help_add_section(app, help, i);
	for (size_t i = 0; i < sections; i++)
		if (help_sections[i].contexts != app->help_context && help_sections[i].contexts != IN_PLAIN)
			help_add_section(app, help, i);
	help_add_settings(help, &app->settings);
}

static bool has_text(const char *text, size_t size, const char *wanted)
{
	const size_t length = strlen(wanted);

	for (size_t i = 0; i + length <= size; i++)
		if (strncasecmp(text + i, wanted, length) == 0)
			return true;
	return false;
}

static bool help_line_has(const struct help_state *help, const struct help_line *line, const char *wanted)
{
	const struct help_entry *entry = line->row >= 0 ? &help->entries[line->row] : NULL;

	return (line->heading && has_text(line->heading, strlen(line->heading), wanted)) ||
	       (line->text && has_text(line->text, (size_t)line->size, wanted)) ||
	       (entry && (has_text(entry->keys, strlen(entry->keys), wanted) || has_text(entry->name, strlen(entry->name), wanted)));
}

static void help_draw_line(struct app *app, const struct help_state *help, struct rect body, int row, const struct help_line *line)
{
	const bool found = help->wanted[0] && help_line_has(help, line, help->wanted);

	if (line->heading)
		draw_text(app->terminal, body, row, 0, line->heading, STYLE_TITLE);
	if (line->row >= 0) {
		draw_span(app->terminal, body, row, 1, HELP_KEYS - 2, span_of(help->entries[line->row].keys), STYLE_NORMAL);
		draw_text(app->terminal, body, row, HELP_KEYS, help->entries[line->row].name, STYLE_DIM);
	}
	if (line->text)
		draw_span(app->terminal, body, row, help_is_below(body.columns) ? HELP_INDENT : HELP_KEYS + HELP_NAMES, 0,
		          (struct span){line->text, (size_t)line->size}, found ? STYLE_TITLE : STYLE_NORMAL);
}

/* The lines are made anew whenever they are drawn: keys and settings may have changed. */
static void help_settle(struct app *app, void *state, struct rect body)
{
	struct help_state *help = state;

	help_make_lines(app, help, body.columns);
	help->page = body.rows;
	if (help->list.top + (uint64_t)body.rows > (uint64_t)help->count)
		help->list.top = help->count > body.rows ? (uint64_t)(help->count - body.rows) : 0;
}

static void help_draw(struct app *app, void *state, struct rect body)
{
	struct help_state *help = state;

	for (int row = 0; row < body.rows && (int)help->list.top + row < help->count; row++)
		help_draw_line(app, help, body, row, &help->lines[(int)help->list.top + row]);
}

static void help_open(struct app *app, void *state)
{
	struct help_state *help = state;

	(void)app;
	help->list = (struct list){0};
	help->wanted[0] = '\0';
}

static unsigned help_context(const struct app *app, const void *state)
{
	(void)app;
	(void)state;
	return IN_HELP;
}

/* "axis step or epoch or time": a stroke between words is read as one. */
static void help_spoken_name(const struct help_entry *entry, char out[HELP_SPOKEN_MAX])
{
	const char *name = entry->name + (entry->name[0] == ':');
	size_t used = 0, size = strlen(name);

	while (size > 0 && name[size - 1] == ' ')
		size--;
	for (size_t i = 0; i < size && used + 5 < HELP_SPOKEN_MAX; i++)
		used += (size_t)snprintf(out + used, HELP_SPOKEN_MAX - used, name[i] == '|' ? " or " : "%c", name[i]);
}

/* In lines: a page from `top` on; the width is such that a sentence is one line. A key is a word to be typed there. */
static void help_tell_line(const struct help_state *help, const struct help_line *line, struct teller *teller)
{
	const struct help_entry *entry = line->row >= 0 ? &help->entries[line->row] : NULL;
	char keys[SPOKEN_KEYS_MAX] = "", name[HELP_SPOKEN_MAX] = "";

	if (entry) {
		spoken_keys(entry->keys, keys);
		help_spoken_name(entry, name);
	}
	if (line->heading)
		tell(teller, "%s.", line->heading);
	else if (entry && line->row >= ACTION_COUNT)
		tell(teller, "%s, now %s: %.*s.", entry->keys, name, line->size, line->text);
	else if (entry)
		tell(teller, "%s%s%s: %.*s.", name, keys[0] ? ", or " : "", keys, line->size, line->text);
}

void help_tell(struct app *app, void *state, struct teller *teller)
{
	struct help_state *help = state;
	const int end = (int)help->list.top + help->page < help->count ? (int)help->list.top + help->page : help->count;

	(void)app;
	tell_title(teller, "Help");
	for (int i = (int)help->list.top; i < end && teller->part == TELL_ALL; i++)
		help_tell_line(help, &help->lines[i], teller);
	if (end < help->count && teller->part == TELL_ALL)
		tell(teller, "There is more: \"page-down\"; \"find WORD\" goes to what has the word, \"back\" leaves help.");
}

/* Searching */

/* The next line that has it comes to the top, as far as there are enough lines below; after the last the first. */
static void help_find(struct app *app, struct help_state *help)
{
	for (int i = 1; i <= help->count; i++) {
		const int line = ((int)help->list.top + i) % help->count;

		if (help_line_has(help, &help->lines[line], help->wanted)) {
			help->list.top = (uint64_t)line;
			return;
		}
	}
	app_say(app, "help does not say \"%s\"", help->wanted);
}

static void help_find_answer(struct app *app, void *context, const char *answer)
{
	struct help_state *help = context;

	snprintf(help->wanted, sizeof help->wanted, "%s", answer);
	if (*answer)
		help_find(app, help);
}

static void help_search(struct app *app, struct help_state *help, const char *text)
{
	if (*text)
		help_find_answer(app, help, text);
	else
		app_prompt(app, &(struct line_options){.prompt = "find in help: ", .history = LINE_HISTORY_NONE}, help_find_answer, help);
}

/* There is no cursor: the top line moves. */
static bool help_action(struct app *app, void *state, enum action action, const char *argument)
{
	struct help_state *help = state;
	const uint64_t last = help->count > help->page ? (uint64_t)(help->count - help->page) : 0;

	if (action == ACTION_FIND) {
		help_search(app, help, argument);
		return true;
	}
	if (action == ACTION_FIND_NEXT && help->wanted[0]) {
		help_find(app, help);
		return true;
	}
	help->list.chosen = help->list.top;
	if (!list_move(&help->list, action, last + 1, help->page))
		return false;
	help->list.top = help->list.chosen;
	return true;
}

static bool help_offers(const struct app *app, const void *state, enum action action)
{
	const struct help_state *help = state;

	(void)app;
	return action != ACTION_FIND_NEXT || help->wanted[0];
}

const struct view screen_help = {
	.title = "Help",
	.state_size = sizeof(struct help_state),
	.open = help_open,
	.context = help_context,
	.draw = help_draw,
	.settle = help_settle,
	.action = help_action,
	.offers = help_offers,
};
