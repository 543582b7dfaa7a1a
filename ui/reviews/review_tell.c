/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Reviews screen in lines, for `revue --plain`. */
#include "engine/words.h"
#include "ui/plain/spoken.h"
#include "ui/plain/tell_scores.h"
#include "ui/plain/teller.h"
#include "ui/reviews/reviews.h"

#include <stdlib.h>

#define TEXT_BYTES 160 /* of a review in the list */
#define ABOUT_MAX 512

/* "label positive, set right; the model says negative, 81.2 percent, wrong; marked": what stands before the text. */
static void write_about(struct app *app, struct reviews_state *reviews, uint64_t index, char out[ABOUT_MAX])
{
	const struct row *row = reviews->row;
	const struct span label = span_prefix(row->label, 80);
	struct review_predicted predicted;
	size_t used = 0;

	out[0] = '\0';
	if (dataset_label_column(app->session.dataset) >= 0)
		used += (size_t)snprintf(out, ABOUT_MAX, "label %.*s%s", TOLD(label), row->corrected ? ", set right" : "");
	if (reviews_predicted(app, reviews, index, &predicted))
		used += (size_t)snprintf(out + used, ABOUT_MAX - used, "%sthe model says %.*s, %s%s", used > 0 ? "; " : "",
		                         TOLD(predicted.label), spoken_percent((double)predicted.score).text,
		                         predicted.mark == '!' ? ", wrong" : "");
	if (marks_has(&reviews->marks, review_list_row(&reviews->rows, index)) && used < ABOUT_MAX)
		snprintf(out + used, ABOUT_MAX - used, "%smarked", used > 0 ? "; " : "");
}

static void tell_row(struct app *app, struct reviews_state *reviews, uint64_t index, struct teller *teller)
{
	const uint64_t number = review_list_row(&reviews->rows, index);
	const bool part = review_list_is_part(&reviews->rows);
	char about[ABOUT_MAX], where[64] = "";
	struct error error = {0};

	if (part)
		snprintf(where, sizeof where, "row %s, ", words_count(number + 1).text);
	if (!dataset_read(app->session.dataset, number, reviews->row, &error)) {
		tell_line(teller, index, NULL, "%s%s", where, error.text);
		return;
	}
	if (reviews->row->status != ROW_OK && reviews->row->status != ROW_NO_LABEL) {
		tell_line(teller, index, NULL, "%snot used: %s", where, row_status_name(reviews->row->status));
		return;
	}
	write_about(app, reviews, index, about);
	if (teller->part == TELL_CHOSEN) {
		tell_line(teller, index, NULL, "%s%s.", where, about);
		return;
	}
	const struct span text = span_prefix(reviews->row->text, TEXT_BYTES);

	tell_line(teller, index, NULL, "%s%s: %.*s%s", where, about, TOLD(text), text.size < reviews->row->text.size ? "..." : "");
}

/* What the pane below the table has: the text, the whole review or its tokens. */
static void tell_pane(const struct reviews_state *reviews, struct teller *teller)
{
	const char *line = reviews->text.text;

	if (reviews->detail != reviews->list.chosen + 1 || !line)
		return;
	while (*line) {
		const size_t size = strcspn(line, "\n");
		const struct span part = {line, size};

		if (size > 0)
			tell(teller, "%.*s", TOLD(part));
		line += size + (line[size] == '\n');
	}
}

static void tell_detail(const struct app *app, const struct reviews_state *reviews, struct teller *teller)
{
	const struct model *model = app->session.scoring.model;
	const struct score *read = &reviews->scores.read;
	char scores[TELL_SCORES_MAX];

	tell_pane(reviews, teller);
	if (!model || reviews->scores.detail != reviews->list.chosen + 1)
		return;
	tell_scores(model, reviews->scores.scores, scores);
	tell(teller, "Scores: %s.", scores);
	if (read->truncated)
		tell(teller, "%s tokens, of which the model reads %s.", words_count((uint64_t)reviews->scores.tokens_whole).text,
		     words_count((uint64_t)read->tokens_read).text);
}

static void tell_head(const struct app *app, const struct reviews_state *reviews, struct told_range range, struct teller *teller)
{
	char summary[512];

	reviews_write_summary(app, reviews, 0, summary, sizeof summary);
	for (char *at = summary; (at = strstr(at, "  ")); at++)
		memcpy(at, ", ", 2);
	tell(teller, "%s.", summary);
	if (range.first < range.end)
		tell(teller, "%s to %s of %s:", words_count(range.first + 1).text, words_count(range.end).text,
		     words_count(review_list_count(&reviews->rows)).text);
	else
		tell(teller, "No reviews are listed.");
}

static void write_title(const struct reviews_state *reviews, struct teller *teller)
{
	char filter[SPOKEN_KEYS_MAX];

	if (reviews->rows.filter) {
		spoken_expression(reviews->rows.filter, filter);
		tell_title(teller, "Reviews, only %s", filter);
	} else if (reviews->rows.order)
		tell_title(teller, "Reviews, by %s", reviews->rows.order);
	else
		tell_title(teller, review_list_is_part(&reviews->rows) ? "Reviews, some rows" : "Reviews");
}

void reviews_tell(struct app *app, void *state, struct teller *teller)
{
	struct reviews_state *reviews = state;
	const uint64_t count = app->session.dataset && reviews->row ? review_list_count(&reviews->rows) : 0;
	const struct told_range range = tell_range(teller, reviews->list.chosen, reviews->list.top, reviews->page, count);

	write_title(reviews, teller);
	if (!app->session.dataset || !reviews->row) {
		tell(teller, "No file is open: \"open FILE\" opens one.");
		return;
	}
	if (count > 0)
		tell_list(teller, &reviews->list.chosen, count,
		          review_list_row(&reviews->rows, reviews->list.chosen) << 2 | (uint64_t)reviews->pane, ACTION_NONE);
	if (teller->part == TELL_ALL)
		tell_head(app, reviews, range, teller);
	for (uint64_t i = range.first; i < range.end; i++)
		tell_row(app, reviews, i, teller);
	if (teller->part == TELL_CHOSEN && count > 0)
		tell_detail(app, reviews, teller);
}
