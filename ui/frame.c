/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/frame.h"

#include "engine/clock.h"
#include "ui/terminal/key.h"
#include "ui/tour/tour.h"

#include <stdio.h>

static int frame_tab(struct app *app, struct rect rect, int column, int screen)
{
	char text[64];

	app_tab_text(app, screen, text);
	return draw_text(app->terminal, rect, 0, column, text, screen == (int)app->screen ? STYLE_SELECTED : STYLE_NORMAL);
}

static void frame_tabs(struct app *app, struct rect rect)
{
	int column = rect.columns < TABS_WIDE ? 0 : 1;

	for (int i = SCREEN_DATA; i <= SCREEN_RUNS; i++)
		column += frame_tab(app, rect, column, i) + 1;
	if (app->screen > SCREEN_RUNS)
		column += draw_format(app->terminal, rect, 0, column, STYLE_SELECTED, " %s ", app->views[app->screen]->title) + 1;
	/* Outside of the steps, done and total are those of an evaluation, or of what is being read. */
	if (session_is_training(&app->session) && app->session.trainer_status.phase == TRAINER_TRAINING
	    && app->session.trainer_status.total > 0)
		draw_format(app->terminal, rect, 0, column + 1, STYLE_GOOD, "training %.0f %%",
		            100.0 * (double)app->session.trainer_status.done / (double)app->session.trainer_status.total);
	else if (session_is_training(&app->session))
		draw_text(app->terminal, rect, 0, column + 1, session_is_paused(&app->session) ? "paused" : "training",
		          STYLE_GOOD);
}

static void frame_question(struct app *app, struct rect message, struct rect footer)
{
	int column = 0;

	draw_text(app->terminal, message, 0, 0, app->question, STYLE_TITLE);
	for (const struct app_choice *choice = app->choices; choice->key; choice++) {
		char name[32];

		key_format(choice->key, name, sizeof name);
		column += draw_text(app->terminal, footer, 0, column, name, STYLE_TITLE);
		column += draw_format(app->terminal, footer, 0, column, STYLE_NORMAL, " %s  ", choice->label);
	}
}

static void frame_candidates(struct app *app, struct rect footer)
{
	const int count = line_candidates(app->line);
	char all[1024] = "";
	size_t used = 0;

	for (int i = 0; i < count && used < sizeof all; i++)
		used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i > 0 ? "  " : "", line_candidate(app->line, i));
	draw_cut(app->terminal, footer, 0, 0, all, "", STYLE_DIM);
}

static bool frame_offers(const void *of, enum action action)
{
	const struct app *app = of;
	const struct view *view = app->views[app->screen];

	return !app_refuses(app, action) && (!view->offers || view->offers(app, app->states[app->screen], action));
}

static const char *frame_word(const void *of, enum action action)
{
	const struct app *app = of;
	const struct view *view = app->views[app->screen];

	return view->word ? view->word(app, app->states[app->screen], action) : NULL;
}

static void frame_footer(struct app *app, struct rect footer)
{
	char text[512];

	if (line_candidates(app->line) > 0) {
		frame_candidates(app, footer);
		return;
	}
	if (line_is_active(app->line)) {
		draw_text(app->terminal, footer, 0, 0,
		          !app->prompting && footer.columns < 60 ? "Enter keep  Esc leave it  F1 help"
		          : !app->prompting ? "Enter keep  Alt-Enter new line  Esc leave the text  F1 help"
		          : line_can_complete(app->line) ? "Enter done  Tab complete  Esc leave it"
		          : "Enter done  Esc leave it", STYLE_DIM);
		return;
	}
	action_footer(app_context(app), (struct action_offer){frame_offers, frame_word, app}, app->back_count == 0, footer.columns, text,
	              sizeof text);
	draw_text(app->terminal, footer, 0, 0, text, STYLE_DIM);
}

/* One thing, large, and the notes below it. Prompts, questions and messages have the last line as long as they are there. */
static void frame_present(struct app *app, const struct layout_frame *frame)
{
	app->views[app->screen]->draw(app, app->states[app->screen], frame->body);
	if (app->choices)
		frame_question(app, frame->message, frame->footer);
	else if (app->prompting)
		line_draw(app->line, app->terminal, frame->footer);
	else if (app->message[0])
		app_draw_said(app, frame->footer);
	else
		draw_text(app->terminal, frame->footer, 0, 1, app->notes, STYLE_TITLE);
}

static void frame_fill(struct app *app, const struct layout_frame *frame)
{
	if (app->presenting) {
		frame_present(app, frame);
		return;
	}
	frame_tabs(app, frame->tabs);
	if (app->palette.shown)
		app_draw_palette(app, frame->body);
	else
		app->views[app->screen]->draw(app, app->states[app->screen], frame->body);
	if (app->tour)
		tour_draw(app, frame->strip);
	if (app->choices) {
		frame_question(app, frame->message, frame->footer);
		return;
	}
	if (app->prompting)
		line_draw(app->line, app->terminal, frame->message);
	else
		app_draw_said(app, frame->message);
	frame_footer(app, frame->footer);
}

/* In one line or two; where there is room for half of it only, what is needed counts. */
static void frame_too_small(struct app *app, int rows, int columns)
{
	const struct rect all = {0, 0, rows, columns};
	char is[48], needs[48];

	snprintf(is, sizeof is, "too small: %dx%d", columns, rows);
	snprintf(needs, sizeof needs, "needs %dx%d", LAYOUT_COLUMNS_MIN, LAYOUT_ROWS_MIN);
	if ((int)(strlen(is) + strlen(needs)) + 2 <= columns) {
		draw_format(app->terminal, all, 0, 0, STYLE_NORMAL, "%s, %s", is, needs);
		return;
	}
	if (rows > 1)
		draw_text(app->terminal, all, 0, 0, is, STYLE_NORMAL);
	draw_text(app->terminal, all, rows > 1 ? 1 : 0, 0, needs, STYLE_NORMAL);
}

bool frame_is_possible(const struct app *app)
{
	return !app->away && terminal_busy_fd(app->terminal) < 0;
}

void frame_draw(struct app *app)
{
	const int rows = terminal_rows(app->terminal), columns = terminal_columns(app->terminal);
	const struct layout_frame frame = app_frame(app);

	app->dirty = true;
	if (!frame_is_possible(app))
		return;
	terminal_begin(app->terminal);
	if (frame.too_small)
		frame_too_small(app, rows, columns);
	else
		frame_fill(app, &frame);
	terminal_end(app->terminal);
	app->dirty = app->awaited = false;
	app->last_frame = clock_seconds();
	if (app->save_path) {
		app_write_screen(app);
		app->dirty = true;
	}
}
