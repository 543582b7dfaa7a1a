/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding rows, step by step: on the thread that asks, or on one of its own. Whichever it is, one step runs at a time. */
#ifndef REVUE_DATA_INDEXING_H
#define REVUE_DATA_INDEXING_H

#include "engine/data/reader.h"

#include <pthread.h>
#include <stdatomic.h>

struct indexing {
	const struct reader *reader;
	void *reader_state;     /* borrowed from the data set */

	pthread_mutex_t mutex;  /* over a step, and over `done` */
	_Atomic int state;      /* enum index_state; set after the reader's rows can be seen */
	struct error errors[2]; /* valid once the state is INDEX_FAILED: the first, and after the file has grown the second */
	_Atomic int growths;    /* how often it has */
	uint64_t done;          /* bytes of the source */

	pthread_t thread;
	bool thread_runs;       /* the thread that opened the data set only */
	atomic_bool thread_ended;
	enum dataset_fate (*look)(void *of); /* what the thread does first; NULL: nothing */
	void *look_of;
	atomic_bool stop;
	struct wake *wake;      /* borrowed */
};

void indexing_init(struct indexing *indexing, const struct reader *reader, void *reader_state);

/* Finds some more rows. False: there are no more, or indexing_error tells why it ended. */
bool indexing_step(struct indexing *indexing);

/* The source has become longer: lets the index go on. False: it cannot, or has not ended yet. */
bool indexing_more(struct indexing *indexing);

/* NULL, or why the index ended early. */
const struct error *indexing_error(const struct indexing *indexing);

/* Rows that may be read, and whether there will be no more. */
uint64_t indexing_rows(const struct indexing *indexing, bool *complete);

/* See dataset_index and dataset_index_start. `size`: bytes of the source, for the progress. */
bool indexing_run(struct indexing *indexing, const char *path, uint64_t size, const struct progress *progress,
                  struct error *error);
bool indexing_start(struct indexing *indexing, struct wake *wake, struct error *error);

/* The same after `look` has let the index go on; the thread rests then. True also where one is still at work, which finds what is
 * there as well as this one would. */
bool indexing_look(struct indexing *indexing, enum dataset_fate (*look)(void *of), void *of, struct wake *wake,
                   struct error *error);
bool indexing_is_at_work(const struct indexing *indexing);

/* Ends the thread, within one step, and what indexing_init made. The reader is still open. */
void indexing_end(struct indexing *indexing);

#endif
