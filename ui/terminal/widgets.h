/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What screens are drawn with. Rows and columns count from the corner of the rectangle they are given with, and
 * nothing is drawn outside of it. Every text goes through engine/scrub.h here, wherever it came from. */
#ifndef REVUE_UI_WIDGETS_H
#define REVUE_UI_WIDGETS_H

#include "ui/action.h"
#include "ui/terminal/terminal.h"
#include "ui/terminal/text.h"

#include <stdint.h>

/* One line, cut at `columns`, or at the edge of `rect` where that is 0, with a mark that it was cut. Returns the columns
 * used. */
int draw_span(struct terminal *terminal, struct rect rect, int row, int column, int columns, struct span text,
              enum style style);
int draw_text(struct terminal *terminal, struct rect rect, int row, int column, const char *text, enum style style);
int draw_format(struct terminal *terminal, struct rect rect, int row, int column, enum style style,
                const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The same, but where it does not fit it ends with a mark that says so, and with `hint`. Returns the columns used. */
int draw_cut(struct terminal *terminal, struct rect rect, int row, int column, const char *text, const char *hint,
             enum style style);

/* A path, or another name whose end matters, so that it takes `columns` at most: its middle is left out, with a mark. */
#define WIDGET_NAME_MAX 2048
void draw_shorten(const struct terminal *terminal, const char *name, int columns, char out[WIDGET_NAME_MAX]);

/* Glyphs [first, first + count) of text that is scrubbed already. Returns the columns used. */
int draw_glyphs(struct terminal *terminal, struct rect rect, int row, int column, const struct scrubbed *text,
                size_t first, size_t count, enum style style);

/* Wrapped text from line `top` on, each span in its style (enum style). */
void draw_wrapped(struct terminal *terminal, struct rect rect, const struct scrubbed *text,
                  const struct text_lines *lines, size_t top);

/* A horizontal bar of `columns` at most, filled by `share` of them; a vertical one that stands on the last row. */
void draw_bar(struct terminal *terminal, struct rect rect, int row, int column, int columns, double share,
              enum style style);
void draw_column(struct terminal *terminal, struct rect rect, int column, double share, enum style style);

/* A line across with a title in it. */
void draw_rule(struct terminal *terminal, struct rect rect, int row, const char *title);

/* Blanks in this style from `column` to the edge: the rest of a chosen line, where the cursor rests then. */
void draw_fill(struct terminal *terminal, struct rect rect, int row, int column, enum style style);

/* A cursor in a list of any length, and the line that stands on top. */
struct list {
	uint64_t chosen, top;
};

/* Moves by MOVE_ and PAGE_ actions; false for all others. */
bool list_move(struct list *list, enum action action, uint64_t count, int page);

/* "1-17 of 24" at the right end of a row, where `rows` do not show all of a list; not over what ends at `column`. */
void draw_range(struct terminal *terminal, struct rect rect, int row, int column, uint64_t top, uint64_t count, int rows);

/* Keeps the cursor inside the list and the top where the cursor can be seen. */
void list_settle(struct list *list, uint64_t count, int rows);

#endif
