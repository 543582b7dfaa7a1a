/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * :save-screen: what the screen shows, as plain text, as text with colours (ECMA-48), as a drawing (SVG 1.1) or as a page. The
 * cells hold scrubbed text; what means something in XML is escaped here. */
#include "ui/app.h"
#include "ui/terminal/small_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_WIDTH 8.4 /* of the drawing, at a size of 14 */
#define CELL_HEIGHT 18

/* Cells of one style beside each other. */
struct run {
	int y, x, columns;
	enum style style;
	char text[LAYOUT_SIZE_MAX * 8];
};

/* Takes the run that begins at *x, which moves past it; a wide glyph takes two cells. */
static void run_take(const struct terminal *terminal, int y, int *x, struct run *run)
{
	const int columns = terminal_columns(terminal);
	size_t used = 0;

	run->y = y;
	run->x = *x;
	while (*x < columns) {
		char cell[TERMINAL_CELL_MAX];
		const enum style style = terminal_cell(terminal, y, *x, cell);

		if (*x > run->x && style != run->style)
			break;
		run->style = style;
		if (used + strlen(cell) + 1 < sizeof run->text)
			used += (size_t)snprintf(run->text + used, sizeof run->text - used, "%s", cell);
		*x += terminal_cell_columns(cell);
	}
	run->text[used] = '\0';
	run->columns = *x - run->x;
}

static const struct theme_style *style_of(const struct app *app, enum style style)
{
	return &themes[app->settings.values[SETTING_THEME]].styles[style];
}

static void put_ansi(FILE *out, const struct app *app, const struct run *run)
{
	const struct theme_style *style = style_of(app, run->style);

	fputs("\033[0", out);
	fputs(style->attributes & THEME_BOLD ? ";1" : "", out);
	fputs(style->attributes & THEME_UNDERLINE ? ";4" : "", out);
	fputs(style->attributes & THEME_REVERSE ? ";7" : "", out);
	if (style->many >= 0)
		fprintf(out, ";38;5;%d", style->many);
	fprintf(out, "m%s", run->text);
}

static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

/* "#rrggbb": white paper, so light colours would not be seen: black stands for the terminal's own. */
static void put_color(FILE *out, short color)
{
	int rgb[3] = {0, 0, 0};

	if (color >= 0)
		theme_rgb(color, rgb);
	fprintf(out, "#%02x%02x%02x", (unsigned)rgb[0], (unsigned)rgb[1], (unsigned)rgb[2]);
}

static void put_html(FILE *out, const struct app *app, const struct run *run)
{
	const struct theme_style *style = style_of(app, run->style);
	const bool reverse = style->attributes & THEME_REVERSE;

	fputs("<span style=\"color:", out);
	if (reverse)
		fputs("#ffffff;background:", out);
	put_color(out, style->many);
	fprintf(out, "%s%s\">", style->attributes & THEME_BOLD ? ";font-weight:bold" : "",
	        style->attributes & THEME_UNDERLINE ? ";text-decoration:underline" : "");
	put_escaped(out, run->text);
	fputs("</span>", out);
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " ")] == '\0';
}

static void put_svg(FILE *out, const struct app *app, const struct run *run)
{
	const struct theme_style *style = style_of(app, run->style);
	const bool reverse = style->attributes & THEME_REVERSE;
	const double x = run->x * CELL_WIDTH, width = run->columns * CELL_WIDTH;

	if (reverse) {
		fprintf(out, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"", x, run->y * CELL_HEIGHT, width, CELL_HEIGHT);
		put_color(out, style->many);
		fputs("\"/>\n", out);
	}
	if (is_blank(run->text))
		return;
	fprintf(out, "<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\"%s%s fill=\"", x, run->y * CELL_HEIGHT + 14, width,
	        style->attributes & THEME_BOLD ? " font-weight=\"bold\"" : "",
	        style->attributes & THEME_UNDERLINE ? " text-decoration=\"underline\"" : "");
	if (reverse)
		fputs("#ffffff", out);
	else
		put_color(out, style->many);
	fputs("\">", out);
	put_escaped(out, run->text);
	fputs("</text>\n", out);
}

static void begin_html(FILE *out, const struct terminal *terminal)
{
	(void)terminal;
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>revue</title></head>\n<body>\n<pre>\n", out);
}

static void begin_svg(FILE *out, const struct terminal *terminal)
{
	const double width = terminal_columns(terminal) * CELL_WIDTH;
	const int height = terminal_rows(terminal) * CELL_HEIGHT;

	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.1f\" height=\"%d\" font-family=\"monospace\" font-size=\"14\""
	        " xml:space=\"preserve\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n", width, height);
}

static const struct screen_format {
	const char *suffix;
	void (*begin)(FILE *out, const struct terminal *terminal); /* NULL: nothing stands before or after */
	void (*run)(FILE *out, const struct app *app, const struct run *run);
	const char *line_end, *end;
} formats[] = {
	{".txt", NULL, NULL, "", ""},
	{".ansi", NULL, put_ansi, "\033[0m\n", ""},
	{".html", begin_html, put_html, "\n", "</pre>\n</body>\n</html>\n"},
	{".svg", begin_svg, put_svg, "", "</svg>\n"},
};

static const struct screen_format *find_format(const char *path)
{
	const char *suffix = strrchr(path, '.');

	for (size_t i = 0; suffix && i < sizeof formats / sizeof *formats; i++) {
		if (strcmp(formats[i].suffix, suffix) == 0)
			return &formats[i];
	}
	return NULL;
}

static bool put_screen(FILE *out, const struct app *app, const struct screen_format *format)
{
	struct run *run = format->run ? malloc(sizeof *run) : NULL;

	if (!format->run)
		return terminal_save(app->terminal, out);
	if (!run)
		return false;
	if (format->begin)
		format->begin(out, app->terminal);
	for (int y = 0; y < terminal_rows(app->terminal); y++) {
		for (int x = 0; x < terminal_columns(app->terminal);) {
			run_take(app->terminal, y, &x, run);
			format->run(out, app, run);
		}
		fputs(format->line_end, out);
	}
	fputs(format->end, out);
	free(run);
	return !ferror(out);
}

void app_save_screen(struct app *app, const char *path)
{
	if (!find_format(path)) {
		app_say(app, "%s: the name says what is written: .txt, .ansi, .svg or .html", path);
		return;
	}
	free(app->save_path);
	app->save_path = strdup(path);
}

static bool write_screen(const struct app *app, const char *path, struct error *error)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool done = out && put_screen(out, app, find_format(path));

	done = out && fclose(out) == 0 && done;
	done = done ? small_file_replace(path, text, size, error) : error_memory(error, "saving the screen");
	free(text);
	return done;
}

void app_write_screen(struct app *app)
{
	struct error error = {0};
	char *path = app->save_path;

	app->save_path = NULL;
	if (write_screen(app, path, &error))
		app_say(app, "the screen is in %s", path);
	else
		app_complain(app, &error);
	free(path);
}
