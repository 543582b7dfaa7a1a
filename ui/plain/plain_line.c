/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a line that was typed means: a command most of the time. */
#include "engine/clock.h"
#include "ui/plain/plain.h"
#include "ui/terminal/key.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* From here on what is said answers this. */
static void begin_answer(struct plain *plain)
{
	voice_begin(plain->voice);
	plain->quiet = true;
	plain->owed = true;
	plain->owed_since = clock_seconds();
}

bool plain_is_commanded(const struct plain *plain)
{
	const struct app *app = plain->app;
	const bool reviews = line_is_active(app->line) && line_history(app->line) == LINE_HISTORY_REVIEW;

	return app->choices || (!app->prompting && !reviews);
}

void plain_listen(struct plain *plain)
{
	struct app *app = plain->app;
	struct line_options options;

	if (line_is_active(app->line) || !plain_is_commanded(plain))
		return;
	options = app->choices ? (struct line_options){.prompt = "answer: "} : app_command_line(app, "");
	line_begin(app->line, &options);
}

const char *plain_prompt(const struct plain *plain)
{
	static char prompt[64];
	const struct app *app = plain->app;

	if (app->choices)
		return "answer: ";
	if (app->prompting)
		return line_prompt(app->line);
	snprintf(prompt, sizeof prompt, "%s: ", plain_is_commanded(plain) ? app_view(app)->title : "Review");
	return prompt;
}

/* Actions of this mode, and of the app */

static void repeat(struct plain *plain)
{
	char *said = strdup(voice_said(plain->voice));

	plain->owed = false;
	voice_begin(plain->voice);
	for (char *line = said, *end; line && *line; line = end + 1) {
		end = line + strcspn(line, "\n");
		if (*end == '\0')
			break;
		*end = '\0';
		voice_say(plain->voice, line);
	}
	if (!said || !*said)
		plain_say(plain, "Nothing was said yet.");
	free(said);
}

/* Goes to something, which is told also where it is chosen already. */
static bool goes_to_a_line(enum action action)
{
	return action == ACTION_CHART || action == ACTION_LARGE || action == ACTION_GO_TO_ROW || action == ACTION_FIND_FIELD;
}

static void do_action(struct plain *plain, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_REPEAT:
		repeat(plain);
		break;
	case ACTION_LOOK:
	case ACTION_REDRAW:
		begin_answer(plain);
		plain->told.title[0] = '\0';
		plain->step = 0;
		break;
	case ACTION_WAIT:
		plain->waiting = true;
		plain->owed = false;
		break;
	default:
		begin_answer(plain);
		plain->choose = goes_to_a_line(action);
		app_do(plain->app, action, argument);
		break;
	}
}

/* Numbers */

static const char *argument_of(const struct teller *told, uint64_t number)
{
	for (size_t i = 0; i < told->count; i++)
		if (told->lines[i].number == number)
			return told->lines[i].argument;
	return NULL;
}

static void open_line(struct plain *plain, uint64_t number)
{
	const struct teller *told = &plain->told;
	const char *argument = argument_of(told, number);

	begin_answer(plain);
	if (told->entries == 0 || plain->screen != plain->app->screen) {
		plain_say(plain, "No line here has a number. \"look\" tells what there is.");
		return;
	}
	if (number < 1 || number > told->entries) {
		plain_say(plain, "There are lines 1 to %" PRIu64 ".", told->entries);
		return;
	}
	plain->choose = true;
	if (argument) {
		app_do(plain->app, told->opens, argument);
		return;
	}
	if (told->cursor)
		*told->cursor = number - 1;
	app_update(plain->app);
	if (told->opens != ACTION_NONE)
		app_do(plain->app, told->opens, "");
	/* What is asked for says what it is of. */
	if (plain->app->prompting)
		plain_take_in(plain);
}

static bool is_number(const char *text, uint64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	*number = strtoull(text, &end, 10);
	return *end == '\0';
}

