/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * readline histories on disk: $XDG_STATE_HOME/revue (else ~/.local/state/revue), readable by their owner
 * only, since reviews are private text. REVUE_HISTORY=off keeps nothing. They work on readline's
 * current history list. A line break inside an entry is written as \n, a backslash as \\. */
#ifndef REVUE_UI_HISTORY_H
#define REVUE_UI_HISTORY_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include <readline/history.h>

#define HISTORY_ENTRIES_MAX 500

bool history_is_wanted(void);

/* The path of a file of that name in that folder, which need not be there yet. False: there is no place for it. */
bool history_path(const char *name, char out[PATH_MAX]);

void history_load(const char *name);
void history_save(const char *name); /* what cannot be written is lost: nobody waits for it */

/* Adds `text` unless it equals the newest entry; drops the oldest beyond the maximum. */
void history_append(const char *text);

/* history_get_history_state by value. */
HISTORY_STATE history_copy_state(void);

#endif
