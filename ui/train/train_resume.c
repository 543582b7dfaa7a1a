/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/train_resume.h"

#include <stdio.h>
#include <string.h>

static void train_resume_try(struct app *app, struct train_resume *resume);

/* Where what is missing is to be noted. */
static char *missing_place(struct train_resume *resume)
{
	return resume->missing.what == TRAINER_MISSES_DATA ? resume->data
	       : resume->missing.what == TRAINER_MISSES_VALIDATION ? resume->validation : resume->model;
}

static void take_place(struct app *app, void *context, const char *answer)
{
	struct train_resume *resume = context;

	if (!*answer)
		return;
	snprintf(missing_place(resume), PATH_MAX, "%s", answer);
	train_resume_try(app, resume);
}

/* The reason is among the messages, whole. */
static void ask_place(struct app *app, struct train_resume *resume, const struct error *error)
{
	static const char *const names[] = {"", "data", "validation file", "model", ""}; /* of trainer_missing.what */
	char prompt[64];

	messages_add(&app->messages, MESSAGE_ERROR, error->text, false);
	snprintf(prompt, sizeof prompt, "the %s has moved to: ", names[resume->missing.what]);
	app_prompt(app, &(struct line_options){.prompt = prompt, .initial = resume->missing.path,
	                                       .history = LINE_HISTORY_FILE, .files = true}, take_place, resume);
}

/* What the screens can do with a run that is done. :epochs is of the run that is shown. */
static void say_finished(struct app *app, const struct train_resume *resume)
{
	const bool shown = strcmp(resume->run, app->session.run_path) == 0;
	char first[PATH_MAX + 16] = "";

	if (!shown)
		snprintf(first, sizeof first, ":watch %s, then ", resume->run);
	app_say(app, "%s has finished; %s:epochs N goes on to N in all, n sets up another", resume->run, first);
}

static const char *said(const char *place)
{
	return *place ? place : NULL;
}

static void train_resume_try(struct app *app, struct train_resume *resume)
{
	const struct trainer_request request = {
		.run = resume->run, .data = said(resume->data), .validation = said(resume->validation),
		.model = said(resume->model), .epochs = resume->epochs, .missing = &resume->missing,
	};
	struct error error = {0};

	resume->missing.what = TRAINER_HAS_ALL;
	if (session_resume_as(&app->session, &request, &error)) {
		resume->went_on = true;
		app_say(app, "going on from the newest checkpoint");
	} else if (resume->missing.what == TRAINER_MISSES_EPOCHS) {
		say_finished(app, resume);
	} else if (resume->missing.what != TRAINER_HAS_ALL) {
		ask_place(app, resume, &error);
	} else {
		app_complain(app, &error);
	}
}

void train_resume_begin(struct app *app, struct train_resume *resume, const char *run, double epochs)
{
	*resume = (struct train_resume){.epochs = epochs};
	snprintf(resume->run, sizeof resume->run, "%s", run);
	train_resume_try(app, resume);
}
