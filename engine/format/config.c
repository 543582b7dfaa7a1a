/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading config.json. */
#include "engine/format/config.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/size.h"
#include "engine/format/config_parts.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG_BYTES_MAX = 16 << 20, IGNORED_MAX = 1000 };

#define AT(field) offsetof(struct model_config, field)

const struct config_integer config_integers[] = {
	{AT(vocab_size), {"vocab_size", "vocab_size"}, {0}, {30522, 30522}, 1, 1 << 24},
	{AT(hidden_size), {"hidden_size", "dim"}, {NULL, "hidden_size"}, {768, 768}, 1, 65536},
	{AT(num_hidden_layers), {"num_hidden_layers", "n_layers"}, {NULL, "num_hidden_layers"}, {12, 6}, 1, 1000},
	{AT(num_attention_heads), {"num_attention_heads", "n_heads"}, {NULL, "num_attention_heads"}, {12, 12}, 1, 65536},
	{AT(intermediate_size), {"intermediate_size", "hidden_dim"}, {NULL, "intermediate_size"}, {3072, 3072}, 1, 1 << 20},
	{AT(max_position_embeddings), {"max_position_embeddings", "max_position_embeddings"}, {0}, {512, 512}, 2, 1 << 20},
	{AT(type_vocab_size), {"type_vocab_size", NULL}, {0}, {2, 0}, 1, 65536},
	{AT(pad_token_id), {"pad_token_id", "pad_token_id"}, {0}, {0, 0}, 0, (1 << 24) - 1},
};
const size_t config_integer_count = sizeof config_integers / sizeof *config_integers;

const struct config_real config_reals[] = {
	{AT(layer_norm_eps), {"layer_norm_eps", NULL}, {1e-12f, 1e-12f}, 1e-20, 1},
	{AT(initializer_range), {"initializer_range", "initializer_range"}, {0.02f, 0.02f}, 0, 10},
	{AT(hidden_dropout_prob), {"hidden_dropout_prob", "dropout"}, {0.1f, 0.1f}, 0, 1},
	{AT(attention_probs_dropout_prob), {"attention_probs_dropout_prob", "attention_dropout"}, {0.1f, 0.1f}, 0, 1},
	/* BERT: where it is null or missing, hidden_dropout_prob; see read_reals. */
	{AT(classifier_dropout), {"classifier_dropout", "seq_classif_dropout"}, {-1, 0.2f}, 0, 1},
};
const size_t config_real_count = sizeof config_reals / sizeof *config_reals;

/* Keys that are read below, or that change nothing in what is computed here. */
static const char *const quiet_keys[] = {
	"model_type", "hidden_act", "activation", "id2label", "label2id", "num_labels", "_num_labels",
	"position_embedding_type", "quantization_config", "is_decoder", "add_cross_attention", "pruned_heads",
	"problem_type", "architectures", "torch_dtype", "dtype", "transformers_version", "_name_or_path", "use_cache",
	"gradient_checkpointing", "tie_weights_", "tie_word_embeddings", "sinusoidal_pos_embds", "qa_dropout",
	"output_past", "output_attentions", "output_hidden_states", "return_dict", "finetuning_task",
	"chunk_size_feed_forward", "bos_token_id", "eos_token_id", "sep_token_id", "cls_token_id", "directionality",
	"pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head",
	"pooler_type", "attn_implementation", "_attn_implementation_autoset",
};

bool config_notice(struct hf_config *config, struct error *error, const char *format, ...)
{
	char **notices = size_realloc(config->notices, (size_t)config->notice_count + 1, sizeof *notices);
	char text[512];
	va_list arguments;

	if (!notices)
		return error_memory(error, "reading config.json");
	config->notices = notices;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	notices[config->notice_count] = strdup(text);
	if (!notices[config->notice_count])
		return error_memory(error, "reading config.json");
	config->notice_count++;
	return true;
}

/* The value as JSON text for a message, cut to what fits. */
static void quote_value(const json_t *value, char *out, size_t capacity)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));

	snprintf(out, capacity, "%s", text ? text : "?");
	free(text);
}

static bool refuse_value(const char *key, const json_t *value, const char *needed, struct error *error)
{
	char quoted[100];

	quote_value(value, quoted, sizeof quoted);
	return error_set(error, ERROR_DATA, "%s is %s: %s", key, quoted, needed);
}

