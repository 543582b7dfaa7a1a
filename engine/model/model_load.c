/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a Hugging Face folder, and naming its content by a hash. */
#include "engine/model/inside.h"

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "engine/base/size.h"
#include "engine/format/config.h"
#include "engine/format/config_labels.h"
#include "engine/format/config_task.h"
#include "engine/format/weights_form.h"
#include "engine/model/adapter.h"
#include "engine/model/kinds.h"
#include "engine/model/model.h"
#include "engine/model/network.h"
#include "engine/model/quantize.h"
#include "engine/model/weights.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A head for labels, or what is there instead. */
static void report_head(struct model *model, const struct hf_config *config)
{
	const char *class, *task = config_other_task(config->document, &class);

	if (task)
		notices_add(&model->notices, "config.json: a %s model (%.100s): only its encoder is used, training makes a head for the "
		            "labels of its data", task, class);
	else if (config->model.num_labels == 0)
		notices_add(&model->notices, "no labels and no classification head: training makes one for the labels of its data");
}

static void report_config(struct model *model, const struct hf_config *config, const struct model_place *place)
{
	char text[700] = "";
	size_t size = 0;

	if (place->notice[0])
		notices_add(&model->notices, "%s", place->notice);
	for (int i = 0; i < config->notices.count; i++)
		notices_add(&model->notices, "%s", config->notices.lines[i]);
	if (!model->config.masked_lm)
		report_head(model, config);
	for (int i = 0; i < config->ignored_count && size < sizeof text - 100; i++)
		size += (size_t)snprintf(text + size, sizeof text - size, "%s%.60s", i ? ", " : "", config->ignored[i]);
	if (config->ignored_count > 0)
		notices_add(&model->notices, "config.json: keys not used: %s", text);
}

/* A head on masked tokens in the place of a classifier, whose temperature and thresholds go with it. */
static bool config_for_masked_words(struct model_config *config, const json_t *document, struct error *error)
{
	RETURN_IF(!config->architecture->masked_class, error, ERROR_DATA, "the head on masked words of a %s model is not known",
	          config->architecture->title);
	RETURN_IF(json_is_false(json_object_get(document, "tie_word_embeddings")), error, ERROR_DATA,
	          "its head has a decoder of its own (tie_word_embeddings false): only one that is the embeddings of words is known");
	config->masked_lm = true;
	config->num_labels = 0;
	config->independent_labels = config->twin_labels = false;
	config->own.temperature = 0;
	config->own.threshold_count = 0;
	return true;
}

