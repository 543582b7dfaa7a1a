/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading config.json. */
#include "engine/format/config.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/size.h"
#include "engine/format/config_infer.h"
#include "engine/format/config_labels.h"
#include "engine/format/config_own.h"
#include "engine/format/config_task.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IGNORED_MAX = 1000 };

/* Keys that are read below, or that change nothing in what is computed here. */
static const char *const quiet_keys[] = {
	"model_type", "hidden_act", "activation", "id2label", "label2id", "num_labels", "_num_labels",
	"position_embedding_type", "quantization_config", "is_decoder", "add_cross_attention", "pruned_heads",
	"problem_type", "architectures", "torch_dtype", "dtype", "transformers_version", "_name_or_path", "use_cache",
	"gradient_checkpointing", "tie_weights_", "tie_word_embeddings", "sinusoidal_pos_embds", "qa_dropout",
	"output_past", "output_attentions", "output_hidden_states", "return_dict", "finetuning_task",
	"chunk_size_feed_forward", "bos_token_id", "eos_token_id", "sep_token_id", "cls_token_id", "directionality",
	"pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head",
	"pooler_type", "attn_implementation", "_attn_implementation_autoset", "tokenizer_class", CONFIG_OWN_KEY,
};

/* The value as JSON text for a message, cut to what fits. */
static void quote_value(const json_t *value, char *out, size_t capacity)
{
	char *text = json_text(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));

	snprintf(out, capacity, "%s", text ? text : "?");
	free(text);
}

static bool refuse_value(const char *key, const json_t *value, const char *needed, struct error *error)
{
	char quoted[100];

	quote_value(value, quoted, sizeof quoted);
	return error_set(error, ERROR_DATA, "%s is %s: %s", key, quoted, needed);
}

static bool read_size(const struct hf_config *config, enum config_size size, int32_t *out, bool *missing,
                      struct error *error)
{
	const struct size_key *key = &config->model.architecture->sizes[size];
	const struct config_size_place *place = &config_size_places[size];
	const char *name = key->name;
	const json_t *value = name ? json_object_get(config->document, name) : NULL;
	char needed[100];

	if (!value && key->alias)
		value = json_object_get(config->document, name = key->alias);
	*missing = !value || (json_is_null(value) && place->minimum == 0);
	if (*missing)
		return true;
	snprintf(needed, sizeof needed, "a whole number from %" PRId32 " to %" PRId32 " is needed", place->minimum,
	         place->maximum);
	if (!json_is_integer(value) || json_integer_value(value) < place->minimum ||
	    json_integer_value(value) > place->maximum)
		return refuse_value(name, value, needed, error);
	*out = (int32_t)json_integer_value(value);
	return true;
}

/* No file tells how many heads there are: Google's and Microsoft's small models have one for each 64 dimensions. */
static bool guess_heads(struct hf_config *config, struct error *error)
{
	int32_t hidden = config->model.hidden_size;
	const char *name = config->model.architecture->sizes[SIZE_HEADS].name;

	RETURN_IF(hidden % 64 != 0, error, ERROR_DATA, "%s is missing and cannot be guessed from a hidden size of %" PRId32,
	          name, hidden);
	config->model.num_attention_heads = hidden / 64;
	return notices_add(&config->notices, "config.json: %s is missing, taken as hidden size / 64 = %" PRId32, name,
	                     hidden / 64) ||
	       error_memory(error, "reading config.json");
}

static bool read_sizes(struct hf_config *config, const struct tensor_file *tensors, struct error *error)
{
	const struct architecture *architecture = config->model.architecture;
	bool heads_missing = false;

	for (enum config_size size = 0; size < SIZE_COUNT; size++) {
		const struct config_size_place *place = &config_size_places[size];
		int32_t *out = (int32_t *)(void *)((char *)&config->model + place->offset), seen;
		bool missing;

		*out = architecture->sizes[size].fallback;
		if (!read_size(config, size, out, &missing, error))
			return false;
		seen = missing ? config_infer_size(tensors, architecture, size) : 0;
		if (missing && size == SIZE_HEADS)
			heads_missing = true;
		else if (seen > 0)
			*out = seen;
		/* What the tensors say has limits too. */
		RETURN_IF(*out > place->maximum, error, ERROR_DATA, "%s is %" PRId32 " by the tensors: at most %" PRId32
		          " is read", architecture->sizes[size].name, *out, place->maximum);
	}
	return !heads_missing || guess_heads(config, error);
}

static bool read_reals(struct hf_config *config, struct error *error)
{
	for (enum config_real real = 0; real < REAL_COUNT; real++) {
		const struct real_key *key = &config->model.architecture->reals[real];
		const struct config_real_place *place = &config_real_places[real];
		const json_t *value = key->name ? json_object_get(config->document, key->name) : NULL;
		float *out = (float *)(void *)((char *)&config->model + place->offset);
		bool follows = key->fallback < 0; /* LIKE_HIDDEN_DROPOUT */
		char needed[100];

		*out = follows ? config->model.hidden_dropout_prob : key->fallback;
		if (!value || (json_is_null(value) && real == REAL_CLASSIFIER_DROPOUT))
			continue;
		snprintf(needed, sizeof needed, "a number from %g to less than %g is needed", place->minimum, place->limit);
		if (!json_is_number(value) || !(json_number_value(value) >= place->minimum) ||
		    !(json_number_value(value) < place->limit))
			return refuse_value(key->name, value, needed, error);
		*out = (float)json_number_value(value);
		if ((double)*out >= place->limit) /* 0.99999999999 is 1 as a float */
			return refuse_value(key->name, value, needed, error);
	}
	return true;
}

