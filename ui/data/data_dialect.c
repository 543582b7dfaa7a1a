/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data/data_dialect.h"

#include <stdio.h>

const char *data_dialect_mark(const struct dataset *dataset, int row)
{
	char said[DIALECT_WORD_MAX];

	dialect_format(dataset_said(dataset), row, said);
	return strcmp(said, "auto") == 0 ? "" : "*";
}

/* Where a table has no such thing, or no header, the dialect's own word would be taken for another. */
static void taken_value(const struct dataset_dialect *taken, int row, char out[DIALECT_WORD_MAX])
{
	dialect_format(taken, row, out);
	if (strcmp(out, "auto") == 0 || strcmp(out, "no") == 0)
		snprintf(out, DIALECT_WORD_MAX, "none");
}

static bool is_table(const struct dataset *dataset)
{
	const enum dataset_format format = dataset_format(dataset);

	return format == DATASET_CSV || format == DATASET_TSV;
}

void data_dialect_draw(struct app *app, struct rect rect, int row)
{
	static const int shown[] = {DIALECT_delimiter, DIALECT_quote, DIALECT_escape, DIALECT_header};
	const struct dataset *dataset = app->session.dataset;
	const struct dataset_dialect taken = dataset_dialect(dataset);
	const bool guessed = dialect_is_empty(dataset_said(dataset));
	char line[512] = "", value[DIALECT_WORD_MAX];
	size_t used = 0;

	for (size_t i = 0; is_table(dataset) && i < sizeof shown / sizeof *shown; i++) {
		taken_value(&taken, shown[i], value);
		used += (size_t)snprintf(line + used, sizeof line - used, "%s %s%s  ", dialect_rows[shown[i]].name, value,
		                         data_dialect_mark(dataset, shown[i]));
	}
	snprintf(line + used, sizeof line - used, "%s", guessed ? "(guessed)" : "(* as you said)");
	draw_cut(app->terminal, rect, row, 0, line, "", STYLE_DIM);
}
