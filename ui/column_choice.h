/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two columns of a file that matter, where somebody chose them: what stays of that when the file is read anew, and how a
 * setting names them. Knows no curses. */
#ifndef REVUE_UI_COLUMN_CHOICE_H
#define REVUE_UI_COLUMN_CHOICE_H

#include "engine/dataset.h"

struct column_choice {
	int text, label;            /* -1: none */
	bool text_said, label_said; /* somebody chose that column: it was not found or guessed */
};

/* `dataset` takes the columns that were chosen of `before`, the same file as it was read until now, as far as there are such
 * names. Returns what it has now. */
struct column_choice column_choice_keep(struct column_choice choice, const struct dataset *before, struct dataset *dataset);

/* The name of a column, "" where it is -1; of several label columns all of them, as --label-column takes them. */
void column_choice_name(const struct dataset *dataset, int column, char *out, size_t capacity);
void column_choice_label_name(const struct dataset *dataset, int column, char *out, size_t capacity);

#endif
