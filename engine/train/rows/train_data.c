/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/train_data.h"

#include "engine/corrections.h"

#include <stdlib.h>

bool train_data_exclude(struct train_data *data, const char *lines, const struct progress *progress, struct error *error)
{
	if (!lines[0])
		return true;
	data->rows.exclusion = data->exclusion = exclusion_read(lines, data->dataset, progress, error);
	return data->exclusion;
}

bool train_data_fill(struct train_data *data, struct dataset *dataset, const char *exclude, const struct progress *progress,
                     struct error *error)
{
	data->dataset = dataset;
	if (!train_data_exclude(data, exclude, progress, error) ||
	    !labelled_rows_read(&data->rows, dataset, data->hash, progress, error))
		return false;
	if (dataset_corrections(dataset))
		corrections_mix(dataset_corrections(dataset), data->hash);
	return true;
}

void train_data_close(struct train_data *data)
{
	labelled_rows_free(&data->rows);
	exclusion_free(data->exclusion);
	free(data->labels);
	dataset_close(data->dataset);
	*data = (struct train_data){0};
}

struct train_data *train_data_read(struct dataset *dataset, const struct train_options *options, const struct progress *progress,
                                   struct error *error)
{
	struct train_data *data = calloc(1, sizeof *data);

	if (!data) {
		dataset_close(dataset);
		error_memory(error, "reading the data");
		return NULL;
	}
	data->rows.unlabelled = !train_options_need_labels(options);
	if (train_data_fill(data, dataset, options->exclude, progress, error))
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
