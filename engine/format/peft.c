/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/peft.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/format/modules.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG_BYTES_MAX = 1 << 20, PATTERNS_MAX = 256, PATTERN_BYTES_MAX = 200 };

const char *peft_weights_name(const char *folder)
{
	static const char *const names[] = {PEFT_WEIGHTS, "adapter_model.bin"};
	char path[PATH_MAX];

	if (!path_join(path, sizeof path, folder, PEFT_CONFIG, NULL) || !file_exists(path))
		return "";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (path_join(path, sizeof path, folder, names[i], NULL) && file_exists(path))
			return names[i];
	return "";
}

/* Reading */

/* Keys that change what is computed, and how they say that they do not. */
static bool is_off(const json_t *value)
{
	return !value || json_is_null(value) || json_is_false(value) ||
	       (json_is_array(value) && json_array_size(value) == 0) || (json_is_object(value) && json_object_size(value) == 0);
}

static bool check_off(const json_t *document, struct error *error)
{
	static const char *const keys[] = {
		"use_dora", "use_qalora", "use_bdlora", "fan_in_fan_out", "lora_bias", "layer_replication", "megatron_config",
		"trainable_token_indices", "target_parameters", "alora_invocation_tokens", "velora_config", "monteclora_config",
		"kasa_config",
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		RETURN_IF(!is_off(json_object_get(document, keys[i])), error, ERROR_DATA,
		          PEFT_CONFIG ": \"%s\" is not understood, only plain LoRA is", keys[i]);
	return true;
}

/* Some ways to begin change the base's weights, which the adapter then belongs to. */
static bool check_start(const json_t *document, struct error *error)
{
	static const char *const fine[] = {"gaussian", "eva", "orthogonal"};
	const json_t *start = json_object_get(document, "init_lora_weights");
	const char *word = json_string_value(start);
	bool good = !start || json_is_null(start) || json_is_boolean(start);

	for (size_t i = 0; word && i < sizeof fine / sizeof *fine; i++)
		good = good || strcmp(word, fine[i]) == 0;
	RETURN_IF(!good, error, ERROR_DATA, PEFT_CONFIG ": \"init_lora_weights\" is %.40s, which changes the base: convert the "
	          "adapter to plain LoRA with peft", word ? word : "no word");
	return true;
}

static bool read_count(const json_t *object, const char *key, int32_t fallback, int32_t *out, struct error *error)
{
	const json_t *value = json_object_get(object, key);

	*out = fallback;
	if (!value)
		return true;
	RETURN_IF(!json_is_integer(value) || json_integer_value(value) < 1 || json_integer_value(value) > PEFT_RANK_MAX, error,
	          ERROR_DATA, PEFT_CONFIG ": \"%.60s\" is no rank from 1 to %d", key, PEFT_RANK_MAX);
	*out = (int32_t)json_integer_value(value);
	return true;
}

static bool read_alpha(const json_t *object, const char *key, double fallback, double *out, struct error *error)
{
	const json_t *value = json_object_get(object, key);

	*out = value ? json_number_value(value) : fallback;
	RETURN_IF((value && !json_is_number(value)) || !isfinite(*out) || fabs(*out) > 1e6, error, ERROR_DATA,
	          PEFT_CONFIG ": \"%.60s\" is no number that can scale an adapter", key);
	return true;
}

static bool read_text(const json_t *document, const char *key, const char *fallback, char *out, size_t capacity,
                      struct error *error)
{
	const json_t *value = json_object_get(document, key);
	const char *text = json_string_value(value);

	RETURN_IF(value && !json_is_null(value) && (!text || strlen(text) >= capacity || strlen(text) != json_string_length(value)),
	          error, ERROR_DATA, PEFT_CONFIG ": \"%s\" is no text that it could be", key);
	snprintf(out, capacity, "%s", text ? text : fallback);
	return true;
}

static bool check_pattern(const json_t *document, const char *key, struct error *error)
{
	const json_t *pattern = json_object_get(document, key);
	const char *name;
	json_t *value;

	RETURN_IF(pattern && !json_is_null(pattern) && (!json_is_object(pattern) || json_object_size(pattern) > PATTERNS_MAX), error,
	          ERROR_DATA, PEFT_CONFIG ": \"%s\" is no object of at most %d patterns", key, PATTERNS_MAX);
	json_object_foreach((json_t *)(uintptr_t)pattern, name, value)
		RETURN_IF(strlen(name) > PATTERN_BYTES_MAX, error, ERROR_DATA,
		          PEFT_CONFIG ": \"%s\" has a pattern of more than %d bytes", key, PATTERN_BYTES_MAX);
	return true;
}

static bool read_values(struct peft_config *config, struct error *error)
{
	const json_t *document = config->document;
	const char *type = json_string_value(json_object_get(document, "peft_type"));

	RETURN_IF(!type, error, ERROR_DATA, PEFT_CONFIG ": \"peft_type\" is missing");
	RETURN_IF(strcmp(type, "LORA") != 0, error, ERROR_DATA, PEFT_CONFIG ": is a %.40s adapter: only LORA is understood", type);
	if (!check_off(document, error) || !check_start(document, error) ||
	    !read_count(document, "r", 8, &config->rank, error) || !read_alpha(document, "lora_alpha", 8, &config->alpha, error) ||
	    !json_read_flag(document, "use_rslora", false, &config->rslora, error) ||
	    !read_text(document, "bias", "none", config->bias, sizeof config->bias, error) ||
	    !read_text(document, "base_model_name_or_path", "", config->base, sizeof config->base, error) ||
	    !check_pattern(document, "rank_pattern", error) || !check_pattern(document, "alpha_pattern", error))
		return false;
	RETURN_IF(strcmp(config->bias, "none") != 0 && strcmp(config->bias, "all") != 0 && strcmp(config->bias, "lora_only") != 0,
	          error, ERROR_DATA, PEFT_CONFIG ": \"bias\" is none of none, all, lora_only");
	return true;
}

bool peft_config_read(const char *folder, struct peft_config *config, struct error *error)
{
	char path[PATH_MAX];

	*config = (struct peft_config){0};
	if (!path_join(path, sizeof path, folder, PEFT_CONFIG, error))
		return false;
	config->document = json_read(path, CONFIG_BYTES_MAX, error);
	if (!config->document)
		return false;
	if (!json_is_object(config->document))
		return error_set(error, ERROR_DATA, "%s: is no object", path);
	return read_values(config, error) || error_prefix(error, "%s", folder);
}

void peft_config_free(struct peft_config *config)
{
	json_decref(config->document);
	config->document = NULL;
}

/* The first key of a pattern that matches the layer, or what stands after a dot of it, as a regular expression; NULL. */
static bool find_pattern(const json_t *pattern, const char *layer, const char **found, struct error *error)
{
	const char *key;
	json_t *value;

	*found = NULL;
	json_object_foreach((json_t *)(uintptr_t)pattern, key, value) {
		struct modules modules;
		bool match;

		if (!modules_expression(&modules, "(.*\\.)?(", key, ")", PEFT_CONFIG, error))
			return false;
		match = modules_match(&modules, layer);
		modules_free(&modules);
		if (match) {
			*found = key;
			return true;
		}
	}
	return true;
}

bool peft_config_layer(const struct peft_config *config, const char *layer, int32_t *rank, float *scale,
                       struct error *error)
{
	const json_t *ranks = json_object_get(config->document, "rank_pattern");
	const json_t *alphas = json_object_get(config->document, "alpha_pattern");
	const char *key;
	double alpha = config->alpha;

	*rank = config->rank;
	if (!find_pattern(ranks, layer, &key, error) || (key && !read_count(ranks, key, config->rank, rank, error)) ||
	    !find_pattern(alphas, layer, &key, error) || (key && !read_alpha(alphas, key, config->alpha, &alpha, error)))
		return false;
	*scale = (float)(alpha / (config->rslora ? sqrt((double)*rank) : (double)*rank));
	return true;
}

/* Keys */

static bool begins(const char *text, const char *begin)
{
	return strncmp(text, begin, strlen(begin)) == 0;
}

/* Takes ".word" or ".word.default" out of a name, where it stands before a dot or at the end. */
static void drop_word(char *name, const char *word)
{
	char *at = strstr(name, word), *end;

	if (!at || (at[strlen(word)] != '.' && at[strlen(word)] != '\0'))
		return;
	end = at + strlen(word);
	if (begins(end, ".default") && (end[8] == '.' || end[8] == '\0'))
		end += 8;
	memmove(at, end, strlen(end) + 1);
}

/* Cuts the name off where `word`, of one half of an adapter, begins; false: it is not there. */
static bool cut_half(char *name, const char *word)
{
	char *at = strstr(name, word);

	if (!at || (strcmp(at + strlen(word), ".weight") != 0 && strcmp(at + strlen(word), ".default.weight") != 0))
		return false;
	*at = '\0';
	return true;
}

bool peft_parse_key(const char *key, enum peft_kind *kind, char name[256], struct error *error)
{
	RETURN_IF(!begins(key, PEFT_PREFIX) || strlen(key) - strlen(PEFT_PREFIX) >= 256, error, ERROR_DATA,
	          "tensor %.200s is none of an adapter: its name does not begin with " PEFT_PREFIX, key);
	snprintf(name, 256, "%s", key + strlen(PEFT_PREFIX));
	RETURN_IF(strstr(name, ".lora_magnitude_vector"), error, ERROR_DATA, "tensor %.200s is of DoRA: only plain LoRA is "
	          "understood", key);
	if (cut_half(name, ".lora_A")) {
		*kind = PEFT_A;
	} else if (cut_half(name, ".lora_B")) {
		*kind = PEFT_B;
	} else if (strstr(name, ".original_module.")) {
		*kind = PEFT_IGNORED;
	} else {
		RETURN_IF(strstr(name, ".lora_"), error, ERROR_DATA, "tensor %.200s: no such part of an adapter is understood", key);
		drop_word(name, ".modules_to_save");
		drop_word(name, ".base_layer");
		*kind = PEFT_WHOLE;
	}
	return true;
}

/* Writing */

/* "a,b" as a list; "" as null. */
static json_t *list_to_json(const char *text)
{
	json_t *list;

	if (!text[0])
		return json_null();
	list = json_array();
	for (; list; text++) {
		size_t size = strcspn(text, ",");

		if (json_array_append_new(list, json_stringn(text, size)) != 0)
			return json_complete(list, false);
		text += size;
		if (!*text)
			break;
	}
	return list;
}

static json_t *config_to_json(const struct peft_write *what)
{
	json_t *alpha = what->alpha == floor(what->alpha) ? json_integer((json_int_t)what->alpha) : json_real(what->alpha);
	json_t *targets = what->target_is_expression ? json_string(what->target_modules) : list_to_json(what->target_modules);

	return json_pack("{s:n, s:{}, s:n, s:n, s:s, s:s, s:n, s:b, s:n, s:n, s:b, s:b, s:b, s:n, s:n, s:n, s:{}, s:o, s:b, s:f, s:n, "
	                 "s:s, s:o, s:s, s:s, s:i, s:i, s:{}, s:n, s:o, s:n, s:s, s:n, s:b, s:b, s:b}",
	                 "alora_invocation_tokens", "alpha_pattern", "arrow_config", "auto_mapping", "base_model_name_or_path",
	                 what->base, "bias", what->bias, "corda_config", "ensure_weight_tying", 0, "eva_config", "exclude_modules",
	                 "fan_in_fan_out", 0, "inference_mode", 1, "init_lora_weights", 1, "layer_replication", "layers_pattern",
	                 "layers_to_transform", "loftq_config", "lora_alpha", alpha, "lora_bias", 0, "lora_dropout",
	                 what->dropout, "megatron_config", "megatron_core", "megatron.core", "modules_to_save",
	                 list_to_json(what->modules_to_save), "peft_type", "LORA", "peft_version", "0.18.0", "qalora_group_size",
	                 16, "r", (int)what->rank, "rank_pattern", "revision", "target_modules", targets, "target_parameters",
	                 "task_type", "SEQ_CLS", "trainable_token_indices", "use_dora", 0, "use_qalora", 0, "use_rslora",
	                 (int)what->rslora);
}

bool peft_config_write(const char *folder, const struct peft_write *what, struct error *error)
{
	char path[PATH_MAX], *text;
	json_t *document;
	bool done;

	if (!path_join(path, sizeof path, folder, PEFT_CONFIG, error))
		return false;
	document = config_to_json(what);
	/* Fifteen digits, not seventeen: numbers that people wrote come out as they wrote them. */
	text = document ? json_text(document, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
	json_decref(document);
	if (!text)
		return error_memory(error, "writing " PEFT_CONFIG);
	done = file_replace(path, text, strlen(text), error);
	free(text);
	return done;
}
