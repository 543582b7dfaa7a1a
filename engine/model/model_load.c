/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a Hugging Face folder, and naming its content by a hash. */
#include "engine/model/inside.h"

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "engine/base/size.h"
#include "engine/format/config.h"
#include "engine/format/config_task.h"
#include "engine/format/weights_form.h"
#include "engine/model/model.h"
#include "engine/model/network.h"
#include "engine/model/weights.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void report_config(struct model *model, const struct hf_config *config, const struct model_place *place)
{
	char text[700] = "";
	size_t size = 0;

	if (place->notice[0])
		notices_add(&model->notices, "%s", place->notice);
	for (int i = 0; i < config->notices.count; i++)
		notices_add(&model->notices, "%s", config->notices.lines[i]);
	for (int i = 0; i < config->ignored_count && size < sizeof text - 100; i++)
		size += (size_t)snprintf(text + size, sizeof text - size, "%s%.60s", i ? ", " : "", config->ignored[i]);
	if (config->ignored_count > 0)
		notices_add(&model->notices, "config.json: keys not used: %s", text);
	if (config->model.num_labels == 0 && !config_other_task(config->document, NULL))
		notices_add(&model->notices, "no labels and no classification head: training makes one for the labels of its data");
}

/* The model of a configuration that was read; its document goes over. */
static struct model *make_from(struct hf_config *config, const struct model_place *place,
                               const struct model_options *options, struct error *error)
{
	struct tokenizer *tokenizer = tokenizer_open(place->folder, error);
	struct model *model;
	char *name;

	if (!tokenizer)
		return NULL;
	model = model_make(&config->model, (const char *const *)config->labels, tokenizer, options, error);
	if (!model) {
		error_prefix(error, "%s", place->folder);
		return NULL;
	}
	name = strdup(place->folder);
	if (!name) {
		error_memory(error, "opening a model");
		model_close(model);
		return NULL;
	}
	free(model->folder);
	model->folder = name;
	model->document = json_incref(config->document);
	if (options && options->raw) {
		model->config.own.temperature = 0;
		model->config.own.threshold_count = 0;
	}
	/* For whoever saves the model: transformers cuts texts at the length that the tokenizer's files say. */
	tokenizer_set_model_max_length(tokenizer, model_max_length(model));
	report_config(model, config, place);
	return model;
}

static bool check_head(const struct model *model, struct error *error)
{
	const char *problem = json_string_value(json_object_get(model->document, "problem_type"));
	const char *class, *task = config_other_task(model->document, &class);

	RETURN_IF(problem && strcmp(problem, "regression") == 0, error, ERROR_DATA,
	          "%s predicts a number (problem_type regression), not a label: train it first with revue train",
	          model->folder);
	RETURN_IF(task, error, ERROR_DATA, "%s is a %s model (%.100s): revue train makes a classifier of it", model->folder, task,
	          class);
	RETURN_IF(model->misfit[0], error, ERROR_DATA, "%s: %s: set the labels in config.json right, or train it first with "
	          "revue train", model->folder, model->misfit);
	RETURN_IF(!model_has_head(model), error, ERROR_DATA,
	          "%s has no trained classification head: train it first with revue train", model->folder);
	for (int row = 0; row < model->parameter_count; row++)
		RETURN_IF(model->parameters[row].fresh, error, ERROR_DATA,
		          "%s: the weights lack %s, without which the model cannot score", model->folder,
		          model->parameters[row].name);
	return true;
}

/* An error of reading names the file, and with it the folder. */
static void name_folder(const char *folder, struct error *error)
{
	if (error && strncmp(error->text, folder, strlen(folder)) != 0)
		error_prefix(error, "%s", folder);
}

static struct model *open_with(const struct model_place *place, struct tensor_file *file,
                               const struct model_options *options, const struct progress *progress,
                               struct error *error)
{
	struct hf_config config = {0};
	struct model *model = NULL;

	if (hf_config_read(place->folder, file, &config, error))
		model = make_from(&config, place, options, error);
	hf_config_free(&config);
	if (!model)
		return NULL;
	if (!model_load_weights(model, file, progress, error))
		name_folder(place->folder, error);
	else if (model->notices.lost)
		error_memory(error, "opening a model");
	else if (!options->head_needed || check_head(model, error))
		return model;
	model_close(model);
	return NULL;
}