/* The model of a configuration that was read; its document goes over. The tokenizer is that of `words`. */
static struct model *make_from(struct hf_config *config, const struct model_place *place, const char *words,
                               const struct model_options *options, struct error *error)
{
	struct tokenizer *tokenizer = tokenizer_open(words, error);
	struct model_config made = config->model;
	struct model *model;
	char *name;

	if (tokenizer && options && options->masked_lm && !config_for_masked_words(&made, config->document, error)) {
		tokenizer_free(tokenizer);
		error_prefix(error, "%s", place->folder);
		return NULL;
	}
	if (!tokenizer)
		return NULL;
	model = model_make(&made, (const char *const *)config->labels, tokenizer, options, error);
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

/* What was opened as far as it goes: its notices, and whether it can score where it must. */
static bool check_opened(struct model *model, const struct model_options *options, struct error *error)
{
	weights_report_fresh(model);
	if (model->notices.lost)
		return error_memory(error, "opening a model");
	return !options->head_needed || check_head(model, error);
}

static struct model *open_with(const struct model_place *place, struct tensor_file *file,
                               const struct model_options *options, const struct progress *progress,
                               struct error *error)
{
	struct hf_config config = {0};
	struct model *model = NULL;

	if (hf_config_read(place->folder, file, &config, error))
		model = make_from(&config, place, place->folder, options, error);
	hf_config_free(&config);
	if (!model)
		return NULL;
	if (!model_load_weights(model, file, progress, error))
		name_folder(place->folder, error);
	else if (check_opened(model, options, error))
		return model;
	model_close(model);
	return NULL;
}

const char *model_weights_name(const struct model *model)
{
	const struct weights_form *form = model->folder[0] ? weights_form_find(model->folder) : NULL;

	return form ? form->name : peft_weights_name(model->folder);
}

/* What counts for a model's hash: all that model_open may read. */
static int counts_for_hash(const struct dirent *entry)
{
	static const char *const names[] = {"adapter_config.json", "adapter_model.bin", "adapter_model.safetensors",
	                                    "added_tokens.json", "config.json", "model.safetensors.index.json",
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

/* `read`: weights of the folder that were read and hashed already; NULL: none were. `base`: the hash of an adapter's base,
 * which counts too; NULL: there is none. */
static bool hash_folder(const char *folder, struct tensor_file *read, const char *base, char out[65],
                        const struct progress *progress, struct error *error)
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
	if (base)
		sha256_update(&hash, 64, (const uint8_t *)base);
	if (done)
		sha256_hex(&hash, out);
	return done;
}

bool model_hash(const char *folder, char out[65], const struct progress *progress, struct error *error)
{
	return hash_folder(folder, NULL, NULL, out, progress, error);
}

/* Adapters */

/* The files of an adapter and of its base. */
struct adapter_parts {
	struct peft_config config;
	struct model_place base;
	struct tensor_file *file, *base_file;
	bool own; /* the adapter's folder has its own config.json and tokenizer, as this program writes them */
};

static bool has_file(const char *folder, const char *name)
{
	char path[4096];

	return path_join(path, sizeof path, folder, name, NULL) && file_exists(path);
}

static bool find_base(struct adapter_parts *parts, const char *folder, const char *given, struct error *error)
{
	struct error why = {0};

	RETURN_IF(!given && !parts->config.base[0], error, ERROR_DATA, "%s: " PEFT_CONFIG " names no base: say where it is with "
	          "--base FOLDER", folder);
	if (given ? !model_find(given, &parts->base, error) : !model_find_base(parts->config.base, &parts->base, &why)) {
		if (!given && why.kind == ERROR_FAILED)
			return error_memory(error, "looking for a base");
		return !given && error_set(error, ERROR_IO, "%s: its base %.400s is not on this machine: say where it is with --base "
		                           "FOLDER", folder, parts->config.base);
	}
	RETURN_IF(peft_weights_name(parts->base.folder)[0] && !weights_form_find(parts->base.folder), error, ERROR_DATA,
	          "%s: its base %s is an adapter itself: merge that one first, with revue merge", folder, parts->base.folder);
	return true;
}

static bool open_parts(struct adapter_parts *parts, const char *folder, const char *given, struct error *error)
{
	char path[4096];

	if (!peft_config_read(folder, &parts->config, error) || !find_base(parts, folder, given, error) ||
	    !path_join(path, sizeof path, folder, peft_weights_name(folder), error))
		return false;
	parts->file = tensor_file_open(path, error);
	parts->base_file = parts->file ? tensor_file_open_folder(parts->base.folder, error) : NULL;
	parts->own = has_file(folder, "config.json") && (has_file(folder, "vocab.txt") || has_file(folder, "tokenizer.json"));
	return parts->base_file != NULL;
}

static void close_parts(struct adapter_parts *parts)
{
	peft_config_free(&parts->config);
	if (parts->file)
		tensor_file_close(parts->file);
	if (parts->base_file)
		tensor_file_close(parts->base_file);
}

/* A classifier for other labels than the base's has no names for them, unless they lie beside the adapter. */
static bool read_config(const struct adapter_parts *parts, const char *folder, struct hf_config *config, struct error *error)
{
	int32_t labels = adapter_labels(parts->file);

	if (!hf_config_read(folder, parts->base_file, config, error))
		return false;
	if (labels == 0 || labels == config->model.num_labels)
		return true;
	RETURN_IF(labels > CONFIG_LABELS_MAX, error, ERROR_DATA, "%s: the adapter's classifier has %d labels", folder, (int)labels);
	for (int32_t i = 0; config->labels && i < config->model.num_labels; i++)
		free(config->labels[i]);
	free(config->labels);
	config->labels = NULL;
	config->model.num_labels = labels;
	config->model.twin_labels = false;
	return true;
}

/* The base's temperature and thresholds are those of its own logits, which the adapter changes. */
static bool forget_base_scores(struct model_own *own)
{
	bool any = own->temperature > 0 || own->threshold_count > 0;

	own->temperature = 0;
	own->threshold_count = 0;
	return any;
}

/* The base as it was while the adapter trained. */
static bool prepare_base(struct model *model, const struct adapter_parts *parts, struct error *error)
{
	const struct model_own *own = &model->config.own;

	return !parts->own || !own->load_in_4bit || model_round_to_four_bits(model, &own->base, error);
}

static struct model *open_parted(const struct adapter_parts *parts, const struct model_place *place,
                                 const struct model_options *options, const struct progress *progress, struct error *error)
{
	const char *folder = parts->own ? place->folder : parts->base.folder;
	struct hf_config config = {0};
	struct model *model = NULL;
	bool forgot = false;

	if (read_config(parts, folder, &config, error)) {
		forgot = !parts->own && forget_base_scores(&config.model.own);
		model = make_from(&config, place, folder, options, error);
	}
	hf_config_free(&config);
	if (!model)
		return NULL;
	if (forgot)
		notices_add(&model->notices, "the temperature and thresholds that its base keeps are the base's own: the adapter has none");
	model->floats = true;
	if (!model_load_weights(model, parts->base_file, progress, error) || !prepare_base(model, parts, error)) {
		name_folder(parts->base.folder, error);
	} else if (!adapter_apply(model, &parts->config, parts->file, error)) {
		name_folder(place->folder, error);
	} else {
		if (adapter_labels(parts->file) > 0)
			model->misfit[0] = '\0';
		snprintf(model->adapter->base, sizeof model->adapter->base, "%s", parts->base.folder);
		if (check_opened(model, options, error))
			return model;
	}
	model_close(model);
	return NULL;
}

static struct model *open_adapter(const struct model_place *place, const struct model_options *options,
                                  const struct progress *progress, struct error *error)
{
	struct adapter_parts parts = {0};
	struct model *model = NULL;
	char base[65];

	if (open_parts(&parts, place->folder, options->base, error) &&
	    (!options->hash || (tensor_file_hash(parts.base_file, error) && tensor_file_hash(parts.file, error))))
		model = open_parted(&parts, place, options, progress, error);
	if (model && options->hash &&
	    !(hash_folder(parts.base.folder, parts.base_file, NULL, base, progress, error) &&
	      hash_folder(place->folder, parts.file, base, options->hash, progress, error))) {
		model_close(model);
		model = NULL;
	}
	close_parts(&parts);
	return model;
}

/* A model of a kind without a network. */
static struct model *open_kind(const struct model_kind *kind, const struct model_place *place, const struct model_options *options,
                               const struct progress *progress, struct error *error)
{
	struct model *model = model_make_plain(&(struct model_config){0}, place->folder, NULL, error);

	if (!model)
		return NULL;
	model->kind = kind;
	if ((place->notice[0] && !notices_add(&model->notices, "%s", place->notice)) || !kind->read(model, error)) {
		name_folder(place->folder, error);
	} else if (!options->hash || model_hash(place->folder, options->hash, progress, error)) {
		if (options->raw)
			model->config.own.threshold_count = 0;
		if (options->raw)
			model->config.own.temperature = 0;
		return model;
	}
	model_close(model);
	return NULL;
}

struct model *model_open(const char *path, const struct model_options *options, const struct progress *progress,
                         struct error *error)
{
	static const struct model_options presets = {0};
	struct model_place place;
	const struct model_kind *kind;
	struct tensor_file *file;
	struct model *model;

	options = options ? options : &presets;
	if (!model_find(path, &place, error) || !model_kind_find(place.folder, &kind, error))
		return NULL;
	if (kind && !options->base)
		return open_kind(kind, &place, options, progress, error);
	if (options->masked_lm && !weights_form_find(place.folder) && peft_weights_name(place.folder)[0]) {
		error_set(error, ERROR_USAGE, "%s is an adapter, whose base alone can learn masked words: merge it first, with revue merge",
		          place.folder);
		return NULL;
	}
	if (!weights_form_find(place.folder) && peft_weights_name(place.folder)[0])
		return open_adapter(&place, options, progress, error);
	if (options->base) {
		error_set(error, ERROR_USAGE, "%s is no adapter: --base is the base of one", place.folder);
		return NULL;
	}
	file = tensor_file_open_folder(place.folder, error);
	if (!file)
		return NULL;
	model = options->hash && !tensor_file_hash(file, error) ? NULL : open_with(&place, file, options, progress, error);
	if (model && options->hash && !hash_folder(model->folder, file, NULL, options->hash, progress, error)) {
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
		model = make_from(&config, &place, folder, options, error);
	hf_config_free(&config);
	if (model && !model_take_values(model, error)) {
		model_close(model);
		return NULL;
	}
	for (int row = 0; model && row < model->parameter_count; row++)
		model->parameters[row].fresh = false;
	return model;
}
