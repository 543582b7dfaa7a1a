/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/score_bars.h"

#include <stdio.h>
#include <string.h>

#define NAME_MIN 12
#define NUMBER_COLUMNS 9

/* A total order, also where a score is no number: such are last. */
static bool score_is_before(const float *scores, int32_t a, int32_t b)
{
	const float first = scores[a] >= 0 ? scores[a] : -1, second = scores[b] >= 0 ? scores[b] : -1;

	return first > second || (!(second > first) && a < b);
}

int32_t score_bars_next(const float *scores, int32_t count, int32_t after)
{
	int32_t next = -1;

	for (int32_t label = 0; label < count; label++) {
		if ((after < 0 || score_is_before(scores, after, label)) && (next < 0 || score_is_before(scores, label, next)))
			next = label;
	}
	return next;
}

struct text_span score_bars_unread(const struct scrubbed *text, const struct score *score)
{
	const size_t from = text_glyph_at(text, score->unread_from), to = text_glyph_at(text, score->unread_to);

	return (struct text_span){from, to - from, STYLE_DIM};
}

/* As wide as the longest name, a third of the screen at most. */
static int score_bars_names(struct rect rect, const struct model *model)
{
	const int most = rect.columns / 3 > NAME_MIN ? rect.columns / 3 : NAME_MIN;
	int columns = NAME_MIN;

	for (int32_t label = 0; label < model_config(model)->num_labels && columns < most; label++) {
		const int width = scrub_columns(span_of(model_label(model, label)), most);

		columns = width > columns ? width : columns;
	}
	return columns;
}

struct score_bar {
	const char *name;
	double share;
	int more; /* so many labels have no row: the last one says it */
	enum style style, bar;
};

static void score_bars_row(struct terminal *terminal, struct rect rect, int row, int names, struct score_bar bar)
{
	char rest[32] = "";
	int room = rect.columns - names - NUMBER_COLUMNS - 1;

	if (bar.more > 0)
		room -= snprintf(rest, sizeof rest, " +%d more", bar.more);
	draw_span(terminal, rect, row, 0, names, span_of(bar.name), bar.style);
	draw_format(terminal, rect, row, names + 1, bar.style, "%6.2f %%", 100 * bar.share);
	draw_bar(terminal, rect, row, names + NUMBER_COLUMNS + 1, room, bar.share, bar.bar);
	draw_text(terminal, rect, row, rect.columns - (int)strlen(rest), rest, STYLE_DIM);
}

/* What the review has stands out: the best label, or of independent ones each that its score says. */
static bool score_bars_is_on(const struct model *model, const float *scores, int32_t label, int32_t best)
{
	return model_config(model)->independent_labels ? model_label_is_on(model, label, scores[label]) : label == best;
}

void score_bars_draw(struct terminal *terminal, struct rect rect, const struct model *model, const float *scores,
                     int32_t best, enum style bar)
{
	const int32_t count = model_config(model)->num_labels;
	const int names = score_bars_names(rect, model);
	const bool all = count <= rect.rows;
	const int rows = all ? count : rect.rows > 2 ? rect.rows - 1 : rect.rows;
	int32_t label = -1;

	for (int row = 0; row < rows; row++) {
		label = all ? row : score_bars_next(scores, count, label);
		if (label < 0)
			return;
		score_bars_row(terminal, rect, row, names, (struct score_bar){
			.name = model_label(model, label), .share = (double)scores[label],
			.more = row == rect.rows - 1 ? count - rows : 0,
			.style = score_bars_is_on(model, scores, label, best) ? STYLE_TITLE : STYLE_NORMAL, .bar = bar,
		});
	}
	if (rows < rect.rows && !all)
		draw_format(terminal, rect, rows, 0, STYLE_DIM, "and %d labels with lower scores", (int)count - rows);
}

void score_bars_draw_large(struct terminal *terminal, struct rect rect, const struct model *model, const float *scores,
                           int32_t best)
{
	const int32_t count = model_config(model)->num_labels;
	int32_t label = -1;

	for (int row = 0; row + 2 < rect.rows; row += 3) {
		label = score_bars_next(scores, count, label);
		if (label < 0)
			return;
		draw_span(terminal, rect, row, 0, rect.columns - NUMBER_COLUMNS, span_of(model_label(model, label)),
		          score_bars_is_on(model, scores, label, best) ? STYLE_TITLE : STYLE_NORMAL);
		draw_format(terminal, rect, row, rect.columns - NUMBER_COLUMNS, STYLE_TITLE, "%6.2f %%", 100 * (double)scores[label]);
		draw_bar(terminal, rect, row + 1, 0, rect.columns, (double)scores[label], label == best ? STYLE_FIRST : STYLE_SECOND);
	}
}
