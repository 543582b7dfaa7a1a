/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The open file may grow while it is looked at: its rows are taken in, and its labels counted anew. Knows no curses. */
#ifndef REVUE_UI_SESSION_GROWTH_H
#define REVUE_UI_SESSION_GROWTH_H

#include "ui/file_watch.h"
#include "ui/news.h"
#include "ui/source.h"

/* Start with {0}. */
struct session_growth {
	struct file_watch watch;
	bool moved;       /* the file may have changed since it was looked at */
	uint64_t growths; /* of the data set, that were taken in */
	bool counting, counted; /* rows are being counted; they were */
	bool stale;       /* what was counted is not of all rows */
	uint64_t waits_from; /* the line of a field that is left open, 0: none */
	double waits_since;
	bool waits_told;
	double started, due; /* when they were counted last, and may be counted again: a long file is not counted all the time */
};

/* Another data set is open; NULL: none. */
void session_growth_begin(struct session_growth *growth, const struct dataset *dataset);

/* Looks what has become of the file, on a thread of its own. True: rows have come. News tell what was done to it else. */
bool session_growth_update(struct session_growth *growth, struct dataset *dataset, struct wake *wake, struct news_queue *news);

/* Rows are being counted, were counted; whether they are to be counted again now. */
void session_growth_counting(struct session_growth *growth);
void session_growth_counted(struct session_growth *growth, bool good);
void session_growth_forget_counts(struct session_growth *growth);
bool session_growth_wants_count(const struct session_growth *growth);

/* For poll: a descriptor, -1: none; milliseconds until session_update is to be called, -1: no matter when. */
int session_growth_fd(const struct session_growth *growth, const struct dataset *dataset);
int session_growth_timeout(const struct session_growth *growth, const struct dataset *dataset);

#endif
