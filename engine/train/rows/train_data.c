/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/train_data.h"

#include "engine/corrections.h"

#include <stdlib.h>

bool train_data_fill(struct train_data *data, struct dataset *dataset, const struct progress *progress,
                     struct error *error)
{
	data->dataset = dataset;
	if (!labelled_rows_read(&data->rows, dataset, data->hash, progress, error))
		return false;
	if (dataset_corrections(dataset))
		corrections_mix(dataset_corrections(dataset), data->hash);
	return true;
}

void train_data_close(struct train_data *data)
{
	labelled_rows_free(&data->rows);
	free(data->labels);
	dataset_close(data->dataset);
	*data = (struct train_data){0};
}

struct train_data *train_data_read(struct dataset *dataset, bool labels, const struct progress *progress, struct error *error)
{
	struct train_data *data = calloc(1, sizeof *data);

	if (!data) {
		dataset_close(dataset);
		error_memory(error, "reading the data");
		return NULL;
	}
	data->rows.unlabelled = !labels;
	if (train_data_fill(data, dataset, progress, error))
		return data;
	train_data_free(data);
	return NULL;
}

const struct survey *train_data_survey(const struct train_data *data)
{
	return &data->rows.survey;
}

void train_data_free(struct train_data *data)
{
	if (!data)
		return;
	train_data_close(data);
	free(data);
}