static bool read_integer(const struct hf_config *config, const struct config_integer *row, int32_t *out,
                         bool *missing, struct error *error)
{
	enum architecture architecture = config->model.architecture;
	const char *name = row->name[architecture];
	const json_t *value = json_object_get(config->document, name);
	char needed[100];

	if (!value && row->alias[architecture])
		value = json_object_get(config->document, name = row->alias[architecture]);
	*missing = !value || (json_is_null(value) && row->minimum == 0);
	if (*missing)
		return true;
	snprintf(needed, sizeof needed, "a whole number from %" PRId32 " to %" PRId32 " is needed", row->minimum,
	         row->maximum);
	if (!json_is_integer(value) || json_integer_value(value) < row->minimum ||
	    json_integer_value(value) > row->maximum)
		return refuse_value(name, value, needed, error);
	*out = (int32_t)json_integer_value(value);
	return true;
}

/* No file tells how many heads there are: Google's and Microsoft's small models have one for each 64 dimensions. */
static bool guess_heads(struct hf_config *config, struct error *error)
{
	int32_t hidden = config->model.hidden_size;
	const char *name = config->model.architecture == ARCHITECTURE_BERT ? "num_attention_heads" : "n_heads";

	RETURN_IF(hidden % 64 != 0, error, ERROR_DATA, "%s is missing and cannot be guessed from a hidden size of %" PRId32,
	          name, hidden);
	config->model.num_attention_heads = hidden / 64;
	return config_notice(config, error, "config.json: %s is missing, taken as hidden size / 64 = %" PRId32, name,
	                     hidden / 64);
}

static bool read_integers(struct hf_config *config, const struct tensor_file *tensors, struct error *error)
{
	enum architecture architecture = config->model.architecture;
	bool heads_missing = false;

	for (size_t i = 0; i < config_integer_count; i++) {
		const struct config_integer *row = &config_integers[i];
		int32_t *out = (int32_t *)(void *)((char *)&config->model + row->offset);
		bool missing = true;
		*out = row->fallback[architecture];
		if (row->name[architecture] && !read_integer(config, row, out, &missing, error))
			return false;
		if (missing && row->offset == AT(num_attention_heads))
			heads_missing = true;
		else if (missing && config_infer_size(tensors, architecture, row->offset) > 0)
			*out = config_infer_size(tensors, architecture, row->offset);
		/* What the tensors say has limits too. */
		RETURN_IF(*out > row->maximum, error, ERROR_DATA, "%s is %" PRId32 " by the tensors: at most %" PRId32
		          " is read", row->name[architecture], *out, row->maximum);
	}
	return !heads_missing || guess_heads(config, error);
}

