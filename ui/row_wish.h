/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of a file that somebody wants to see on the Reviews screen, which lists them as soon as that file is open and its rows are
 * found. Knows no curses. */
#ifndef REVUE_UI_ROW_WISH_H
#define REVUE_UI_ROW_WISH_H

#include "ui/session.h"

/* Start with {0}. */
struct row_wish {
	char *path;
	uint64_t *rows; /* [count], the most wanted first */
	size_t count;
	uint64_t chosen, last; /* of them that the cursor goes to; the greatest */
	char title[200];
};

void row_wish_free(struct row_wish *wish);

/* Wishes for rows (copied) of a file, which is opened as `dialect` says where another one is open. False with one line. */
bool row_wish_set(struct row_wish *wish, struct session *session, const char *path, const struct dataset_dialect *dialect,
                  const uint64_t *rows, size_t count, uint64_t chosen, const char *title, struct error *error);

/* Whether the file is there with these rows; false as well where nothing is wished for. */
bool row_wish_is_ready(const struct row_wish *wish, const struct session *session);

#endif
