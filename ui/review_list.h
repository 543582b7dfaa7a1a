/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rows the Reviews screen lists: all, or those of one label, found by a thread; and the next one
 * that holds a text, found by another. Knows no curses. The UI thread alone calls it. */
#ifndef REVUE_UI_REVIEW_LIST_H
#define REVUE_UI_REVIEW_LIST_H

#include "engine/dataset.h"
#include "ui/job.h"
#include "ui/search.h"

struct review_list {
	struct dataset *dataset; /* borrowed; NULL: none */
	struct wake *wake;

	char *label; /* rows with this label only; NULL: all rows */
	struct job filter_job;
	pthread_mutex_t lock; /* of the three below while the filter's thread runs */
	uint64_t *rows;
	size_t count, capacity;

	struct search search;
	struct job search_job;
	uint64_t from, size; /* where the search's thread begins, in how many */
	bool backward;
	uint64_t found; /* index in the list; UINT64_MAX: nowhere */
};

void review_list_init(struct review_list *list, struct wake *wake);

/* Takes another dataset, or NULL; stops the threads and drops the filter. */
void review_list_attach(struct review_list *list, struct dataset *dataset);
void review_list_free(struct review_list *list);

/* Entries, and the row of one (< count). They grow while a file is indexed or a filter works. */
uint64_t review_list_count(struct review_list *list);
uint64_t review_list_row(struct review_list *list, uint64_t index);

/* The index of this row, or of the next one listed. */
uint64_t review_list_find_row(struct review_list *list, uint64_t row);

/* Lists only rows with this label; NULL: all. */
bool review_list_filter(struct review_list *list, const char *label, struct error *error);

/* To be called now and then while the filter works. False with one line, once, when it could not go on. */
bool review_list_update(struct review_list *list, struct error *error);

/* Looks for search from the entry beside `from` on, around the end. review_list_found tells the result
 * once; *error is set where a row could not be read. */
bool review_list_search(struct review_list *list, uint64_t from, bool backward, struct error *error);
bool review_list_found(struct review_list *list, uint64_t *index, bool *found, struct error *error);

#endif
