/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The `:` line: the name of an action and what it is told, both completed by Tab. */
#include "engine/nearest.h"
#include "engine/runs.h"
#include "ui/app.h"
#include "ui/choices.h"
#include "ui/config.h"

#include <stdlib.h>

/* Where an action can be done by its name now. */
static unsigned command_context(const struct app *app)
{
	return app_context(app) | (app->plain ? IN_PLAIN : 0);
}

/* The line as it stands, cut into what has been said and the word that is being completed. */
struct command_place {
	const struct app *app;
	const char *word; /* what has been typed of it */
	int wanted;       /* the index of the match that is asked for */
	int matches;
	char *found;
};

static void offer(struct command_place *place, const char *candidate)
{
	if (!place->found && strncmp(candidate, place->word, strlen(place->word)) == 0 && place->matches++ == place->wanted)
		place->found = strdup(candidate);
}

static void offer_words(struct command_place *place, const char *words)
{
	char word[64];
	struct span found;

	for (int i = 0; (found = choices_word(words, i)).size > 0; i++) {
		snprintf(word, sizeof word, "%.*s", (int)found.size, found.data);
		offer(place, word);
	}
}

static void offer_actions(struct command_place *place, unsigned context)
{
	for (int i = 0; i < ACTION_COUNT; i++)
		if (context == 0 || action_is_valid((enum action)i, context))
			offer(place, action_rows[i].name);
}

static void offer_columns(struct command_place *place)
{
	if (place->app->screen == SCREEN_RUNS) {
		for (int i = 0; i < run_column_count(); i++)
			offer(place, run_column_name(i));
		return;
	}
	const struct dataset *dataset = place->app->session.dataset;

	for (int i = 0; dataset && i < dataset_columns(dataset); i++)
		offer(place, dataset_column_name(dataset, i));
}

static void offer_labels(struct command_place *place)
{
	const struct session *session = &place->app->session;

	for (int i = 0; session->survey_ready && i < session->survey.label_count; i++)
		offer(place, session->survey.labels[i].name);
}

/* The settings of the form; the columns of the table of runs, which are these and more. */
static void offer_form_fields(struct command_place *place)
{
	for (int i = 0; place->app->screen == SCREEN_RUNS && i < RUN_COLUMN_COUNT; i++)
		offer(place, run_column_name(i));
	for (int i = 0; i < train_option_count; i++)
		offer(place, train_option_rows[i].name);
}

/* The setting, then its values. */
static void offer_settings(struct command_place *place, const char *said)
{
	const int setting = setting_find(said, strcspn(said, " "));

	if (setting >= 0)
		offer_words(place, setting_rows[setting].words);
	for (int i = 0; !*said && i < SETTING_COUNT; i++)
		offer(place, setting_rows[i].name);
}

static void offer_dialect(struct command_place *place, const char *said)
{
	char name[32];
	int row;

	snprintf(name, sizeof name, "%.*s", (int)(strcspn(said, " ") < sizeof name ? strcspn(said, " ") : sizeof name - 1), said);
	row = strcmp(name, "format") == 0 ? DIALECT_input_format : dialect_find(name);
	if (row >= 0)
		offer_words(place, dialect_rows[row].values);
	for (int i = 0; !*said && i < DIALECT_ROW_COUNT; i++)
		offer(place, dialect_rows[i].name);
	if (!*said)
		offer_words(place, "auto|text-column|label-column");
	else if (strcmp(name, "text-column") == 0 || strcmp(name, "label-column") == 0)
		offer_columns(place);
}

/* A screen where none was named yet, else the action that follows the key. */
static void offer_mapping(struct command_place *place, const char *said)
{
	const char *rest = said + strcspn(said, " ");

	rest += strspn(rest, " ");
	for (const struct config_screen *screen = config_screens; !*said && screen->name; screen++)
		offer(place, screen->name);
	if (*said)
		offer_actions(place, 0);
}

char *app_complete_expression(const char *word, int index, void *context)
{
	const struct app *app = context;
	const struct view *view = app->views[app->screen];

	return view->complete ? view->complete(app, app->states[app->screen], word, index) : NULL;
}

static void offer_expression(struct command_place *place)
{
	place->found = app_complete_expression(place->word, place->wanted, (struct app *)place->app);
}

