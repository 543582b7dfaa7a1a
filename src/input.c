/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/input.h"

#include "engine/run.h"
#include "engine/share.h"
#include "src/output.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

bool input_model_path(const char *asked, char *out, size_t capacity, struct error *error)
{
	if (!asked)
		return share_find(SHARE_MODEL, out, capacity, error);
	RETURN_IF((size_t)snprintf(out, capacity, "%s", asked) >= capacity, error, ERROR_USAGE,
	          "the path of the model is longer than %zu bytes", capacity - 1);
	return true;
}

static void show_notices(const struct model *model)
{
	for (int i = 0; i < model_notice_count(model); i++)
		message_note("note: %s", model_notice(model, i));
}

void input_show_notices(const struct dataset *dataset)
{
	for (int i = 0; i < dataset_notice_count(dataset); i++)
		message_note("%s: %s", dataset_path(dataset), dataset_notice(dataset, i));
}

/* A folder, and a text with a review a line, leave nothing to choose. */
void input_show_columns(const struct dataset *dataset)
{
	char text[512];

	if (dataset_columns(dataset) < 2 || dataset_format(dataset) == DATASET_FOLDER)
		return;
	dataset_describe_columns(dataset, text, sizeof text);
	if (text[0])
		message_note("%s: %s", dataset_path(dataset), text);
}

/* False where the model could not be quantised. */
static bool take_four_bits(struct model *model, const struct input_four_bits *four_bits, struct error *error)
{
	const struct quantization settings = {
		.fp4 = strcmp(four_bits->type, "fp4") == 0,
		.double_quant = four_bits->double_quant,
	};

	RETURN_IF(!four_bits->load && (!settings.fp4 || settings.double_quant), error, ERROR_USAGE,
	          "the --bnb-4bit options say how 4 bits are made: give --load-in-4bit too, or leave them out");
	return !four_bits->load || model_quantize(model, &settings, error);
}

struct model *input_model_open(const char *asked, const char *base, const struct input_device *device, bool raw,
                               const struct input_four_bits *four_bits, const struct progress *progress,
                               struct error *error)
{
	const struct model_options options = {
		.device = device_find(device->name),
		.precision = precision_of(device->tf32, device->bf16, device->fp16),
		.base = base,
		.raw = raw,
		.head_needed = true,
	};
	char path[PATH_MAX], run[PATH_MAX];
	struct model *model;
	uint64_t step;

	if (device->fp16 && device->bf16) {
		error_set(error, ERROR_USAGE, "--fp16 and --bf16: at most one of them");
		return NULL;
	}
	if (!input_model_path(asked, path, sizeof path, error))
		return NULL;
	model = run_is_checkpoint(path, run, sizeof run, &step) ? run_open_checkpoint(run, step, &options, error)
	                                                        : model_open(path, &options, progress, error);
	if (!model)
		return NULL;
	if (!take_four_bits(model, four_bits, error)) {
		model_close(model);
		return NULL;
	}
	show_notices(model);
	return model;
}

static_assert(ARGUMENT_FILES_MAX <= EXCLUSION_FILES_MAX, "as many as can be given find room");

static bool exclude_file(struct exclusion *exclusion, const char *path, const struct dataset *dataset,
                         const struct progress *progress, struct error *error)
{
	struct dataset *other = exclusion_open(path, dataset, progress, error);
	bool done;

	if (!other)
		return error_prefix(error, "--exclude");
	input_show_notices(other);
	done = exclusion_add(exclusion, other, dataset, progress, error) || error_prefix(error, "--exclude");
	dataset_close(other);
	return done;
}

bool input_exclusion_read(const struct argument_files *files, const struct dataset *dataset, const struct progress *progress,
                          struct exclusion **out, struct error *error)
{
	bool done = true;

	*out = files->count > 0 ? exclusion_new(error) : NULL;
	if (files->count > 0 && (!*out || !dataset_check_columns(dataset, false, error)))
		return false;
	for (int i = 0; done && i < files->count; i++)
		done = exclude_file(*out, files->paths[i], dataset, progress, error);
	return done;
}

void input_show_exclusion(const struct exclusion *exclusion, const char *path)
{
	char text[8192];

	for (int i = 0; exclusion && i < exclusion_files(exclusion); i++) {
		if (exclusion_column(exclusion, i)[0])
			message_note("%s: %s", exclusion_path(exclusion, i), exclusion_column(exclusion, i));
		exclusion_describe(exclusion, i, text, sizeof text);
		message_note("%s%s%s", path ? path : "", path ? ": " : "", text);
	}
}

struct dataset *input_dataset_open(const char *path, const struct dataset_options *options,
                                   const struct progress *progress, struct error *error)
{
	struct dataset_options with = *options;
	struct dataset *dataset;

	with.stream = true;
	with.progress = progress;
	dataset = dataset_open(path, &with, error);
	if (dataset)
		input_show_notices(dataset);
	if (dataset && !dataset_index(dataset, progress, error)) {
		dataset_close(dataset);
		return NULL;
	}
	return dataset;
}
