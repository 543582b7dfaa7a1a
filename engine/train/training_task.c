/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_task.h"

#include "engine/train/training_augment.h"
#include "engine/train/training_choices.h"
#include "engine/train/training_evaluate.h"
#include "engine/train/training_labels.h"
#include "engine/train/training_masked.h"
#include "engine/train/training_teach.h"

#include <string.h>

static const struct training_task tasks[] = {
	{
		.word = "classification",
		.labels = true,
		.take_rows = training_label_data,
		.take_validation = training_label_validation,
		.prepare_rows = training_augment,
		.make_loss = training_make_loss,
		.row_weight = training_row_weight,
		.measure = training_measure_labels,
	},
	{
		.word = "masked_lm",
		.take_rows = training_masked_take_rows,
		.take_validation = training_masked_take_validation,
		.prepare_rows = training_masked_prepare_rows,
		.describe = training_masked_describe,
		.make_loss = training_masked_make_loss,
		.row_weight = training_masked_row_weight,
		.measure = training_masked_measure,
	},
};

/* The options were checked. */
const struct training_task *training_task_find(const char *word)
{
	size_t i = sizeof tasks / sizeof *tasks - 1;

	while (i > 0 && strcmp(tasks[i].word, word) != 0)
		i--;
	return &tasks[i];
}