const char *model_weights_name(const struct model *model)
{
	const struct weights_form *form = model->folder[0] ? weights_form_find(model->folder) : NULL;

	return form ? form->name : "";
}

/* What counts for a model's hash: all that model_open may read. */
static int counts_for_hash(const struct dirent *entry)
{
	static const char *const names[] = {"added_tokens.json", "config.json", "model.safetensors.index.json",
	                                    "pytorch_model.bin", "pytorch_model.bin.index.json",
	                                    "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json",
	                                    "vocab.txt"};
	const char *name = entry->d_name;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return 1;
	return (strncmp(name, "model", 5) == 0 && text_ends_with(name, ".safetensors")) ||
	       (strncmp(name, "pytorch_model-", 14) == 0 && text_ends_with(name, ".bin"));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Adds the line that sha256sum prints for the file. */
static bool hash_add(struct sha256_ctx *hash, const char *folder, const char *name, struct tensor_file *read,
                     struct error *error)
{
	char path[4096], digest[65] = "";

	if ((read && !tensor_file_digest(read, name, digest, error)) || !path_join(path, sizeof path, folder, name, error) ||
	    (digest[0] == '\0' && !file_sha256(path, digest, error)))
		return false;
	sha256_update(hash, 64, (const uint8_t *)digest);
	sha256_update(hash, 2, (const uint8_t *)"  ");
	sha256_update(hash, strlen(name), (const uint8_t *)name);
	sha256_update(hash, 1, (const uint8_t *)"\n");
	return true;
}

/* `read`: weights of the folder that were read and hashed already; NULL: none were. */
static bool hash_folder(const char *folder, struct tensor_file *read, char out[65], const struct progress *progress,
                        struct error *error)
{
	struct dirent **entries;
	struct sha256_ctx hash;
	int count = scandir(folder, &entries, counts_for_hash, by_bytes);
	bool done = count > 0;

	if (count < 0)
		return error_errno(error, "read", folder);
	if (count == 0)
		error_set(error, ERROR_DATA, "%s: no model files", folder);
	sha256_init(&hash);
	for (int i = 0; i < count; i++) {
		done = done && hash_add(&hash, folder, entries[i]->d_name, read, error);
		if (done && !progress_report(progress, "hashing the model", (uint64_t)i + 1, (uint64_t)count))
			done = error_set(error, ERROR_INTERRUPTED, "interrupted");
		free(entries[i]);
	}
	free(entries);
	if (done)
		sha256_hex(&hash, out);
	return done;
}

bool model_hash(const char *folder, char out[65], const struct progress *progress, struct error *error)
{
	return hash_folder(folder, NULL, out, progress, error);
}

struct model *model_open(const char *path, const struct model_options *options, const struct progress *progress,
                         struct error *error)
{
	static const struct model_options presets = {0};
	struct model_place place;
	struct tensor_file *file;
	struct model *model;

	if (!model_find(path, &place, error))
		return NULL;
	file = tensor_file_open_folder(place.folder, error);
	if (!file)
		return NULL;
	options = options ? options : &presets;
	model = options->hash && !tensor_file_hash(file, error) ? NULL : open_with(&place, file, options, progress, error);
	if (model && options->hash && !hash_folder(model->folder, file, options->hash, progress, error)) {
		model_close(model);
		model = NULL;
	}
	tensor_file_close(file);
	return model;
}

struct model *model_open_bare(const char *folder, const struct model_options *options, struct error *error)
{
	struct model_place place = {.notice = ""};
	struct hf_config config = {0};
	struct model *model = NULL;

	if ((size_t)snprintf(place.folder, sizeof place.folder, "%s", folder) >= sizeof place.folder) {
		error_set(error, ERROR_USAGE, "%.100s...: name too long", folder);
		return NULL;
	}
	if (hf_config_read(folder, NULL, &config, error))
		model = make_from(&config, &place, options, error);
	hf_config_free(&config);
	if (model && !model_take_values(model, error)) {
		model_close(model);
		return NULL;
	}
	for (int row = 0; model && row < model->parameter_count; row++)
		model->parameters[row].fresh = false;
	return model;
}
