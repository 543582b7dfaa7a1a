/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/column_choice.h"

#include <stdio.h>

static int find_again(const struct dataset *before, int column, const struct dataset *dataset)
{
	return column < 0 ? -1 : dataset_find_column(dataset, dataset_column_name(before, column));
}

struct column_choice column_choice_keep(struct column_choice choice, const struct dataset *before, struct dataset *dataset)
{
	const int text = find_again(before, choice.text, dataset), label = find_again(before, choice.label, dataset);

	if (text >= 0 && text != label) {
		dataset_set_text_column(dataset, text);
		dataset_set_label_column(dataset, label >= 0 ? label : dataset_label_column(dataset) == text
		                                                        ? -1 : dataset_label_column(dataset));
	}
	return (struct column_choice){dataset_text_column(dataset), dataset_label_column(dataset), choice.text_said && text >= 0,
	                              choice.label_said && label >= 0};
}

void column_choice_name(const struct dataset *dataset, int column, char *out, size_t capacity)
{
	snprintf(out, capacity, "%s", column >= 0 ? dataset_column_name(dataset, column) : "");
}

void column_choice_label_name(const struct dataset *dataset, int column, char *out, size_t capacity)
{
	if (column < 0 || column != dataset_label_column(dataset) || !dataset_label_wish(dataset, out, capacity))
		column_choice_name(dataset, column, out, capacity);
}
