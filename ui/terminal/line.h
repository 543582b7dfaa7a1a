/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GNU readline inside the screens: for prompts and for the text on the Score screen.
 *
 * readline's callback interface edits; it neither reads the keyboard nor draws. Keys come from
 * terminal_key as whole characters or whole escape sequences, a paste is inserted at once, and drawing
 * takes the buffer from here. There is one readline in a process, so there is one struct line. */
#ifndef REVUE_UI_LINE_H
#define REVUE_UI_LINE_H

#include "engine/span.h"
#include "ui/terminal/terminal.h"
#include "ui/terminal/text.h"

enum line_state {
	LINE_EDITING,
	LINE_ACCEPTED,  /* Enter: line_result has it */
	LINE_CANCELLED, /* Esc, or Ctrl-D on an empty line */
};

enum line_history {
	LINE_HISTORY_NONE,
	LINE_HISTORY_COMMAND,
	LINE_HISTORY_SEARCH,
	LINE_HISTORY_FILE,
	LINE_HISTORY_REVIEW,
	LINE_HISTORY_COUNT,
};

/* Completions of `word`: the `index`-th, malloc'ed (readline frees it); NULL after the last. */
typedef char *line_completer(const char *word, int index, void *context);

struct line_options {
	const char *prompt;   /* "" where the caller draws one */
	const char *initial;  /* the text to start with; NULL: empty */
	enum line_history history;
	bool files;           /* complete names of files */
	bool (*wants_files)(const char *word, void *context); /* only where it says so; NULL: everywhere */
	line_completer *complete; /* or these words; NULL: none */
	void *context;
};

struct line;

/* Sets readline up, before curses starts. With `remember` histories are read from and, by line_free, written to
 * $XDG_STATE_HOME/revue, readable by their owner only. */
struct line *line_new(bool remember, struct error *error);
void line_free(struct line *line);

/* Starts to edit. A line that is being edited is cancelled first. */
void line_begin(struct line *line, const struct line_options *options);
void line_cancel(struct line *line);
bool line_is_active(const struct line *line);

enum line_state line_key(struct line *line, int key);
/* Whether readline does something at a key with UI_ALT. */
bool line_knows_alt(const struct line *line, int key);
void line_set_text(struct line *line, const char *text); /* in the place of what was typed */
void line_paste(struct line *line, struct span text);

/* While editing: borrowed until the next key. Afterwards line_result: borrowed until the next line_begin. */
struct span line_text(const struct line *line);
size_t line_point(const struct line *line); /* the byte the cursor stands on */
const char *line_result(const struct line *line);
const char *line_prompt(const struct line *line); /* readline's own while it searches its history */

enum line_history line_history(const struct line *line); /* the kind it was begun with */

/* Keeps `text` in the history of this kind, which is there the next time where line_keeps_histories says so. */
void line_remember(struct line *line, enum line_history history, const char *text);

/* Whether what is typed from now on is kept for the next time; never where line_new was told not to. */
void line_set_remember(struct line *line, bool remember);
bool line_keeps_histories(const struct line *line);
bool line_has_histories(const struct line *line); /* those of the last time were read */

/* What of the person's settings of readline (ui/terminal/inputrc.h) could not be read; NULL: nothing. */
const struct error *line_settings_error(const struct line *line);

bool line_can_complete(const struct line *line);

/* The completions of the last Tab that were more than one; 0 after any other key. */
int line_candidates(const struct line *line);
const char *line_candidate(const struct line *line, int index);

/* Draws prompt and text in one row, scrolled so that the cursor is seen, and places the cursor. */
void line_draw(const struct line *line, struct terminal *terminal, struct rect rect);

#endif
