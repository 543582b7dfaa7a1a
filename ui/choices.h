/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of the words that a value can be, as the tables of options, settings and actions have them: "auto|none|CHARACTER". What
 * is written in capitals stands for others and is no word. Pure: knows no terminal. */
#ifndef REVUE_UI_CHOICES_H
#define REVUE_UI_CHOICES_H

#include "engine/span.h"

/* Word number `index`, borrowed from `list`; of size 0: there are no more. */
struct span choices_word(const char *list, int index);

/* Match number `index` of what begins as `word`, for readline; the caller frees it. NULL: there are no more, or no memory. */
char *choices_complete(const char *list, const char *word, int index);

#endif