static bool read_reals(struct hf_config *config, struct error *error)
{
	enum architecture architecture = config->model.architecture;

	for (size_t i = 0; i < config_real_count; i++) {
		const struct config_real *row = &config_reals[i];
		const char *name = row->name[architecture];
		const json_t *value = name ? json_object_get(config->document, name) : NULL;
		float *out = (float *)(void *)((char *)&config->model + row->offset);
		char needed[100];
		*out = row->fallback[architecture] < 0 ? config->model.hidden_dropout_prob : row->fallback[architecture];
		if (!value || (json_is_null(value) && row->offset == AT(classifier_dropout)))
			continue;
		snprintf(needed, sizeof needed, "a number from %g to less than %g is needed", row->minimum, row->limit);
		if (!json_is_number(value) || !(json_number_value(value) >= row->minimum) ||
		    !(json_number_value(value) < row->limit))
			return refuse_value(name, value, needed, error);
		*out = (float)json_number_value(value);
		if ((double)*out >= row->limit) /* 0.99999999999 is 1 as a float */
			return refuse_value(name, value, needed, error);
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
	const char *key = config->model.architecture == ARCHITECTURE_BERT ? "hidden_act" : "activation";
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

static bool read_architecture(struct hf_config *config, const struct tensor_file *tensors, struct error *error)
{
	const json_t *type = json_object_get(config->document, "model_type");
	enum architecture *out = &config->model.architecture, seen;
	bool inferred = config_infer_architecture(tensors, &seen);

	if (json_is_string(type) && strcmp(json_string_value(type), "bert") == 0)
		*out = ARCHITECTURE_BERT;
	else if (json_is_string(type) && strcmp(json_string_value(type), "distilbert") == 0)
		*out = ARCHITECTURE_DISTILBERT;
	else if (type && !json_is_null(type))
		return refuse_value("model_type", type, "bert and distilbert can be computed", error);
	else if (inferred)
		*out = seen;
	else
		return error_set(error, ERROR_DATA, tensors ? "model_type is missing and the weights are neither BERT's nor "
		                                              "DistilBERT's"
		                                            : "model_type is missing");
	RETURN_IF(inferred && seen != *out, error, ERROR_DATA, "model_type is %s, but the weights are %s's",
	          json_string_value(type), seen == ARCHITECTURE_BERT ? "BERT" : "DistilBERT");
	return true;
}

static bool is_empty(const json_t *value)
{
	return !value || json_is_null(value) || json_is_false(value) || (json_is_object(value) && !json_object_size(value)) ||
	       (json_is_array(value) && !json_array_size(value));
}

/* What would change the computation and is not computed here. */
static bool refuse_variants(struct hf_config *config, struct error *error)
{
	static const struct {
		const char *key, *needed;
	} variants[] = {
		{"quantization_config", "quantized weights are not read; use the model that was not quantized"},
		{"is_decoder", "only encoders can be computed"},
		{"add_cross_attention", "only encoders can be computed"},
		{"pruned_heads", "pruned heads are not computed"},
	};
	const json_t *positions = json_object_get(config->document, "position_embedding_type");

	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
		if (!is_empty(json_object_get(config->document, variants[i].key)))
			return refuse_value(variants[i].key, json_object_get(config->document, variants[i].key),
			                    variants[i].needed, error);
	if (positions && !json_is_null(positions) &&
	    (!json_is_string(positions) || strcmp(json_string_value(positions), "absolute") != 0))
		return refuse_value("position_embedding_type", positions, "only absolute positions can be computed", error);
	return true;
}

/* A head that predicts a number has no labels: what training makes of the model is another head. */
static bool drop_labels(struct hf_config *config, struct error *error)
{
	for (int32_t i = 0; config->labels && i < config->model.num_labels; i++)
		free(config->labels[i]);
	free(config->labels);
	config->labels = NULL;
	config->model.num_labels = 0;
	return config_notice(config, error, "config.json: problem_type regression: the head predicts a number, it is not used");
}

/* Which function makes scores of logits, chosen as TextClassificationPipeline of Hugging Face does. */
static bool read_problem(struct hf_config *config, struct error *error)
{
	const json_t *value = json_object_get(config->document, "problem_type");
	const char *name = json_string_value(value);
	bool multiple = name && strcmp(name, "multi_label_classification") == 0;

	if (name && strcmp(name, "regression") == 0)
		return drop_labels(config, error);
	if (value && !json_is_null(value) && !multiple && (!name || strcmp(name, "single_label_classification") != 0))
		return refuse_value("problem_type", value, "single_label_classification, multi_label_classification or "
		                    "regression is known", error);
	config->model.independent_labels = multiple || config->model.num_labels == 1;
	return !config->model.independent_labels ||
	       config_notice(config, error, "config.json: each label has a score of its own, they do not add up to 1");
}

static bool is_known(const char *key, enum architecture architecture)
{
	for (size_t i = 0; i < sizeof quiet_keys / sizeof *quiet_keys; i++)
		if (strcmp(key, quiet_keys[i]) == 0)
			return true;
	for (size_t i = 0; i < config_integer_count; i++) {
		const struct config_integer *row = &config_integers[i];
		if ((row->name[architecture] && strcmp(key, row->name[architecture]) == 0) ||
		    (row->alias[architecture] && strcmp(key, row->alias[architecture]) == 0))
			return true;
	}
	for (size_t i = 0; i < config_real_count; i++)
		if (config_reals[i].name[architecture] && strcmp(key, config_reals[i].name[architecture]) == 0)
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
	    !read_integers(config, tensors, error) || !read_reals(config, error) || !read_activation(config, error))
		return false;
	RETURN_IF(model->hidden_size % model->num_attention_heads != 0, error, ERROR_DATA,
	          "a hidden size of %" PRId32 " cannot be divided among %" PRId32 " heads", model->hidden_size,
	          model->num_attention_heads);
	RETURN_IF(model->pad_token_id >= model->vocab_size, error, ERROR_DATA,
	          "pad_token_id is %" PRId32 ", the vocabulary has %" PRId32 " entries", model->pad_token_id,
	          model->vocab_size);
	return config_read_labels(config, tensors, error) && read_problem(config, error) && list_ignored(config, error);
}

bool hf_config_read(const char *folder, const struct tensor_file *tensors, struct hf_config *config,
                    struct error *error)
{
	char path[PATH_MAX];

	*config = (struct hf_config){0};
	if (!path_join(path, sizeof path, folder, "config.json", error))
		return false;
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
	for (int i = 0; i < config->notice_count; i++)
		free(config->notices[i]);
	free(config->labels);
	free(config->ignored);
	free(config->notices);
	json_decref(config->document);
	*config = (struct hf_config){0};
}
