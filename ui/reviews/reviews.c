/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/reviews.h"

struct review_context reviews_jobs_context(const struct app *app, const struct reviews_state *reviews)
{
	const struct session *session = &app->session;

	return (struct review_context){&reviews->predictions, &reviews->marks, session->survey_ready ? &session->survey : NULL};
}

bool reviews_chosen_row(const struct reviews_state *reviews, uint64_t *row)
{
	if (reviews->list.chosen >= review_list_count(&reviews->rows))
		return false;
	*row = review_list_row(&reviews->rows, reviews->list.chosen);
	return true;
}

void reviews_list_changed(struct reviews_state *reviews, uint64_t row)
{
	review_scores_forget(&reviews->scores);
	reviews->list = (struct list){.chosen = review_list_find_row(&reviews->rows, row)};
	reviews->detail = 0;
	reviews->error_row = 0;
}
