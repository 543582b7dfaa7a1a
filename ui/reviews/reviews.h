/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Reviews screen's state, and its parts: the table (review_table.c), the review below it (review_detail.c), what is done
 * with the rows (review_acts.c). screen_reviews.c keeps them together. */
#ifndef REVUE_UI_REVIEWS_H
#define REVUE_UI_REVIEWS_H

#include "ui/app.h"
#include "ui/reviews/review_columns.h"
#include "ui/reviews/review_list.h"
#include "ui/reviews/review_predictions.h"
#include "ui/reviews/review_scores.h"
#include "ui/reviews/review_words.h"

enum review_pane { PANE_TEXT, PANE_WHOLE, PANE_TOKENS };

struct reviews_state {
	bool ready;
	struct list list;
	struct review_list rows;
	struct review_scores scores;
	struct review_predictions predictions;
	struct marks marks;
	uint64_t marks_lost; /* with the rows that were open before; not told yet */
	struct job *doubles_job;
	struct job *export_job;
	char export_path[4096]; /* a file that is there: the person is asked whether to replace it */
	struct row *row;     /* scratch for drawing */
	uint64_t generation; /* of the dataset */
	uint64_t listed_by;  /* the generation of the model that the rows were last listed by; 0: none yet */
	int page;            /* rows of the table in the last frame */

	uint64_t growths;    /* of the file, that were taken in */
	bool follows;        /* the last row stays chosen as rows come */
	bool to_end;         /* the same until all rows of the file are found */
	uint64_t error_row;  /* row + 1 that the way through the errors has come to; 0: none */

	uint64_t detail;     /* index in the list + 1 of the review below; 0: none */
	int detail_columns;
	enum review_pane pane; /* what it shows */
	bool pane_scored;      /* the tokens were made when it was known which of them the model sees */
	struct review_words words;
	size_t detail_top, detail_rows; /* lines: the first that is seen, how many there is room for */
	struct scrubbed text;
	struct text_lines lines;
	size_t match, match_end; /* glyphs of what was searched for */
	enum row_status detail_status;
	uint64_t detail_line;
	bool whole, tokens;
	int columns[REVIEW_COLUMNS]; /* [column_count] other columns of the file in the table */
	int column_count;
};

/* What jobs may read. Borrowed until the session changes. */
struct review_context reviews_jobs_context(const struct app *app, const struct reviews_state *reviews);

/* The list of rows is another one: what was drawn of it is forgotten, and `row` is chosen where it is still there. */
void reviews_list_changed(struct reviews_state *reviews, uint64_t row);

/* The row that is chosen; false: none. */
bool reviews_chosen_row(const struct reviews_state *reviews, uint64_t *row);

/* What the model says of an entry of the list. */
struct review_predicted {
	char mark; /* '!': wrong; '?': nobody can tell, the labels of the file are others; ' ': right, or without a label */
	struct span label;
	float score;
};

/* review_table.c; reviews_predicted wants the row in reviews->row, and is false where nothing is known yet.
 * The summary fits into so many columns by leaving out names of labels; 0: no limit. */
void reviews_draw_table(struct app *app, struct reviews_state *reviews, const struct layout_reviews *layout);
bool reviews_predicted(const struct app *app, struct reviews_state *reviews, uint64_t index, struct review_predicted *out);
void reviews_write_summary(const struct app *app, const struct reviews_state *reviews, int columns, char *out, size_t capacity);

/* review_detail.c: reads and wraps the chosen review, keeps the end of the text in sight, draws it. */
void reviews_settle_detail(struct app *app, struct reviews_state *reviews, struct rect rect);
void reviews_draw_detail(struct app *app, const struct reviews_state *reviews, const struct layout_reviews *layout);
void reviews_scroll(struct reviews_state *reviews, bool down, size_t lines);

/* review_acts.c: does an action with the rows; false: it is none of these. */
bool reviews_act_on_rows(struct app *app, struct reviews_state *reviews, enum action action, const char *argument);

/* review_marks.c: marks, and files of rows; tells once that one is written. */
bool reviews_act_on_marks(struct app *app, struct reviews_state *reviews, enum action action, const char *argument);
void reviews_take_export(struct app *app, struct reviews_state *reviews);

/* review_relabel.c: labels that are set right, in a file beside the data. */
bool reviews_act_on_label(struct app *app, struct reviews_state *reviews, enum action action, const char *argument);

/* Tells what a search found, and lists the doubles that were found, once. */
void reviews_take_doubles(struct app *app, struct reviews_state *reviews);
void reviews_take_search(struct app *app, struct reviews_state *reviews);

#endif