/* What each kind of argument can be; the words of action.h. Files are readline's own affair. */
static void offer_argument(struct command_place *place, enum action action, const char *said)
{
	const char *kind = action_rows[action].argument;

	if (strcmp(kind, "COLUMN") == 0)
		offer_columns(place);
	else if (strcmp(kind, "LABEL") == 0)
		offer_labels(place);
	else if (strcmp(kind, "NAME VALUE") == 0)
		offer_settings(place, said);
	else if (strcmp(kind, "NAME") == 0)
		offer_form_fields(place);
	else if (strcmp(kind, "WORDS") == 0)
		offer_dialect(place, said);
	else if (strncmp(kind, "[SCREEN] KEY", 12) == 0)
		offer_mapping(place, said);
	else if (strcmp(kind, "EXPR") == 0 || action == ACTION_SEARCH)
		offer_expression(place);
	else if (action == ACTION_FIGURES)
		offer_words(place, kind);
}

/* The action that is being told something, and in `said` what it was told before the word; ACTION_NONE: its name is being typed. */
static enum action command_told(const struct app *app, const char *word, char *said, size_t capacity)
{
	const struct span text = line_text(app->line);
	const size_t point = line_point(app->line), typed = strlen(word) < point ? point - strlen(word) : 0;
	const char *name = text.data + strspn(text.data, " ");
	size_t size = strcspn(name, " "), from = (size_t)(name - text.data) + size;

	said[0] = '\0';
	if (from >= typed)
		return ACTION_NONE;
	from += strspn(text.data + from, " ");
	if (from < typed)
		snprintf(said, capacity, "%.*s", (int)(typed - from), text.data + from);
	return action_for_name(command_context(app), name, size);
}

static char *command_complete(const char *word, int index, void *context)
{
	const struct app *app = context;
	struct command_place place = {.app = app, .word = word, .wanted = index};
	char said[512];
	const enum action action = command_told(app, word, said, sizeof said);
	const struct span text = line_text(app->line);
	const bool named = text.data[strspn(text.data, " ")] && action != ACTION_NONE;

	if (named)
		offer_argument(&place, action, said);
	else if (!said[0])
		offer_actions(&place, command_context(app));
	return place.found;
}

/* Whether names of files are what it is told. */
static bool command_wants_files(const char *word, void *context)
{
	static const char *const kinds[] = {"FILE", "FOLDER", "RUN"};
	char said[512];
	const enum action action = command_told(context, word, said, sizeof said);

	for (size_t i = 0; action != ACTION_NONE && i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(kinds[i], action_rows[action].argument) == 0)
			return true;
	}
	return false;
}

static void command_unknown(struct app *app, const char *name, size_t size)
{
	char wanted[NEAREST_NAME_MAX], list[24];
	struct nearest nearest = {.wanted = wanted};

	snprintf(wanted, sizeof wanted, "%.*s", (int)(size < sizeof wanted ? size : sizeof wanted - 1), name);
	for (int i = 0; i < ACTION_COUNT; i++)
		if (action_is_valid((enum action)i, command_context(app)))
			nearest_offer(&nearest, action_rows[i].name);
	action_first_key(ACTION_PALETTE, list, sizeof list);
	if (nearest.name)
		app_say(app, "no action here is called \"%s\"; did you mean \"%s\"?", wanted, nearest.name);
	else
		app_say(app, "no action here is called \"%s\": Tab after : lists them, %s finds them", wanted, list);
}

enum action app_command(struct app *app, const char *text, const char **argument)
{
	const char *name = text + strspn(text, " ");
	const size_t size = strcspn(name, " ");
	const enum action action = action_for_name(command_context(app), name, size);
	char places[ACTION_PLACES_MAX];

	*argument = name + size + strspn(name + size, " ");
	if (size == 0)
		return ACTION_NONE;
	if (action == ACTION_NONE) {
		command_unknown(app, name, size);
	} else if (!action_is_valid(action, command_context(app))) {
		action_places(action, places);
		app_say(app, "\"%s\" does nothing on this screen, but on %s", action_rows[action].name, places);
	} else if (**argument && !*action_rows[action].argument) {
		app_say(app, "\"%s\" takes nothing after its name: nothing was done", action_rows[action].name);
	} else {
		return action;
	}
	return ACTION_NONE;
}

struct line_options app_command_line(struct app *app, const char *initial)
{
	return (struct line_options){.prompt = ":", .initial = initial, .history = LINE_HISTORY_COMMAND, .files = true,
	                             .wants_files = command_wants_files, .complete = command_complete, .context = app};
}

void app_ask_command(struct app *app, const char *initial, app_answer *answer)
{
	const struct line_options options = app_command_line(app, initial);

	app_prompt(app, &options, answer, NULL);
}
