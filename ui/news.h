/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the session has to tell the person, until somebody takes it. Pure: knows no terminal. */
#ifndef REVUE_UI_NEWS_H
#define REVUE_UI_NEWS_H

#define NEWS_MAX 160 /* the notes of a file and of a model, and more */

enum news_kind {
	NEWS_GOOD,
	NEWS_ERROR,
	NEWS_NOTE,  /* of what was guessed, set right or left out while a file or a model was opened */
	NEWS_QUIET, /* is not shown by itself: another one of the same time stands for it */
};

struct news {
	char *text;
	enum news_kind kind;
	int more; /* of a note: as many come after it that belong to it, and are quiet */
};

/* Start with {0}, end with news_free. */
struct news_queue {
	struct news items[NEWS_MAX]; /* oldest first */
	int count;
};

void news_free(struct news_queue *queue);

/* Where nobody takes them, the newest takes the place of the one before. Where memory is short nothing is told. */
void news_add(struct news_queue *queue, enum news_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "WHAT: NOTE" for each of the `count` notes of `of`; the first one stands for all. */
void news_add_notes(struct news_queue *queue, const char *what, const void *of, int count,
                    const char *(*note)(const void *of, int index));

/* The oldest that was not taken yet; NULL: none. news_drop takes it. */
const struct news *news_next(const struct news_queue *queue);
void news_drop(struct news_queue *queue);

#endif
