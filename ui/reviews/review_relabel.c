/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/reviews.h"

#include "engine/corrections.h"
#include "engine/words.h"

/* Where corrections go; NULL, and a line says why there is no such place. */
static struct corrections *reviews_corrections(struct app *app)
{
	const struct dataset *dataset = app->session.dataset;
	struct corrections *corrections = dataset_corrections(dataset);

	if (corrections && dataset_label_column(dataset) >= 0)
		return corrections;
	app_say(app, dataset_label_column(dataset) < 0 ? "the file has no label column (1, then l, names one)"
	             : dataset_has_label_sets(dataset) ? "only data with one label a review can be corrected here"
	             : "the file of corrections beside the data could not be read: see M");
	return NULL;
}

/* Reads the chosen row into reviews->row; false: there is none, or it cannot be corrected. */
static bool reviews_read_chosen(struct app *app, struct reviews_state *reviews)
{
	struct error error = {0};
	uint64_t number;

	if (!reviews_chosen_row(reviews, &number))
		return false;
	if (!dataset_read(app->session.dataset, number, reviews->row, &error)) {
		app_complain(app, &error);
		return false;
	}
	if (reviews->row->status == ROW_OK || reviews->row->status == ROW_NO_LABEL)
		return true;
	app_say(app, "this row is not used (%s): it has no label to correct", row_status_name(reviews->row->status));
	return false;
}

/* What was known of the row is not true any more; the cache knows all others. */
static void reviews_labels_changed(struct reviews_state *reviews)
{
	review_scores_forget(&reviews->scores);
	review_predictions_changed(&reviews->predictions, reviews->row->text);
	reviews->detail = 0;
}

static void reviews_correct(struct app *app, struct reviews_state *reviews, const char *to)
{
	struct corrections *corrections = reviews_corrections(app);
	struct error error = {0};
	const struct row *row;

	if (!corrections || !reviews_read_chosen(app, reviews))
		return;
	row = reviews->row;
	if (to && span_equal(row->file_label, span_of(to)))
		to = NULL; /* what the data say anyway */
	if (!to && !row->corrected) {
		app_say(app, "the row has the label of the file");
	} else if (!corrections_add(corrections, row->text, row->file_label, to, &error)) {
		app_complain(app, &error);
	} else {
		reviews_labels_changed(reviews);
		if (to)
			app_say(app, "%s corrected in %s: a training takes it with --corrections",
			        words_count(corrections_count(corrections)).text, corrections_path(corrections));
		else
			app_say(app, "the label of the file counts again");
	}
}

static void reviews_relabel_answer(struct app *app, void *context, const char *label)
{
	if (*label)
		reviews_correct(app, context, label);
}

/* The labels of the file. */
static char *reviews_complete_label(const char *start, int index, void *context)
{
	const struct app *app = context;
	const struct survey *survey = &app->session.survey;
	const size_t size = strlen(start);

	for (int i = 0; app->session.survey_ready && i < survey->label_count; i++) {
		if (strncmp(survey->labels[i].name, start, size) == 0 && index-- == 0)
			return strdup(survey->labels[i].name);
	}
	return NULL;
}

bool reviews_act_on_label(struct app *app, struct reviews_state *reviews, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_RELABEL:
		if (*argument)
			reviews_correct(app, reviews, argument);
		else if (reviews_corrections(app))
			app_prompt(app, &(struct line_options){.prompt = "the right label: ", .complete = reviews_complete_label,
			                                       .context = app}, reviews_relabel_answer, reviews);
		return true;
	case ACTION_RESTORE_LABEL:
		reviews_correct(app, reviews, NULL);
		return true;
	default:
		return false;
	}
}
