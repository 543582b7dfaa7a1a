/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/split_rows.h"

#include "engine/base/size.h"
#include "engine/train/rows/split_make.h"

#include <stdlib.h>

struct split_request split_request_of(const struct train_data *source, const struct train_options *options, int32_t labels,
                                      bool own_file)
{
	struct split_request request = {.labels = source->rows.labels, .names = (const char *const *)source->rows.names,
	                                .label_count = source->rows.name_count, .count = source->rows.count};

	split_take_options(&request, options);
	if (own_file) {
		request.held_out = 0;
		request.fold = (struct fold){0};
	}
	if (source->rows.unlabelled) {
		request.names = NULL;
		request.label_count = 1;
	} else if (request.kind == SPLIT_REVUE) {
		request.labels = source->labels;
		request.names = NULL;
		request.label_count = labels;
	}
	return request;
}

/* Rows with sets of labels are split by their sets, which the other tools have no word for. The caller frees *classes. */
static bool classes_of_sets(const struct train_data *source, struct split_request *request, int32_t **classes,
                            struct error *error)
{
	RETURN_IF(request->stratify && request->kind != SPLIT_REVUE, error, ERROR_USAGE,
	          "--stratify true splits by one label a review, these have several (--label-column, --problem-type): leave it "
	          "out, or take --split revue");
	*classes = size_calloc(source->rows.count, sizeof **classes);
	request->labels = *classes;
	request->label_count = *classes ? label_sets_classes(&source->rows.sets, source->labels, source->rows.count, *classes) : -1;
	return request->label_count >= 0 || error_memory(error, "holding rows out");
}

bool split_rows(struct split *split, const struct train_data *source, const struct train_options *options, int32_t labels,
                bool own_file, struct error *error)
{
	struct split_request request = split_request_of(source, options, labels, own_file);
	int32_t *classes = NULL;
	bool done = source->rows.sets.count == 0 || classes_of_sets(source, &request, &classes, error);

	done = done && (split_make(split, &request, error) || error_prefix(error, "%s", dataset_path(source->dataset)));
	free(classes);
	return done;
}

uint8_t *split_fates(const struct split *split, size_t rows, struct error *error)
{
	uint8_t *fates = size_calloc(rows, 1);

	for (uint32_t i = 0; fates && i < split->training_count; i++)
		fates[split->training[i]] = 1;
	for (uint32_t i = 0; fates && i < split->held_out_count; i++)
		fates[split->held_out[i]] = 2;
	if (!fates)
		error_memory(error, "holding rows out");
	return fates;
}
