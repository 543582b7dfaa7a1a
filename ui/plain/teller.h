/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a screen says of itself in lines, for `revue --plain`: a title, sentences, and the lines of its list with numbers that
 * open them. A screen fills a teller in the function `tell` of its table (ui/view.h); whoever asked compares it with what was
 * told before. Every line is scrubbed. Knows no terminal. */
#ifndef REVUE_UI_PLAIN_TELLER_H
#define REVUE_UI_PLAIN_TELLER_H

#include "engine/span.h"
#include "ui/action.h"

#include <stdint.h>

enum tell_part {
	TELL_ALL,    /* the screen: its title, what it knows, the lines of its list that would be in sight */
	TELL_CHOSEN, /* the chosen line, as far as there is something to say of it */
};

struct told_line {
	char *text;           /* scrubbed, without its number */
	uint64_t number;      /* in the list, from 1; 0: it is no line of it */
	const char *argument; /* what the action that opens it is told; NULL: the list's cursor goes there before */
};

/* Start with {.part, .ascii}, end with teller_free. */
struct teller {
	enum tell_part part;
	bool ascii;
	bool live;            /* what was told changes by itself: only news of it are worth a word */
	char title[256];
	struct told_line *lines;
	size_t count, capacity;

	uint64_t *cursor;     /* of the list that the numbers belong to; NULL: none */
	uint64_t entries;     /* of that list, told or not */
	uint64_t chosen;      /* what is chosen, by something that stays true of it while the list changes */
	enum action opens;    /* what opens a line; ACTION_NONE: to be told more of it */
};

void teller_free(struct teller *teller);

/* Which page the screen shows. */
void tell_title(struct teller *teller, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line. Nothing where memory is short. */
void tell(struct teller *teller, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The list: where its cursor is kept (borrowed as long as the screen lives), how long it is, what is chosen. */
void tell_list(struct teller *teller, uint64_t *cursor, uint64_t entries, uint64_t chosen, enum action opens);

/* Line `index` of it, from 0; `argument` (static) as above. */
void tell_line(struct teller *teller, uint64_t index, const char *argument, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The lines of a list that a screen of `rows` rows shows from `top` on; `first` is a part of the chosen one alone. */
struct told_range {
	uint64_t first, end;
};
struct told_range tell_range(const struct teller *teller, uint64_t chosen, uint64_t top, int rows, uint64_t entries);

/* A span as printf takes it: "%.*s" with TOLD(span). */
#define TELL_PATH_COLUMNS 200 /* of a path that is told */

#define TOLD_BYTES_MAX ((size_t)1 << 20) /* more of one text nobody listens to */
#define TOLD(span) (int)((span).size < TOLD_BYTES_MAX ? (span).size : TOLD_BYTES_MAX), (span).data

#endif
