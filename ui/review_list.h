/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rows the Reviews screen lists: all, those of one label, which a job finds, or those that somebody names; and
 * the next one that holds a text, which another job finds. Knows no curses. The UI thread alone calls it. */
#ifndef REVUE_UI_REVIEW_LIST_H
#define REVUE_UI_REVIEW_LIST_H

#include "ui/search.h"
#include "ui/source.h"

struct row_set;

struct review_list {
	struct jobs *jobs;
	struct source *source;  /* held; NULL: none */

	char *label;            /* rows with this label only, among others perhaps; NULL: by no label */
	struct row_set *listed; /* held; NULL: all rows */
	struct job *filter_job;

	struct search search;
	struct job *search_job;
};

void review_list_init(struct review_list *list, struct jobs *jobs);

/* Takes another file, or NULL; ends the jobs and lists all rows. */
void review_list_attach(struct review_list *list, struct source *source);
void review_list_free(struct review_list *list);

/* Whether only some rows of the file are listed. */
bool review_list_is_part(const struct review_list *list);

/* Entries, and the row of one (< count). They grow while a file is indexed or a filter works. */
uint64_t review_list_count(const struct review_list *list);
uint64_t review_list_row(const struct review_list *list, uint64_t index);

/* The index of this row; where it is not listed, of the nearest one after it, or else of the last. */
uint64_t review_list_find_row(const struct review_list *list, uint64_t row);

/* Lists only rows with this label; NULL: all. */
bool review_list_filter(struct review_list *list, const char *label, struct error *error);

/* Lists these rows (copied) in this order and no others, whatever was listed before; those that the file does not have
 * are left out. False: out of memory, the list stays. So far for tests: a cell of a confusion matrix is to open its
 * rows with it. */
bool review_list_set(struct review_list *list, const uint64_t *rows, size_t count, struct error *error);

/* To be called now and then while the filter works. False with one line, once, when it could not go on. */
bool review_list_update(struct review_list *list, struct error *error);

/* Looks for search from the entry beside `from` on, around the end. review_list_found tells the result
 * once; *error is set where a row could not be read. */
bool review_list_search(struct review_list *list, uint64_t from, bool backward, struct error *error);
bool review_list_found(struct review_list *list, uint64_t *index, bool *found, struct error *error);
void review_list_end_search(struct review_list *list);

/* A filter or a search is at work. */
bool review_list_is_busy(const struct review_list *list);

#endif
