/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/probe_ask.h"

void probe_ask(struct app *app, struct train_options *options, const char *text)
{
	static enum action action = ACTION_PROBE;
	struct error error = {0};
	bool done;

	if (!*text) {
		app_prompt(app, &(struct line_options){.prompt = "a sentence to follow: "}, app_answer_action, &action);
		return;
	}
	done = options ? train_option_add(options, train_option_find("probe"), text, &error)
	               : run_add_probe(app->session.run_path, text, &error);
	if (done)
		app_say(app, options ? "followed from the start: %s" : "followed from the next line of the log on: %s", text);
	else
		app_complain(app, &error);
}
