/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The settings of a training as fields of a form: data, model, run directory and recipe, then a field for each row
 * of the options table, which fold by theme (form_rows.h). Knows no curses. */
#ifndef REVUE_UI_TRAIN_FORM_H
#define REVUE_UI_TRAIN_FORM_H

#include "engine/options.h"
#include "engine/trainer.h"
#include "ui/session.h"
#include "ui/train/form_pace.h"
#include "ui/train/form_rows.h"

enum train_field { FIELD_DATA, FIELD_MODEL, FIELD_RUN, FIELD_RECIPE, FIELD_OPTIONS };

struct train_form {
	struct form_rows rows_shown;
	char paths[FIELD_OPTIONS][PATH_MAX];
	bool own_data; /* the person named a file: it no longer follows the Data screen */
	bool remembered; /* how that file is read was said of it before, on the Data screen */
	bool forgot;   /* ... and does not fit it any more: all is guessed. Who tells the person sets it back */
	bool own_start; /* the person said that it is not measured before the first step, or is though none is held out */
	bool text_said, label_said; /* the person chose the column on the Data screen */
	bool own_run;  /* the person named the run directory: it is taken as it is */
	struct job *count_job;  /* counts the rows of a file of its own; NULL: nothing is being counted */
	char counted[PATH_MAX]; /* the file whose rows are `rows`, or are being counted, or cannot be: count_error */
	uint64_t rows;
	struct error count_error;
	uint64_t counted_rows; /* that the last estimate was made for */
	struct train_options options;
	struct job *estimate_job; /* makes the estimate; NULL: it is made */
	struct train_estimate estimate; /* the last one that was made, while another is */
	struct error estimate_error;
	struct {
		bool on;
		int field;
		char text[OPTION_TEXT_MAX];
		struct error error; /* why it would be refused, as far as that is seen at once */
	} trial;           /* a value that is being typed: the estimate is of it */
	struct train_time time; /* of the estimate's steps, by an earlier run, or else a guess */
	struct form_pace pace;  /* of that guess */
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
bool train_form_is_estimating(const struct train_form *form); /* or counts for it, or times a step */

const char *train_form_name(int field);
const struct option_row *train_form_option(int field); /* NULL for a path and for a theme */
int train_form_theme(int field); /* -1: a path or an option */
void train_form_value(const struct train_form *form, int field, char *out, size_t capacity);
const char *train_form_default(const struct train_form *form, int field); /* what a field is set back to */
bool train_form_is_default(const struct train_form *form, int field);     /* the person has not changed it */

/* A value is being typed into a field: it is checked, and the estimate made, as if it were set; what is as it was last costs
 * nothing. train_form_end_trial makes it that of the settings again. */
void train_form_try(struct train_form *form, const struct session *session, int field, const char *text);
void train_form_end_trial(struct train_form *form, const struct session *session);

/* Why the training could not start, a check of what is typed before that of the settings; NULL: nothing is known against it. */
const struct error *train_form_error(const struct train_form *form);

/* What a field is for, and what it takes: "reviews that are computed together (1 to 65536)". */
void train_form_explain(const struct train_form *form, int field, char *out, size_t capacity);

/* The word after or before the present one, where a field is a choice; NULL: it is none. */
bool train_form_is_choice(int field);
int train_form_choice_count(int field);
int train_form_choice_place(const struct train_form *form, int field); /* of the present word; -1: it is none of them */
const char *train_form_choice(const struct train_form *form, int field, int step, char out[OPTION_TEXT_MAX]);

bool train_form_set(struct train_form *form, struct session *session, int field, const char *text, struct error *error);

/* Whether a field says how the file of the Data screen is read: then train_form_set changes it there, for the form follows. */
bool train_form_is_of_data(const struct train_form *form, const struct session *session, int field);

/* The request that the form stands for; borrowed from it. False: a path is missing. */
bool train_form_request(const struct train_form *form, struct trainer_request *request, struct error *error);

#endif
