/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The line on top of the Reviews screen: how many rows there are, are found, are wrong. Pure: knows no curses. */
#ifndef REVUE_UI_REVIEW_SUMMARY_H
#define REVUE_UI_REVIEW_SUMMARY_H

#include "ui/reviews/review_predictions.h"

struct review_summary {
	uint64_t rows;  /* of the file */
	bool complete;  /* there are no more */
	bool part;      /* some rows are listed: */
	uint64_t listed;
	uint64_t of;    /* of the first rows only, as many as there were; 0: of all */
	bool searched;  /* something is searched for: */
	uint64_t matches, match; /* as many rows match, and the chosen one is the how-manyth of them; 0: it does not */
	uint64_t marked;
	const char *work; /* what a job does; NULL: none is at work */
	uint64_t work_done, work_total;
	struct prediction_counts predictions;
	bool labels;       /* the file has a label column */
	const char *other; /* why rows are not judged; NULL: they are */
};

void review_summary_write(const struct review_summary *summary, char *out, size_t capacity);

#define REVIEW_SUMMARY_LABELS 5 /* at most, where there is room */

/* "file: 1, 2, 3, 4, 5; model: negative, positive": with names cut, and `shown` of them at most. Always NUL-terminated. */
void review_summary_labels(const struct survey *survey, const struct model *model, int shown, char *out, size_t capacity);

#endif
