/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The palette: all actions, found by a few letters of a name, a key or a sentence; those of the present screen first. */
#include "ui/app.h"
#include "ui/fuzzy.h"
#include "ui/terminal/key.h"

#include <stdlib.h>

#define PALETTE_NAMES 18
#define PALETTE_KEYS 18
#define NAME_WEIGHT 4 /* a name that fits counts more than a sentence */

/* How well an action fits what was typed; -1: it does not. */
static int palette_score(const struct app *app, enum action action, const char *typed)
{
	const struct action_row *row = &action_rows[action];
	const int name = fuzzy_score(typed, row->name), help = fuzzy_score(typed, row->help);
	const int here = action_is_valid(action, app_context(app)) ? 2 : 0;
	char keys[ACTION_KEYS_MAX];

	action_keys(action, keys);
	if (*typed && strcmp(keys, typed) == 0)
		return 1000;
	if (name >= 0)
		return NAME_WEIGHT * name + here + 1;
	/* Letters that stand all over a sentence say nothing: half of them together do. */
	return help >= 3 * (int)strlen(typed) ? help + here : -1;
}

static int compare_places(const void *a, const void *b)
{
	const struct palette_place *first = a, *second = b;

	return first->score != second->score ? second->score - first->score : (int)first->action - (int)second->action;
}

void app_palette_find(struct app *app)
{
	struct palette *palette = &app->palette;
	char typed[128];
	const struct span text = line_text(app->line);

	snprintf(typed, sizeof typed, "%.*s", (int)(text.size < sizeof typed ? text.size : sizeof typed - 1), text.data);
	palette->count = 0;
	for (int action = 0; action < ACTION_COUNT; action++) {
		const int score = palette_score(app, (enum action)action, typed);

		if (score >= 0 && (app->plain || action_rows[action].contexts != IN_PLAIN))
			palette->places[palette->count++] = (struct palette_place){(enum action)action, score};
	}
	qsort(palette->places, (size_t)palette->count, sizeof *palette->places, compare_places);
	palette->list = (struct list){0};
}

void app_ask_palette(struct app *app, app_answer *answer)
{
	app_prompt(app, &(struct line_options){.prompt = "action: ", .history = LINE_HISTORY_NONE}, answer, NULL);
	app->palette.shown = true;
	app_palette_find(app);
}

bool app_palette_key(struct app *app, int key)
{
	static const struct {
		int key;
		enum action move;
	} moves[] = {
		{UI_KEY_DOWN, ACTION_MOVE_DOWN}, {UI_KEY_UP, ACTION_MOVE_UP}, {UI_CTRL('N'), ACTION_MOVE_DOWN},
		{UI_CTRL('P'), ACTION_MOVE_UP}, {UI_KEY_PAGE_DOWN, ACTION_PAGE_DOWN}, {UI_KEY_PAGE_UP, ACTION_PAGE_UP},
	};

	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
		if (moves[i].key == key)
			return list_move(&app->palette.list, moves[i].move, (uint64_t)app->palette.count, app->palette.page);
	}
	return false;
}

enum action app_palette_chosen(const struct app *app)
{
	const struct palette *palette = &app->palette;

	return palette->list.chosen < (uint64_t)palette->count ? palette->places[palette->list.chosen].action : ACTION_NONE;
}

void app_draw_palette(struct app *app, struct rect rect)
{
	struct palette *palette = &app->palette;

	palette->page = rect.rows;
	if (palette->count == 0)
		draw_text(app->terminal, rect, 0, 1, "no action fits these letters", STYLE_DIM);
	list_settle(&palette->list, (uint64_t)palette->count, rect.rows);
	for (int row = 0; row < rect.rows && (int)palette->list.top + row < palette->count; row++) {
		const int place = (int)palette->list.top + row;
		const enum action action = palette->places[place].action;
		const enum style style = (uint64_t)place == palette->list.chosen ? STYLE_SELECTED : STYLE_NORMAL;
		const bool done_here = action_is_valid(action, app_context(app)) && !app_refuses(app, action);
		const enum style dim = style == STYLE_NORMAL && !done_here ? STYLE_DIM : style;
		char keys[ACTION_KEYS_MAX];

		action_keys(action, keys);
		if (style == STYLE_SELECTED)
			draw_fill(app->terminal, rect, row, 0, style);
		draw_span(app->terminal, rect, row, 1, PALETTE_NAMES - 2, span_of(action_rows[action].name), dim);
		draw_span(app->terminal, rect, row, PALETTE_NAMES, PALETTE_KEYS - 1, span_of(keys), dim);
		draw_text(app->terminal, rect, row, PALETTE_NAMES + PALETTE_KEYS, action_rows[action].help, dim);
	}
}
