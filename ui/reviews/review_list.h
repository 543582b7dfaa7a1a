/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rows the Reviews screen lists, and in which order: all, those for which an expression holds, those that somebody
 * names; as they stand in the file, or sorted; and which of them hold a text that is searched for. Jobs find all that
 * (review_jobs.h). Knows no curses. The UI thread alone calls it. */
#ifndef REVUE_UI_REVIEW_LIST_H
#define REVUE_UI_REVIEW_LIST_H

#include "ui/reviews/review_values.h"
#include "ui/reviews/search.h"

struct row_set;

/* What jobs read beside the file. Borrowed. */
struct review_context {
	const struct review_predictions *predictions;
	const struct marks *marks;
	const struct survey *survey; /* NULL: no word is a label */
};

struct review_list {
	struct jobs *jobs;
	struct source *source;  /* held; NULL: none */
	struct double_rows *double_rows; /* held, of the source; NULL: none, or no memory */

	char *filter;           /* as typed: rows for which it holds; NULL: all */
	char *order;            /* as typed: "confidence reverse"; NULL: as in the file */
	struct row_set *listed; /* held; NULL: all rows of the file as they stand there */
	struct job *view_job;   /* fills `listed` */
	uint64_t of, settled;   /* rows that the file had when `listed` was made, and those of them that stay what they are */
	bool again;             /* `coming` are the same, found anew: a row that has come may be the double of one that was there */
	struct row_set *coming; /* held: what it fills, where that is not shown before it is complete */

	char *wanted;           /* as typed: what is searched for; NULL: nothing */
	struct search search;   /* where it is a text: for showing where it stands; else empty */
	struct row_set *matches; /* held: indices in the list, ascending, as far as they are counted; NULL: nothing was */
	struct job *search_job, *count_job;
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

/* Lists only rows for which `filter` holds, in the order that was asked for; NULL: all. False with one line: what is listed
 * stays. */
bool review_list_filter(struct review_list *list, const struct review_context *context, const char *filter,
                        struct error *error);

/* What a word of a filter goes on with: see expression_complete. There must be a source. */
char *review_list_complete(const struct review_list *list, const struct review_context *context, const char *word, int index);

/* Lists the same rows in the order of "COLUMN [reverse]"; NULL: as in the file. */
bool review_list_sort(struct review_list *list, const struct review_context *context, const char *order, struct error *error);

/* The file has grown: what is filtered takes the new rows, where they come in the order of the file, and so does what was counted.
 * review_list_is_short says where a list was made of fewer rows than there are, *of. False with one line. */
bool review_list_grow(struct review_list *list, const struct review_context *context, struct error *error);
bool review_list_is_short(const struct review_list *list, uint64_t *of);

/* Lists these rows (copied) in this order and no others, whatever was listed before; those that the file does not have
 * are left out. False: out of memory, the list stays. */
bool review_list_set(struct review_list *list, const uint64_t *rows, size_t count, struct error *error);

/* To be called now and then while jobs work. False with one line, once, when one could not go on. *changed: another list of
 * rows has taken the place of the one before. */
bool review_list_update(struct review_list *list, bool *changed, struct error *error);

/* Counts what is searched for in a list that has changed. */
bool review_list_count_again(struct review_list *list, const struct review_context *context, struct error *error);

/* Looks for `wanted`, an expression where it names a column and an operator, else a text or a regular expression. NULL: for
 * the same again. From the entry beside `from` on, around the end; counts all that match as well. review_list_found tells the
 * result once; *error is set where a row could not be read. */
bool review_list_search(struct review_list *list, const struct review_context *context, const char *wanted, uint64_t from,
                        bool backward, struct error *error);
bool review_list_found(struct review_list *list, uint64_t *index, bool *found, struct error *error);
void review_list_end_search(struct review_list *list);

/* How many match, as far as they are counted, and the how-manyth `index` is, from 1; 0: it does not match, or is not counted
 * yet. */
uint64_t review_list_matches(const struct review_list *list, uint64_t index, uint64_t *place);

/* A job is at work; what it does, and how far it is. NULL: none. */
bool review_list_is_busy(const struct review_list *list);
const char *review_list_work(const struct review_list *list, uint64_t *done, uint64_t *total);

#endif
