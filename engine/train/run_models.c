/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The models that a run has besides its result: RUN/base without values, and each checkpoint as it was. */
#include "engine/run.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/format/tensors.h"
#include "engine/model/host.h"
#include "engine/model/model.h"
#include "engine/model/network.h"
#include "engine/train/adapter_checkpoint.h"
#include "engine/train/run/checkpoint.h"
#include "engine/train/run/record.h"
#include "engine/train/training_base.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reviews are read as the run reads them. */
static struct model *open_bare(const char *directory, struct run_record *record, const struct model_options *options,
                               struct error *error)
{
	struct model_reading reading;
	struct model *model;
	char path[4096];

	if (!run_record_read(directory, record, error))
		return NULL;
	if (!train_options_need_labels(&record->options)) {
		error_set(error, ERROR_USAGE, "%s learns masked words and has no labels to score with: revue train -m %s makes a "
		          "classifier of its result", directory, directory);
		return NULL;
	}
	if (!path_join(path, sizeof path, directory, "base", error))
		return NULL;
	if (!training_base_is_kept(directory, record)) {
		error_set(error, ERROR_DATA, "%s: its folder \"base\" is not there, or was changed: no model of it can be opened",
		          directory);
		return NULL;
	}
	model = model_open_bare(path, options, error);
	if (!model)
		return NULL;
	reading = train_options_reading(&record->options, (int32_t)record->max_length);
	model_set_reading(model, &reading);
	return model;
}

struct model *run_open_base(const char *directory, const struct model_options *options, struct error *error)
{
	struct run_record record = {0};
	struct model *model = open_bare(directory, &record, options, error);

	run_record_free(&record);
	return model;
}

static bool read_row(struct tensor_file *file, struct parameter *parameter, struct backend *backend, float *staging,
                     struct error *error)
{
	const struct tensor *tensor = tensor_file_find(file, parameter->name);

	RETURN_IF(!tensor || tensor->count != parameter->count, error, ERROR_DATA, "%s: %s", parameter->name,
	          tensor ? "another shape than the model's" : "is not there");
	if (!tensor_file_read(file, tensor, staging, error))
		return false;
	parameter_from_host(backend, parameter->value, staging, parameter->count);
	return true;
}

static bool read_values(struct model *model, struct tensor_file *file, struct error *error)
{
	size_t largest = 1;
	bool done = true;
	float *staging;

	for (int row = 0; row < model_parameter_rows(model); row++)
		if (model_parameter(model, row)->count > largest)
			largest = model_parameter(model, row)->count;
	staging = size_calloc(largest, sizeof *staging);
	if (!staging)
		return error_memory(error, "reading a checkpoint");
	for (int row = 0; done && row < model_parameter_rows(model); row++)
		done = read_row(file, model_parameter(model, row), model_backend(model), staging, error);
	free(staging);
	return done;
}

/* Puts the values into a model of the run that has none yet. */
static bool read_checkpoint(struct model *model, const char *directory, const struct run_record *record, uint64_t step,
                            const struct model_options *options, struct error *error)
{
	char name[CHECKPOINT_NAME], folder[4096], path[4096];
	struct checkpoint_state state = {0};
	struct tensor_file *file;
	bool done;

	checkpoint_name(name, step);
	if (!checkpoint_verify(directory, name, &state, error) || !path_join(folder, sizeof folder, directory, name, error) ||
	    !path_join(path, sizeof path, folder, CHECKPOINT_WEIGHTS, error))
		return false;
	file = tensor_file_open(path, error);
	done = file && (record->options.lora_r > 0 ? adapter_checkpoint_read(record, file, options, model, error)
	                                           : read_values(model, file, error));
	tensor_file_close(file);
	if (!done)
		return error_prefix(error, "%s", path);
	return model_set_folder(model, folder) || error_memory(error, "reading a checkpoint");
}

struct model *run_open_checkpoint(const char *directory, uint64_t step, const struct model_options *options, struct error *error)
{
	struct run_record record = {0};
	struct model *model = open_bare(directory, &record, options, error);

	if (model && options->base && record.options.lora_r == 0) {
		error_set(error, ERROR_USAGE, "%s trains no adapters: --base is the base of some", directory);
		model_close(model);
		model = NULL;
	}
	if (model && !read_checkpoint(model, directory, &record, step, options, error)) {
		model_close(model);
		model = NULL;
	}
	run_record_free(&record);
	return model;
}
