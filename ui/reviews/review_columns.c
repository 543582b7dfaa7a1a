/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/review_columns.h"

#include "engine/scrub.h"

#include <inttypes.h>
#include <stdio.h>

#define WIDE 120       /* columns of a screen where names may take more */
#define NAME_MAX_WIDE 24
#define OTHER_MIN 7
#define OTHER_MAX 20
#define SHARE_COLUMNS 5 /* " 96%" and the mark of a prediction that is not the label */

/* What a name and the blank after it take, NAME_MAX_WIDE at most. */
static int name_columns(const char *name)
{
	return 1 + scrub_columns(span_of(name), NAME_MAX_WIDE - 1);
}

static int larger(int a, int b)
{
	return a > b ? a : b;
}

static int label_columns(const struct session *session, int least)
{
	int columns = least;

	for (int i = 0; session->survey_ready && i < session->survey.label_count && columns < NAME_MAX_WIDE; i++)
		columns = larger(columns, name_columns(session->survey.labels[i].name));
	return columns;
}

static int prediction_columns(const struct model *model, int least)
{
	int columns = least;

	for (int32_t i = 0; i < model_config(model)->num_labels && columns < NAME_MAX_WIDE; i++)
		columns = larger(columns, name_columns(model_label(model, i)));
	return columns;
}

/* As wide as fits, between OTHER_MIN and OTHER_MAX. */
static int other_columns(int room, int others)
{
	const int each = others > 0 ? room / others : 0;

	return each < OTHER_MIN ? 0 : each > OTHER_MAX ? OTHER_MAX : each;
}

struct review_columns review_columns_for(const struct session *session, uint64_t rows, int width, int others)
{
	const int name = width >= 70 ? 12 : 9, digits = snprintf(NULL, 0, "%" PRIu64, rows);
	const struct model *model = session->scoring.model;
	struct review_columns columns = {.number = larger(digits + 1, 5)};

	if (dataset_label_column(session->dataset) >= 0)
		columns.label = width >= WIDE ? label_columns(session, name) : name;
	if (model)
		columns.prediction = (width >= WIDE ? prediction_columns(model, name) : name) + SHARE_COLUMNS;
	columns.others = columns.number + 1 + columns.label + columns.prediction;
	while (others > 0 && (columns.other = other_columns(width - width / 3 - columns.others, others)) == 0)
		others--;
	columns.text = columns.others + others * columns.other;
	return columns;
}
