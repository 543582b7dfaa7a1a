/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing config.json: what the base's file held, with what this model is over it. */
#include "engine/format/config_write.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/format/config_labels.h"
#include "engine/format/config_own.h"
#include "engine/words.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keys of the base that would be wrong in what is written: older or other spellings of what is set here, and
 * auto_map, which names Python files that do not come along. */
static const char *const stale_keys[] = {
	"dtype", "num_labels", "_num_labels", "quantization_config", "auto_map", "id2label", "label2id", "problem_type",
};

/* The decimal with the fewest digits that reads back as the same float: 0.1, not 0.10000000149. */
static double shortest_decimal(float value)
{
	return strtod(words_float(value).text, NULL);
}

static bool set_sizes(json_t *out, const struct model_config *model)
{
	bool done = true;

	for (int i = 0; done && i < SIZE_COUNT; i++) {
		const struct size_key *key = &model->architecture->sizes[i];
		const int32_t *value = (const int32_t *)(const void *)((const char *)model + config_size_places[i].offset);

		if (key->alias)
			json_object_del(out, key->alias);
		if (key->name)
			done = json_object_set_new(out, key->name, json_integer(*value)) == 0;
	}
	for (int i = 0; done && i < REAL_COUNT; i++) {
		const char *name = model->architecture->reals[i].name;
		const float *value = (const float *)(const void *)((const char *)model + config_real_places[i].offset);

		if (name)
			done = json_object_set_new(out, name, json_real(shortest_decimal(*value))) == 0;
	}
	return done;
}

bool config_set_labels(json_t *out, const struct model_config *model, const char *const *labels, struct error *error)
{
	/* The document owns both maps from the start. */
	bool done = json_object_set_new(out, "id2label", json_object()) == 0 &&
	            json_object_set_new(out, "label2id", json_object()) == 0;
	json_t *by_id = json_object_get(out, "id2label"), *by_name = json_object_get(out, "label2id");

	if (labels && !(model->twin_labels ? hf_config_check_names : hf_config_check_labels)(labels, model->num_labels, error))
		return false;
	RETURN_IF(model->num_labels > CONFIG_LABELS_MAX, error, ERROR_FAILED, "%" PRId32 " labels cannot be written",
	          model->num_labels);
	for (int32_t i = 0; done && i < model->num_labels; i++) {
		char id[16], name[32];
		const char *label = labels ? labels[i] : name;
		snprintf(id, sizeof id, "%" PRId32, i);
		snprintf(name, sizeof name, "LABEL_%" PRId32, i);
		done = json_object_set_new(by_id, id, json_string(label)) == 0 &&
		       json_object_set_new(by_name, label, json_integer(i)) == 0;
	}
	return done || error_set(error, ERROR_FAILED, "the labels could not be written: out of memory or not UTF-8");
}

static bool set_names(json_t *out, const struct model_config *model)
{
	const struct architecture *architecture = model->architecture;
	static const char *const dtypes[] = {
		[MODEL_FLOAT32] = "float32", [MODEL_FLOAT16] = "float16", [MODEL_BFLOAT16] = "bfloat16",
	};
	static const char *const activations[] = {
		[ACTIVATION_GELU] = "gelu", [ACTIVATION_GELU_NEW] = "gelu_new", [ACTIVATION_RELU] = "relu",
	};

	return json_object_set_new(out, "architectures",
	                           json_pack("[s]", model->masked_lm        ? architecture->masked_class
	                                            : model->num_labels > 0 ? architecture->classifier_class
	                                                                    : architecture->model_class)) == 0 &&
	       json_object_set_new(out, "model_type", json_string(architecture->name)) == 0 &&
	       json_object_set_new(out, architecture->activation_key, json_string(activations[model->hidden_act])) == 0 &&
	       json_object_set_new(out, "torch_dtype", json_string(dtypes[model->saved_as])) == 0 &&
	       (json_object_get(out, "transformers_version") ||
	        json_object_set_new(out, "transformers_version", json_string("4.57.0")) == 0);
}

/* Fifteen digits, not seventeen: numbers that people wrote come out as they wrote them. */
bool config_write_document(const char *path, const json_t *document, struct error *error)
{
	char *text = json_text(document, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	size_t size = text ? strlen(text) : 0;
	bool done;

	if (!text)
		return error_memory(error, "writing config.json");
	text[size] = '\n'; /* over the NUL: the length goes along */
	done = file_replace(path, text, size + 1, error);
	free(text);
	return done;
}

static bool fill_document(json_t *out, const struct model_config *model, const char *const *labels,
                          struct error *error)
{
	for (size_t i = 0; i < sizeof stale_keys / sizeof *stale_keys; i++)
		json_object_del(out, stale_keys[i]);
	RETURN_IF(model->hidden_act != ACTIVATION_GELU && model->hidden_act != ACTIVATION_GELU_NEW &&
	          model->hidden_act != ACTIVATION_RELU, error, ERROR_FAILED, "this activation has no name in config.json");
	if (!set_names(out, model) || !set_sizes(out, model) || !config_own_set(out, &model->own))
		return error_memory(error, "writing config.json");
	if (model->num_labels <= 0)
		return true;
	if (!config_set_labels(out, model, labels, error))
		return false;
	return json_object_set_new(out, "problem_type", json_string(model->independent_labels ? "multi_label_classification"
	                                                                  : "single_label_classification")) == 0 ||
	       error_memory(error, "writing config.json");
}

bool hf_config_write(const char *folder, const struct model_config *model, const char *const *labels,
                     const json_t *base, struct error *error)
{
	json_t *out = base ? json_deep_copy(base) : json_object();
	char path[PATH_MAX];
	bool done;

	/* Jansson does not always say that it had no memory for some of the members. */
	if (!json_is_object(out) || (base && !json_equal(base, out))) {
		json_decref(out);
		return error_memory(error, "writing config.json");
	}
	done = path_join(path, sizeof path, folder, "config.json", error) && fill_document(out, model, labels, error) &&
	       config_write_document(path, out, error);
	json_decref(out);
	return done;
}

bool model_keep_own(const char *folder, const struct model_own *own, struct error *error)
{
	char path[PATH_MAX];
	json_t *document;
	bool done;

	if (!path_join(path, sizeof path, folder, "config.json", error))
		return false;
	document = json_read(path, CONFIG_BYTES_MAX, error);
	if (!document)
		return false;
	if (json_is_object(document))
		done = config_own_set(document, own) ? config_write_document(path, document, error)
		                                     : error_memory(error, "writing config.json");
	else
		done = error_set(error, ERROR_DATA, "%s: not a JSON object", path);
	json_decref(document);
	return done;
}