static bool read_activation(struct hf_config *config, struct error *error)
{
	static const struct {
		const char *name;
		enum activation activation;
	} known[] = {
		{"gelu", ACTIVATION_GELU}, {"gelu_python", ACTIVATION_GELU}, {"gelu_new", ACTIVATION_GELU_NEW},
		{"gelu_pytorch_tanh", ACTIVATION_GELU_NEW}, {"relu", ACTIVATION_RELU},
	};
	const char *key = config->model.architecture->activation_key;
	const json_t *value = json_object_get(config->document, key);

	config->model.hidden_act = ACTIVATION_GELU;
	if (!value)
		return true;
	for (size_t i = 0; json_is_string(value) && i < sizeof known / sizeof *known; i++) {
		if (strcmp(json_string_value(value), known[i].name) == 0) {
			config->model.hidden_act = known[i].activation;
			return true;
		}
	}
	return refuse_value(key, value, "gelu, gelu_python, gelu_new, gelu_pytorch_tanh or relu can be computed", error);
}

static bool refuse_type(const json_t *type, struct error *error)
{
	char names[200], needed[260];

	architecture_list(names, sizeof names, false, " and ");
	snprintf(needed, sizeof needed, "%s can be computed", names);
	return refuse_value("model_type", type, needed, error);
}

static bool refuse_untyped(const struct tensor_file *tensors, struct error *error)
{
	char titles[200];

	architecture_list(titles, sizeof titles, true, " or ");
	return error_set(error, ERROR_DATA, "model_type is missing%s%s", tensors ? " and the weights are not those of " : "",
	                 tensors ? titles : "");
}

/* What config.json says counts. Weights that are named as another architecture names them, and not as this one does, are
 * another model's. */
static bool read_architecture(struct hf_config *config, const struct tensor_file *tensors, struct error *error)
{
	const json_t *type = json_object_get(config->document, "model_type");
	const struct architecture *seen = config_infer_architecture(tensors);
	const struct architecture *said = json_is_string(type) ? architecture_find(json_string_value(type)) : NULL;

	if (!said && type && !json_is_null(type))
		return refuse_type(type, error);
	if (!said && !seen)
		return refuse_untyped(tensors, error);
	config->model.architecture = said ? said : seen;
	RETURN_IF(seen && said && seen != said && !config_infer_fits(tensors, said), error, ERROR_DATA,
	          "model_type is %s, but the weights are %s's", said->name, seen->title);
	return true;
}

static bool is_empty(const json_t *value)
{
	return !value || json_is_null(value) || json_is_false(value) || (json_is_object(value) && !json_object_size(value)) ||
	       (json_is_array(value) && !json_array_size(value));
}

/* Weights in 4 bits by bitsandbytes are read, no others. Older versions name no method. */
static bool check_quantization(const json_t *quantization, struct error *error)
{
	const char *method = json_string_value(json_object_get(quantization, "quant_method"));
	bool four = json_is_true(json_object_get(quantization, "load_in_4bit"));

	if (is_empty(quantization))
		return true;
	RETURN_IF(method && strcmp(method, "bitsandbytes") != 0, error, ERROR_DATA,
	          "quantization_config: weights by %.40s are not read; use the model that was not quantized, or one that "
	          "bitsandbytes made in 4 bits", method);
	RETURN_IF(json_is_true(json_object_get(quantization, "load_in_8bit")), error, ERROR_DATA,
	          "quantization_config: weights in 8 bits (load_in_8bit) are not read; use the model that was not quantized, "
	          "or one in 4 bits");
	return four || refuse_value("quantization_config", quantization,
	                            "quantized weights are read in 4 bits by bitsandbytes only; use the model that was not "
	                            "quantized", error);
}

/* What would change the computation and is not computed here. */
static bool refuse_variants(struct hf_config *config, struct error *error)
{
	static const struct {
		const char *key, *needed;
	} variants[] = {
		{"is_decoder", "only encoders can be computed"},
		{"add_cross_attention", "only encoders can be computed"},
		{"pruned_heads", "pruned heads are not computed"},
	};
	const json_t *positions = json_object_get(config->document, "position_embedding_type");

	if (!check_quantization(json_object_get(config->document, "quantization_config"), error))
		return false;
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
		if (!is_empty(json_object_get(config->document, variants[i].key)))
			return refuse_value(variants[i].key, json_object_get(config->document, variants[i].key),
			                    variants[i].needed, error);
	if (positions && !json_is_null(positions) &&
	    (!json_is_string(positions) || strcmp(json_string_value(positions), "absolute") != 0))
		return refuse_value("position_embedding_type", positions, "only absolute positions can be computed", error);
	return true;
}