/* Commands */

/* A word that is the name of a key that does something here, as n or F2 or Enter. */
static bool press(struct plain *plain, const char *text)
{
	struct app *app = plain->app;
	const size_t size = strlen(text);
	const int key = key_parse(text, size);
	const enum action own = key == UI_KEY_NONE ? ACTION_NONE : action_for_key(IN_PLAIN, key);

	if (key == UI_KEY_NONE)
		return false;
	if (own != ACTION_NONE) {
		do_action(plain, own, "");
		return true;
	}
	begin_answer(plain);
	app_key(app, key);
	return true;
}

static void command(struct plain *plain, const char *text)
{
	struct app *app = plain->app;
	const char *argument, *name = text + (*text == ':');
	enum action action;
	uint64_t number;

	name += strspn(name, " ");
	if (!*name)
		return;
	line_remember(app->line, LINE_HISTORY_COMMAND, name);
	if (is_number(name, &number)) {
		open_line(plain, number);
		return;
	}
	/* "/waitress" is the key and what it asks for. */
	if (*name == '/' && name[1] && (action = action_for_key(app_context(app), '/')) != ACTION_NONE) {
		do_action(plain, action, name + 1);
		return;
	}
	if (press(plain, name))
		return;
	action = app_command(app, name, &argument);
	if (action != ACTION_NONE)
		do_action(plain, action, argument);
	else
		begin_answer(plain);
}

/* Answers */

/* By its key, or by words that its label begins with. */
static void answer_question(struct plain *plain, const char *text)
{
	const struct app_choice *choice = plain->app->choices;
	const size_t size = strlen(text);

	while (choice->key && !(size > 0 && ((size == 1 && text[0] == choice->key) || strncmp(choice->label, text, size) == 0)))
		choice++;
	begin_answer(plain);
	if (choice->key) {
		app_key(plain->app, choice->key);
	} else if (strcmp(text, "Esc") == 0) {
		app_key(plain->app, UI_KEY_ESCAPE);
	} else {
		plain->asked = NULL; /* once more */
		plain->owed = false;
	}
}

/* Where the line comes from a pipe it was not typed into the prompt. An empty one takes what stands there. */
static void answer_prompt(struct plain *plain, const char *text)
{
	struct app *app = plain->app;

	begin_answer(plain);
	if (!plain->terminal && *text) {
		line_set_text(app->line, "");
		app_paste(app, span_of(text));
		if (app->palette.shown)
			app_palette_find(app);
	}
	plain->prompted = false;
	app_key(app, UI_KEY_ENTER);
}

/* The text stands in the box until its scores are there (plain.c). */
static void take_review(struct plain *plain, const char *text)
{
	struct app *app = plain->app;

	begin_answer(plain);
	if (!*text) {
		app_key(app, UI_KEY_ESCAPE);
		plain_say(plain, "Typing has ended. \"type\" goes on with it.");
		return;
	}
	line_set_text(app->line, "");
	app_paste(app, span_of(text));
	plain->scoring = true;
}

/* A command while something else is typed leaves that, and goes back to a review. */
static void command_between(struct plain *plain, const char *text)
{
	struct app *app = plain->app;
	const bool review = !app->prompting;

	line_set_text(app->line, "");
	app_key(app, UI_KEY_ESCAPE);
	command(plain, text);
	if (review && app->screen == SCREEN_SCORE && !app->prompting && !app->choices && !app_is_leaving(app))
		app_do(app, ACTION_EDIT_TEXT, "");
}

void plain_line(struct plain *plain, const char *text)
{
	if (plain->app->choices) {
		answer_question(plain, text);
	} else if (plain_is_commanded(plain)) {
		command(plain, text);
	} else if (*text == ':') {
		command_between(plain, text);
	} else if (plain->app->prompting) {
		answer_prompt(plain, text);
	} else {
		take_review(plain, text);
	}
}
