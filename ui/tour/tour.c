/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tour/tour.h"

#include <stdio.h>
#include <string.h>

static const struct tour_step *step_of(const struct tour *tour)
{
	return &tour->steps[tour->at];
}

static void begin_step(struct tour *tour, int at, bool held)
{
	tour->at = at;
	tour->began = false;
	tour->held = held;
}

static bool is_done(struct app *app)
{
	struct tour *tour = app->tour;
	const struct tour_step *step = step_of(tour);
	uint64_t now;

	if (!step->measure || tour->held)
		return false;
	now = step->measure(app);
	if (!tour->began)
		tour->before = now;
	tour->began = true;
	return step->more ? now >= tour->before + step->least : now >= step->least;
}

void tour_update(struct app *app)
{
	while (app->tour && app->tour->at + 1 < app->tour->count && is_done(app)) {
		begin_step(app->tour, app->tour->at + 1, false);
		app->dirty = true;
	}
}

void tour_move(struct app *app, int by)
{
	struct tour *tour = app->tour;

	if (!tour)
		app_say(app, "there is no tour here: \"revue tour\" begins one");
	else if (by > 0 && tour->at + 1 == tour->count)
		app_say(app, "this is the last step");
	else if (by < 0 && tour->at == 0)
		app_say(app, "this is the first step");
	else
		begin_step(tour, tour->at + by, by < 0);
}

void tour_title(const struct app *app, char *out, size_t capacity)
{
	snprintf(out, capacity, "Tour, step %d of %d", app->tour->at + 1, app->tour->count);
}

/* What does an action now: a key, as long as there is one, or its name. */
static int write_way(const struct app *app, const char *name, size_t size, char *out, size_t capacity)
{
	const enum action action = action_by_name(name, size);
	const bool typing = line_is_active(app->line);
	char key[32] = "";

	if (app->plain)
		return snprintf(out, capacity, "type %s%.*s", app->screen == SCREEN_SCORE ? ":" : "", (int)size, name);
	if (action != ACTION_NONE)
		(typing ? action_key_in_text : action_first_key)(action, key, sizeof key);
	if (!key[0] && typing && action != ACTION_NONE) {
		action_first_key(action, key, sizeof key);
		return snprintf(out, capacity, "press Esc and %s", key);
	}
	return key[0] ? snprintf(out, capacity, "press %s", key) : snprintf(out, capacity, "type :%.*s", (int)size, name);
}

void tour_text(const struct app *app, char out[TOUR_TEXT_MAX])
{
	const char *text = step_of(app->tour)->text;
	size_t used = 0;

	out[0] = '\0';
	while (*text && used + 64 < TOUR_TEXT_MAX) {
		const size_t plain = strcspn(text, "{"), name = text[plain] ? strcspn(text + plain + 1, "}") : 0;

		used += (size_t)snprintf(out + used, TOUR_TEXT_MAX - used, "%.*s", (int)plain, text);
		if (name > 0 && used + 64 < TOUR_TEXT_MAX)
			used += (size_t)write_way(app, text + plain + 1, name, out + used, TOUR_TEXT_MAX - used);
		text += plain + (text[plain] ? name + 2 : 0);
	}
	if (app->tour->held && used + 64 < TOUR_TEXT_MAX) {
		used += (size_t)snprintf(out + used, TOUR_TEXT_MAX - used, " To go on ");
		write_way(app, "skip", 4, out + used, TOUR_TEXT_MAX - used);
	}
}

/* Drawing */

static bool wrap(const struct app *app, int columns, struct scrubbed *scrubbed, struct text_lines *lines)
{
	char text[TOUR_TEXT_MAX];

	tour_text(app, text);
	return columns > 2 && scrub_text(scrubbed, span_of(text), terminal_scrub(app->terminal, SCRUB_NEWLINE_SPACE))
	       && text_wrap(lines, scrubbed, columns - 2);
}

int tour_rows(const struct app *app, int columns)
{
	struct scrubbed scrubbed = {0};
	struct text_lines lines = {0};
	int rows = 0;

	if (app->tour && wrap(app, columns, &scrubbed, &lines))
		rows = 1 + (int)lines.count;
	scrubbed_free(&scrubbed);
	text_lines_free(&lines);
	return rows;
}

void tour_draw(const struct app *app, struct rect rect)
{
	const struct rect inside = {rect.y + 1, rect.x + 1, rect.rows - 1, rect.columns - 2};
	struct scrubbed scrubbed = {0};
	struct text_lines lines = {0};
	char title[96], skip[24], back[24];

	if (rect_is_empty(rect))
		return;
	tour_title(app, title, sizeof title);
	action_first_key(ACTION_SKIP, skip, sizeof skip);
	action_first_key(ACTION_STEP_BACK, back, sizeof back);
	snprintf(title + strlen(title), sizeof title - strlen(title), " (%s skips it, %s goes back)", skip, back);
	draw_rule(app->terminal, rect, 0, title);
	if (wrap(app, rect.columns, &scrubbed, &lines))
		draw_wrapped(app->terminal, inside, &scrubbed, &lines, 0);
	scrubbed_free(&scrubbed);
	text_lines_free(&lines);
}
