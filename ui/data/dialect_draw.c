/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data/dialect_page.h"

#include "engine/scrub.h"
#include "engine/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAME_COLUMNS 18 /* for the names of fields */
#define CELL_COLUMNS 8  /* a column of the preview has as many at least, where its cells are not shorter */
#define SHOWN_MAX 128   /* columns of the preview */

/* Fields */

static void draw_field(struct app *app, const struct dialect_page *page, struct rect rect, int row, int field)
{
	const bool chosen = (uint64_t)field == page->list.chosen;
	const enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
	char value[OPTION_TEXT_MAX], origin[DIALECT_ORIGIN_MAX];
	int column = NAME_COLUMNS;

	dialect_page_value(page, field, value, origin);
	if (chosen)
		draw_fill(app->terminal, rect, row, 0, style);
	draw_text(app->terminal, rect, row, 1, dialect_form_name(field), style);
	if (*value)
		column += 1 + draw_span(app->terminal, rect, row, column, rect.columns - column - (int)strlen(origin) - 1, span_of(value),
		                        chosen || !*origin ? style : STYLE_DIM);
	draw_text(app->terminal, rect, row, column, origin, chosen ? style : STYLE_DIM);
}

static void draw_about(struct app *app, const struct dialect_page *page, struct rect rect)
{
	const struct form_choices choices = dialect_page_choices(page);

	if (rect.rows > 1) {
		form_draw_choices(app, rect, &choices);
		rect.y += rect.rows - 1;
		rect.rows = 1;
	}
	form_draw_help(app, rect, dialect_form_help((int)page->list.chosen), STYLE_DIM);
}

/* The preview. Its columns are as wide as what stands in them; where that is too much the widest give way, and where that does
 * not do the last are left out, but not those of text and label. */

struct shown_columns {
	int count, lead; /* `lead` columns for the line and what is wrong with it */
	int column[SHOWN_MAX], width[SHOWN_MAX];
};

static void heading(const struct preview_column *column, char out[OPTION_TEXT_MAX])
{
	snprintf(out, OPTION_TEXT_MAX, "%.500s%s", column->name, column->text ? " (text)" : column->label ? " (label)" : "");
}

static int natural_width(const struct dialect_preview *preview, int column, int rows, int room)
{
	char text[OPTION_TEXT_MAX];
	int width;

	heading(&preview->column[column], text);
	width = scrub_columns(span_of(text), room);
	for (int i = 0; i < rows; i++) {
		const int own = column < preview->row[i].count ? scrub_columns(span_of(preview->row[i].cells[column]), room) : 0;

		width = own > width ? own : width;
	}
	return width;
}

static int at_most(int width, int cap)
{
	return width < cap ? width : cap;
}

static void widen(struct shown_columns *shown, int room)
{
	int cap = CELL_COLUMNS - 1, taken = 0;

	while (cap < room && taken <= room) {
		taken = 0;
		cap++;
		for (int i = 0; i < shown->count; i++)
			taken += at_most(shown->width[i], cap) + 2;
	}
	cap -= taken > room && cap > CELL_COLUMNS;
	for (int i = 0; i < shown->count; i++)
		shown->width[i] = at_most(shown->width[i], cap);
}

static bool is_used(const struct preview_column *column)
{
	return column->text || column->label;
}

static void choose_columns(const struct dialect_preview *preview, int rows, int room, struct shown_columns *shown)
{
	int left = room;
	bool full = false;

	for (int i = 0; i < preview->columns && left > 0; i++)
		if (is_used(&preview->column[i]))
			left -= CELL_COLUMNS + 2;
	for (int i = 0; i < preview->columns && shown->count < SHOWN_MAX; i++) {
		int width;

		if (full && !is_used(&preview->column[i]))
			continue;
		width = natural_width(preview, i, rows, room);
		if (!is_used(&preview->column[i]) && at_most(width, CELL_COLUMNS) + 2 > left) {
			full = true;
			continue;
		}
		left -= is_used(&preview->column[i]) ? 0 : at_most(width, CELL_COLUMNS) + 2;
		shown->column[shown->count] = i;
		shown->width[shown->count++] = width;
	}
	widen(shown, room);
}

static void line_words(const struct preview_row *row, char out[64])
{
	const bool good = row->status == ROW_OK;

	snprintf(out, 64, "%" PRIu64 "%s%s", row->line, good ? "" : " ", good ? "" : row_status_name(row->status));
}

static void draw_row(struct app *app, struct rect rect, int at, const struct preview_row *row, const struct shown_columns *shown)
{
	const enum style style = row->status == ROW_OK ? STYLE_NORMAL : STYLE_ERROR;
	char words[64];
	int place = shown->lead + 2;

	line_words(row, words);
	draw_text(app->terminal, rect, at, 1, words, row->status == ROW_OK ? STYLE_DIM : STYLE_ERROR);
	for (int i = 0; i < shown->count; place += shown->width[i++] + 2)
		if (shown->column[i] < row->count && shown->width[i] > 0)
			draw_span(app->terminal, rect, at, place, shown->width[i], span_of(row->cells[shown->column[i]]), style);
}

static void draw_preview(struct app *app, const struct dialect_page *page, struct rect rect)
{
	const struct dialect_preview *preview = dialect_page_preview(page);
	const int rows = preview && rect.rows - 1 < preview->rows ? rect.rows - 1 : preview ? preview->rows : 0;
	struct shown_columns shown = {.lead = 4};
	char text[OPTION_TEXT_MAX];
	int place;

	if (!preview || rect_is_empty(rect))
		return;
	for (int i = 0; i < rows; i++) {
		line_words(&preview->row[i], text);
		shown.lead = (int)strlen(text) > shown.lead ? (int)strlen(text) : shown.lead;
	}
	choose_columns(preview, rows, rect.columns - shown.lead - 2, &shown);
	draw_text(app->terminal, rect, 0, 1, "Line", STYLE_TITLE);
	place = shown.lead + 2;
	for (int i = 0; i < shown.count; place += shown.width[i++] + 2) {
		heading(&preview->column[shown.column[i]], text);
		if (shown.width[i] > 0)
			draw_span(app->terminal, rect, 0, place, shown.width[i], span_of(text), STYLE_TITLE);
	}
	for (int i = 0; i < rows; i++)
		draw_row(app, rect, i + 1, &preview->row[i], &shown);
}

void dialect_page_draw(struct app *app, const struct dialect_page *page, struct rect body)
{
	const struct layout_dialect layout = layout_dialect(body, DIALECT_FIELDS);
	char name[WIDGET_NAME_MAX], text[1200];
	bool is_error;

	if (page->command) {
		form_draw_command(app, body, page->command);
		return;
	}
	app_path_name(app, dataset_path(app->session.dataset), layout.title.columns / 2, name);
	draw_format(app->terminal, layout.title, 0, 1, STYLE_TITLE, "How %s is written. s reads it so, Esc leaves it.", name);
	for (int row = 0; row < layout.fields.rows && (int)page->list.top + row < DIALECT_FIELDS; row++)
		draw_field(app, page, layout.fields, row, (int)page->list.top + row);
	draw_about(app, page, layout.help);
	is_error = dialect_page_describe(page, text, sizeof text);
	draw_cut(app->terminal, layout.told, 0, 1, text, "", is_error ? STYLE_ERROR : page->job ? STYLE_DIM : STYLE_NORMAL);
	draw_preview(app, page, layout.preview);
}
