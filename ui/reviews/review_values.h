/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be asked of a review by its name, in expressions and as an order: its columns, its text and label, what the model
 * says of it, its length. Knows no curses. */
#ifndef REVUE_UI_REVIEW_VALUES_H
#define REVUE_UI_REVIEW_VALUES_H

#include "ui/reviews/double_rows.h"
#include "ui/reviews/expression.h"
#include "ui/reviews/marks.h"
#include "ui/reviews/review_predictions.h"

/* Beside the columns of the file, which are 0, 1, ... X(id, name, flag, predicted, help) */
#define REVIEW_FIELDS(X) \
	X(TEXT, "text", false, false, "the review") \
	X(LABEL, "label", false, false, "its label, or one of them") \
	X(PREDICTION, "prediction", false, true, "the label that the model finds") \
	X(CONFIDENCE, "confidence", false, true, "the score of that, 0 to 1") \
	X(LOSS, "loss", false, true, "how wrong the model is, 0 being right and sure") \
	X(LENGTH, "length", false, false, "words of the text") \
	X(ROW, "row", false, false, "its number in the file") \
	X(ERROR, "error", true, true, "the model finds another label than the file has") \
	X(CORRECTED, "corrected", true, false, "its label was set right") \
	X(MARKED, "marked", true, false, "somebody marked it") \
	X(DOUBLE, "double", true, false, "another review has the same words") \
	X(NEAR_DOUBLE, "near_double", true, false, "another review has the same words, or nearly")

enum review_field {
	FIELD_FIRST = -100,
#define X(id, ...) FIELD_##id,
	REVIEW_FIELDS(X)
#undef X
};

/* Whether it waits for the model. */
bool review_field_is_predicted(int field);

/* Whether it is known only when all rows have been compared, and how they are. */
bool review_field_is_double(int field, enum double_kind *kind);

/* Whether a filter or an order may wait for the model: it names such a field, or seems to. */
bool review_words_are_predicted(const char *words);

/* The names that a file offers, for expression_parse. `survey` may be NULL: then no word is a label. Borrowed. */
struct review_names {
	const struct dataset *dataset;
	const struct survey *survey;
	const struct model *model; /* whose labels are predicted; NULL: none */
};
struct expression_names review_names(const struct review_names *names);

/* The field that a name means; false with one line, which may have a nearer name. */
bool review_names_find(const struct review_names *names, const char *name, int *field, struct error *error);

/* Where a job finds all that. Taken and dropped on the UI thread. */
struct review_values {
	struct source *source; /* held as a reader */
	struct prediction_table *table; /* held; NULL: nothing is predicted */
	struct lent_model *lent; /* held; NULL likewise */
	struct marks marks; /* as they were */
	struct double_rows *double_rows; /* held */
	struct marks doubles[DOUBLE_KINDS]; /* those that the job has looked for */
};

/* `double_rows` is of the same file; NULL: nobody will ask for doubles. */
bool review_values_take(struct review_values *values, struct source *source, const struct review_predictions *predictions,
                        const struct marks *marks, struct double_rows *double_rows, struct error *error);
void review_values_drop(struct review_values *values);

/* Finds the rows that have a double, where that is asked for and was not done. Jobs only, before they read rows. */
bool review_values_find_doubles(struct review_values *values, enum double_kind kind, const struct progress *progress,
                                struct error *error);

/* One row, and what was asked of it. */
struct review_view {
	const struct review_values *values;
	const struct row *row;
	uint64_t number;
	bool predicted;
	struct prediction prediction;
};

/* Reads a row, and waits for its prediction where `predicted` says that it is wanted. Jobs only. False: *error says why, or it
 * was stopped. */
bool review_view_read(struct review_view *view, const struct review_values *values, uint64_t number, struct row *row,
                      bool predicted, const struct progress *progress, struct error *error);

/* For expression_holds; `of` is a struct review_view. */
void review_view_value(const void *of, int field, struct expression_value *out);

#endif
