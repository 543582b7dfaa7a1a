/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The jobs of the Reviews screen's list: which rows, in which order, which match. Each has what it works with to itself.
 * Knows no curses; the UI thread starts them. */
#ifndef REVUE_UI_REVIEW_JOBS_H
#define REVUE_UI_REVIEW_JOBS_H

#include "ui/reviews/review_values.h"
#include "ui/reviews/search.h"
#include "ui/row_set.h"

/* What rows are asked. Start with {0}; freed with its task. */
struct review_test {
	struct expression *expression; /* NULL: a text is looked for */
	struct search search;
	bool predicted; /* it waits for the model */
	bool doubles[DOUBLE_KINDS]; /* it asks which rows have one */
};

bool review_test_set(struct review_test *test, const char *text, bool expression, const struct review_names *names,
                     struct error *error);

bool review_test_asks_for_doubles(const struct review_test *test);

/* Lists rows: all of `of` (NULL: of the file) for which `test` holds (no expression: all), by `order` where `sorted`. */
struct view_task {
	struct review_values values;
	struct review_test test;
	uint64_t from; /* the first row that is looked at; sorted: 0 */
	bool sorted, reverse;
	int order;
	struct row_set *out; /* held; where it is sorted all comes at once, at the end */
};

/* Finds the next entry of a list that passes a test, or counts all. */
struct quest_task {
	struct review_values values;
	struct review_test test;
	struct row_set *listed;  /* held; NULL: all rows of the file */
	struct row_set *matches; /* held: of counting, indices in the list; NULL: the next one is looked for */
	uint64_t from, size;     /* where it begins, in how many entries */
	bool backward;
	uint64_t found;          /* index in the list; UINT64_MAX: nowhere */
};

/* They take the task, which was allocated, also where they fail (NULL with one line). */
struct job *review_job_view(struct jobs *jobs, struct view_task *task, struct error *error);
struct job *review_job_search(struct jobs *jobs, struct quest_task *task, struct error *error);

/* Frees a task that no job has taken. */
void view_task_free(void *task);
void quest_task_free(void *task);

#endif