/* A head that predicts a number, or that is for another task, has no labels for texts: what training makes of the model
 * is another head. */
static bool drop_regression(struct hf_config *config, struct error *error)
{
	config_drop_labels(config);
	return notices_add(&config->notices, "config.json: problem_type regression: the head predicts a number, it is not used") ||
	       error_memory(error, "reading config.json");
}

/* Which function makes scores of logits, chosen as TextClassificationPipeline of Hugging Face does. */
static bool read_problem(struct hf_config *config, struct error *error)
{
	const json_t *value = json_object_get(config->document, "problem_type");
	const char *name = json_string_value(value);
	bool multiple = name && strcmp(name, "multi_label_classification") == 0;

	if (name && strcmp(name, "regression") == 0)
		return drop_regression(config, error);
	if (value && !json_is_null(value) && !multiple && (!name || strcmp(name, "single_label_classification") != 0))
		return refuse_value("problem_type", value, "single_label_classification, multi_label_classification or "
		                    "regression is known", error);
	config->model.independent_labels = multiple || config->model.num_labels == 1;
	return !config->model.independent_labels ||
	       notices_add(&config->notices, "config.json: each label has a score of its own, they do not add up to 1") ||
	       error_memory(error, "reading config.json");
}

static bool is_known(const char *key, const struct architecture *architecture)
{
	for (size_t i = 0; i < sizeof quiet_keys / sizeof *quiet_keys; i++)
		if (strcmp(key, quiet_keys[i]) == 0)
			return true;
	for (int i = 0; i < SIZE_COUNT; i++) {
		const struct size_key *size = &architecture->sizes[i];

		if ((size->name && strcmp(key, size->name) == 0) || (size->alias && strcmp(key, size->alias) == 0))
			return true;
	}
	for (int i = 0; i < REAL_COUNT; i++)
		if (architecture->reals[i].name && strcmp(key, architecture->reals[i].name) == 0)
			return true;
	return false;
}

static bool list_ignored(struct hf_config *config, struct error *error)
{
	const char *key;
	json_t *value;

	config->ignored = size_calloc(IGNORED_MAX, sizeof *config->ignored);
	if (!config->ignored)
		return error_memory(error, "reading config.json");
	json_object_foreach(config->document, key, value) {
		if (config->ignored_count == IGNORED_MAX)
			break;
		if (is_known(key, config->model.architecture))
			continue;
		config->ignored[config->ignored_count] = strdup(key);
		if (!config->ignored[config->ignored_count])
			return error_memory(error, "reading config.json");
		config->ignored_count++;
	}
	return true;
}

static bool read_document(struct hf_config *config, const struct tensor_file *tensors, struct error *error)
{
	const struct model_config *model = &config->model;

	RETURN_IF(!json_is_object(config->document), error, ERROR_DATA, "not a JSON object");
	if (!read_architecture(config, tensors, error) || !refuse_variants(config, error) ||
	    !read_sizes(config, tensors, error) || !read_reals(config, error) || !read_activation(config, error))
		return false;
	RETURN_IF(model->hidden_size % model->num_attention_heads != 0, error, ERROR_DATA,
	          "a hidden size of %" PRId32 " cannot be divided among %" PRId32 " heads", model->hidden_size,
	          model->num_attention_heads);
	RETURN_IF(model->pad_token_id >= model->vocab_size, error, ERROR_DATA,
	          "pad_token_id is %" PRId32 ", the vocabulary has %" PRId32 " entries", model->pad_token_id,
	          model->vocab_size);
	if (!config_read_labels(config, tensors, error) || !read_problem(config, error))
		return false;
	if (config_other_task(config->document, NULL)) /* whoever opens the model says so */
		config_drop_labels(config);
	return config_own_read(config->document, &config->model.own, error) && config_own_fits(model, error) &&
	       list_ignored(config, error);
}

bool hf_config_read(const char *folder, const struct tensor_file *tensors, struct hf_config *config,
                    struct error *error)
{
	char path[PATH_MAX];

	*config = (struct hf_config){0};
	if (!path_join(path, sizeof path, folder, "config.json", error))
		return false;
	RETURN_IF(!file_exists(path), error, ERROR_IO, "%s: is not there; it belongs to the weights and says what model they "
	          "are: copy or download it, too", path);
	config->document = json_read(path, CONFIG_BYTES_MAX, error);
	if (!config->document)
		return false;
	if (read_document(config, tensors, error))
		return true;
	hf_config_free(config);
	return error_prefix(error, "%s", path);
}

void hf_config_free(struct hf_config *config)
{
	for (int32_t i = 0; config->labels && i < config->model.num_labels; i++)
		free(config->labels[i]);
	for (int i = 0; i < config->ignored_count; i++)
		free(config->ignored[i]);
	free(config->labels);
	free(config->ignored);
	notices_free(&config->notices);
	json_decref(config->document);
	*config = (struct hf_config){0};
}
