/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/adapter_checkpoint.h"

#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/model/host.h"
#include "engine/model/model.h"
#include "engine/model/network.h"
#include "engine/train/options/adapter_options.h"

#include <stdlib.h>
#include <string.h>

static struct model *open_base(const struct run_record *record, const struct model_options *options, struct error *error)
{
	const char *path = options->base ? options->base : record->model.path;
	char hash[65];
	struct model_options how = *options;
	struct model *model;

	how.base = NULL;
	how.head_needed = false;
	how.hash = hash;
	if (!file_exists(path)) {
		error_set(error, ERROR_IO, "its base %.400s is not on this machine: say where it is with --base FOLDER", path);
		return NULL;
	}
	model = model_open(path, &how, NULL, error);
	if (!model || strcmp(hash, record->model.hash) == 0)
		return model;
	error_set(error, ERROR_DATA, "%.400s is not the base that these adapters train on: its hash differs", path);
	model_close(model);
	return NULL;
}

/* What the training makes of its base before the first step, in its order. */
static bool prepare_base(struct model *model, const struct run_record *record, struct error *error)
{
	const struct train_options *wanted = &record->options;
	const struct quantization four_bits = {
		.fp4 = strcmp(wanted->bnb_4bit_quant_type, "fp4") == 0,
		.double_quant = wanted->bnb_4bit_use_double_quant,
	};
	struct lora_settings settings;

	adapter_options(wanted, &settings);
	return (!wanted->load_in_4bit || model_quantize(model, &four_bits, error)) &&
	       (!record->fresh_head || model_set_labels(model, (const char *const *)record->labels, record->label_count,
	                                                (uint64_t)wanted->seed, error)) &&
	       model_add_lora(model, &settings, (uint64_t)wanted->seed, error);
}

static struct parameter *find_parameter(struct model *model, const char *name)
{
	for (int row = 0; row < model_parameter_rows(model); row++)
		if (strcmp(model_parameter(model, row)->name, name) == 0)
			return model_parameter(model, row);
	return NULL;
}

static bool read_tensor(struct model *model, struct tensor_file *file, const struct tensor *tensor, struct error *error)
{
	struct parameter *parameter = find_parameter(model, tensor->name);
	float *values;
	bool done;

	RETURN_IF(!parameter || parameter->count != tensor->count, error, ERROR_DATA, "%.200s: the base with its adapters has %s",
	          tensor->name, parameter ? "another shape" : "no such tensor");
	values = size_calloc((size_t)tensor->count, sizeof *values);
	if (!values)
		return error_memory(error, "reading a checkpoint");
	done = tensor_file_read(file, tensor, values, error);
	if (done)
		parameter_from_host(model_backend(model), parameter->value, values, parameter->count);
	free(values);
	return done;
}

bool adapter_checkpoint_read(const struct run_record *record, struct tensor_file *file, const struct model_options *options,
                             struct model *into, struct error *error)
{
	struct model *model = open_base(record, options, error);
	bool done = model && prepare_base(model, record, error);

	for (size_t i = 0; done && i < tensor_file_count(file); i++)
		done = read_tensor(model, file, tensor_file_at(file, i), error);
	done = done && model_copy_values(model, into, error);
	model_close(model);
	return done;
}
