/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The settings of a training as fields of a form: data, model, run directory and recipe, then a field for each row
 * of the options table, which fold by theme (form_rows.h). Knows no curses. */
#ifndef REVUE_UI_TRAIN_FORM_H
#define REVUE_UI_TRAIN_FORM_H

#include "engine/options.h"
#include "engine/trainer.h"
#include "ui/session.h"
#include "ui/train/form_rows.h"

enum train_field { FIELD_DATA, FIELD_MODEL, FIELD_RUN, FIELD_RECIPE, FIELD_OPTIONS };

struct train_form {
	struct form_rows rows_shown;
	char paths[FIELD_OPTIONS][PATH_MAX];
	bool own_data; /* the person named a file: it no longer follows the Data screen */
	bool remembered; /* how that file is read was said of it before, on the Data screen */
	bool forgot;   /* ... and does not fit it any more: all is guessed. Who tells the person sets it back */
	bool own_run;  /* the person named the run directory: it is taken as it is */
	struct job *count_job;  /* counts the rows of a file of its own; NULL: nothing is being counted */
	char counted[PATH_MAX]; /* the file whose rows are `rows`, or are being counted, or cannot be: count_error */
	uint64_t rows;
	struct error count_error;
	struct train_options options;
	struct job *estimate_job; /* makes the estimate; NULL: it is made */
	struct train_estimate estimate; /* the last one that was made, while another is */
	struct error estimate_error;
	char note[1024]; /* what is to be said of the recipe that was chosen; unscrubbed. Who says it empties it */
};

/* End with train_form_free. */
void train_form_init(struct train_form *form, const char *model);
void train_form_free(struct train_form *form);

/* Takes over the file that is open, and its columns, unless the person named another; a run directory that
 * is not there yet, unless the person named one; and works out the estimate. The rows of a file that the person named
 * are counted by a job first, and the estimate is one: train_form_update takes what they found. */
void train_form_follow(struct train_form *form, const struct session *session);
void train_form_update(struct train_form *form, const struct session *session);
bool train_form_is_counting(const struct train_form *form);
bool train_form_is_estimating(const struct train_form *form); /* or counts for it */

const char *train_form_name(int field);
const char *train_form_help(int field);
const struct option_row *train_form_option(int field); /* NULL for a path and for a theme */
int train_form_theme(int field); /* -1: a path or an option */
void train_form_value(const struct train_form *form, int field, char *out, size_t capacity);
bool train_form_is_default(const struct train_form *form, int field);
bool train_form_set(struct train_form *form, struct session *session, int field, const char *text, struct error *error);

/* Whether a field says how the file of the Data screen is read: then train_form_set changes it there, for the form follows. */
bool train_form_is_of_data(const struct train_form *form, const struct session *session, int field);

/* The request that the form stands for; borrowed from it. False: a path is missing. */
bool train_form_request(const struct train_form *form, struct trainer_request *request, struct error *error);

#endif
