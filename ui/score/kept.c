/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/score/score.h"

#include <stdlib.h>

#define NAME_COLUMNS 16

static void kept_free(struct kept_review *kept)
{
	free(kept->text);
	free(kept->note);
	free(kept->scores);
}

/* A copy; where memory is short there are none. */
static void keep_scores(struct kept_review *kept, const struct model *model, const struct score *score)
{
	const size_t size = (size_t)model_config(model)->num_labels * sizeof *kept->scores;

	free(kept->scores);
	kept->scores = score->label < 0 ? NULL : malloc(size);
	if (kept->scores)
		memcpy(kept->scores, score->scores, size);
}

static void score_fill(const struct app *app, struct kept_review *kept, enum score_client client)
{
	const struct score_place *place = &app->session.scoring.places[client];

	kept->pending = false;
	kept->label = place->score.label;
	kept->score = place->score.score;
	keep_scores(kept, app->session.scoring.model, &place->score);
	if (score_labels(app->session.scoring.model, &place->score, ", ", kept->name, sizeof kept->name) == 0)
		snprintf(kept->name, sizeof kept->name, "-");
}

struct kept_review *score_keep(struct app *app, struct score_state *score, const char *text)
{
	const struct scoring *scoring = &app->session.scoring;
	struct kept_review kept = {.text = strdup(text), .label = -1, .pending = true, .id = ++score->last_id};

	if (!kept.text)
		return NULL;
	if (scoring->scorer && scoring->places[SCORE_TYPED].got && !scoring_is_asked(scoring, SCORE_TYPED)
	    && score->words.text && score->words.struck_count == 0 && strcmp(score->words.text, text) == 0)
		score_fill(app, &kept, SCORE_TYPED);
	if (score->kept_count == KEPT_MAX)
		kept_free(&score->kept[--score->kept_count]);
	memmove(score->kept + 1, score->kept, (size_t)score->kept_count * sizeof *score->kept);
	score->kept[0] = kept;
	score->kept_count++;
	score->kept_changes++;
	score->list = (struct list){0};
	return &score->kept[0];
}

/* Takes the score of the kept review that was asked for. */
void score_take_kept(struct app *app, struct score_state *score)
{
	if (score->asked_generation != app->session.scoring.model_generation)
		score->asked = 0;
	if (!score->asked || scoring_is_asked(&app->session.scoring, SCORE_KEPT))
		return;
	for (int i = 0; i < score->kept_count; i++) {
		if (score->kept[i].id == score->asked)
			score_fill(app, &score->kept[i], SCORE_KEPT);
	}
	score->asked = 0;
}

/* Asks for the score of the oldest kept review that has none. */
void score_ask_kept(struct app *app, struct score_state *score)
{
	for (int i = score->kept_count - 1; i >= 0 && !score->asked; i--) {
		if (!score->kept[i].pending)
			continue;
		score->asked = score->kept[i].id;
		score->asked_generation = app->session.scoring.model_generation;
		scoring_ask(&app->session.scoring, SCORE_KEPT, span_of(score->kept[i].text));
	}
}

/* So that the list never mixes two models. */
void score_use_model(struct app *app, struct score_state *score)
{
	if (score->kept_generation == app->session.scoring.model_generation)
		return;
	score->kept_generation = app->session.scoring.model_generation;
	for (int i = 0; i < score->kept_count; i++) {
		score->kept[i].pending = true;
		score->kept[i].label = -1;
		free(score->kept[i].scores);
		score->kept[i].scores = NULL;
	}
}

void score_forget(struct score_state *score)
{
	while (score->kept_count > 0)
		kept_free(&score->kept[--score->kept_count]);
	score->list = (struct list){0};
}

bool score_is_unsaved(const struct app *app, const struct score_state *score)
{
	return !app->tour && score->kept_count > 0 && score->kept_changes != score->saved_changes;
}

