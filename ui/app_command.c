/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The `:` line: the name of an action and what it is told, both completed by Tab. */
#include "ui/app.h"

#include <stdlib.h>

static char *command_complete(const char *word, int index, void *context)
{
	const struct app *app = context;
	const unsigned where = app_context(app);
	int matches = 0;

	for (int i = 0; i < ACTION_COUNT; i++) {
		const char *name = action_rows[i].name;

		if (action_is_valid((enum action)i, where) && strncmp(name, word, strlen(word)) == 0 && matches++ == index)
			return strdup(name);
	}
	return NULL;
}

enum action app_command(struct app *app, const char *text, const char **argument)
{
	const char *name = text + strspn(text, " ");
	const size_t size = strcspn(name, " ");
	const enum action action = action_for_name(app_context(app), name, size);

	*argument = name + size + strspn(name + size, " ");
	if (size == 0)
		return ACTION_NONE;
	if (action == ACTION_NONE)
		app_say(app, "no action here is called \"%.*s\": Tab after : lists them", (int)size, name);
	else if (!action_is_valid(action, app_context(app)))
		app_say(app, "\"%s\" does nothing on this screen", action_rows[action].name);
	else
		return action;
	return ACTION_NONE;
}

void app_ask_command(struct app *app, app_answer *answer)
{
	app_prompt(app, &(struct line_options){.prompt = ":", .history = LINE_HISTORY_COMMAND, .files = true,
	                                       .complete = command_complete, .context = app}, answer, NULL);
}
