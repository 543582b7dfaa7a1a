/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/validation.h"

#include "engine/base/file.h"
#include "engine/base/number.h"

#include <math.h>

bool validation_is_file(const char *text, bool *file, struct error *error)
{
	double share;

	*file = text[0] && (!number_parse(text, &share) || file_exists(text));
	if (!text[0] || *file)
		return true;
	RETURN_IF(!(share >= 0 && share <= 1e15) || (share >= 1 && share != floor(share)), error, ERROR_USAGE,
	          "--validation: %.40s is no share: from 0 to less than 1, a whole number of rows, or a file", text);
	return true;
}

/* Where the validation file has columns of the same names as the data's, those are taken. */
static const char *column_name(const struct dataset *dataset, int column)
{
	return column >= 0 ? dataset_column_name(dataset, column) : NULL;
}

/* NULL where it has not all of them. */
static const char *label_columns(const struct dataset *data, const struct dataset *probe, char *out, size_t capacity)
{
	for (int i = 0; i < dataset_columns(data); i++)
		if (dataset_column_is_label(data, i) && dataset_find_column(probe, dataset_column_name(data, i)) < 0)
			return NULL;
	return dataset_label_column(data) >= 0 && dataset_label_wish(data, out, capacity) ? out : NULL;
}

struct dataset *validation_open(const char *path, const struct train_options *options, const struct dataset *data,
                                const struct progress *progress, struct error *error)
{
	struct dataset_options reading = train_options_dataset(options);
	char labels[OPTION_TEXT_MAX];
	struct dataset *probe = dataset_open(path, &(struct dataset_options){.dialect = reading.dialect}, error);

	if (!probe)
		return NULL;
	reading.text_column = column_name(data, dataset_text_column(data));
	if (reading.text_column && dataset_find_column(probe, reading.text_column) < 0)
		reading.text_column = NULL;
	reading.label_column = label_columns(data, probe, labels, sizeof labels);
	reading.progress = progress;
	dataset_close(probe);
	return dataset_open(path, &reading, error);
}