bool score_has_unsaved_notes(const struct app *app, const struct score_state *score)
{
	for (int i = 0; score_is_unsaved(app, score) && i < score->kept_count; i++)
		if (score->kept[i].note || score->kept[i].expected[0])
			return true;
	return false;
}

void score_ask_unsaved(struct app *app, const struct score_state *score, const struct app_choice *choices,
                       void (*chosen)(struct app *app, int key))
{
	char question[120];

	snprintf(question, sizeof question, "%d kept review%s in no file (:save-lesson).", score->kept_count,
	         score->kept_count == 1 ? " is" : "s are");
	app_ask(app, question, choices, chosen);
}

static void forget_chosen(struct app *app, int key)
{
	if (key == 'f')
		score_forget(app->states[SCREEN_SCORE]);
}

void score_ask_forget(struct app *app, struct score_state *score)
{
	static const struct app_choice choices[] = {{'f', "forget them"}, {'b', "go back"}, {0, NULL}};

	if (score_is_unsaved(app, score))
		score_ask_unsaved(app, score, choices, forget_chosen);
	else
		score_forget(score);
}

/* Whether the model says another label than the one that is expected. */
static bool is_wrong(const struct kept_review *kept)
{
	return kept->label >= 0 && kept->expected[0] && strcmp(kept->expected, kept->name) != 0;
}

static void draw_review(struct app *app, struct rect rect, int row, const struct kept_review *kept, enum style style)
{
	int column = NAME_COLUMNS + 10;

	if (kept->label >= 0) {
		draw_span(app->terminal, rect, row, 0, NAME_COLUMNS - 1, span_of(kept->name), style);
		draw_format(app->terminal, rect, row, NAME_COLUMNS, style, "%6.2f %%", 100 * (double)kept->score);
	}
	if (kept->expected[0])
		column += draw_format(app->terminal, rect, row, column, is_wrong(kept) && style == STYLE_NORMAL ? STYLE_ERROR : style,
		                      "%s%s: ", is_wrong(kept) ? "not " : "", kept->expected);
	if (kept->note)
		column += draw_format(app->terminal, rect, row, column, style, "(%s) ", kept->note);
	draw_text(app->terminal, rect, row, column, kept->text, style);
}

void score_draw_kept(struct app *app, const struct score_state *score, struct rect rect)
{
	for (int row = 0; row < rect.rows && (int)score->list.top + row < score->kept_count; row++) {
		const bool chosen = !score->typing && (uint64_t)row + score->list.top == score->list.chosen;
		const enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;

		if (chosen)
			draw_fill(app->terminal, rect, row, 0, style);
		draw_review(app, rect, row, &score->kept[(int)score->list.top + row], style);
	}
}

/* NULL, and it was said that there is none. */
static struct kept_review *score_chosen(struct app *app, struct score_state *score)
{
	if (score->list.chosen < (uint64_t)score->kept_count)
		return &score->kept[score->list.chosen];
	app_say(app, "no review was kept yet");
	return NULL;
}

void score_note(struct app *app, struct score_state *score, const char *note)
{
	static enum action action = ACTION_NOTE;
	struct kept_review *kept = score_chosen(app, score);

	if (kept && !*note && !kept->note) {
		app_prompt(app, &(struct line_options){.prompt = "note: "}, app_answer_action, &action);
	} else if (kept) {
		free(kept->note);
		kept->note = *note ? strdup(note) : NULL;
		score->kept_changes++;
	}
}

void score_expect(struct app *app, struct score_state *score, const char *label)
{
	const struct model *model = app->session.scoring.model;
	struct kept_review *kept = score_chosen(app, score);
	const int32_t found = model && *label ? model_find_label(model, span_of(label)) : -1;

	if (!kept)
		return;
	if (*label && model && found < 0) {
		struct error error = {0};

		error_set(&error, ERROR_USAGE, "the model has no label \"%.60s\"", label);
		app_complain(app, &error);
		return;
	}
	snprintf(kept->expected, sizeof kept->expected, "%s", found >= 0 ? model_label(model, found) : label);
	score->kept_changes++;
}
