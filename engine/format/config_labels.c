/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The labels of config.json: id2label and label2id say the same thing twice, older files say only how many. */
#include "engine/format/config_labels.h"

#include "engine/base/size.h"
#include "engine/format/config_infer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A label id as JSON spells it: decimal without sign or leading zero. -1: it is none. */
static int32_t parse_id(const char *text)
{
	int32_t id = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || id >= CONFIG_LABELS_MAX)
			return -1;
		id = id * 10 + (*text - '0');
	}
	return id < CONFIG_LABELS_MAX ? id : -1;
}

/* A label's name; whole numbers occur in the wild and are spelled out. NULL: neither, or too long. */
static char *copy_name(const json_t *value)
{
	char digits[32];

	if (json_is_integer(value)) {
		snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return strdup(digits);
	}
	if (!json_is_string(value) || json_string_length(value) == 0 ||
	    json_string_length(value) > CONFIG_LABEL_BYTES_MAX)
		return NULL;
	return strdup(json_string_value(value));
}

static bool take_room(struct hf_config *config, const char *key, size_t count, struct error *error)
{
	RETURN_IF(count == 0 || count > CONFIG_LABELS_MAX, error, ERROR_DATA, "%s has %zu labels: 1 to %d are allowed", key,
	          count, CONFIG_LABELS_MAX);
	config->labels = size_calloc(count, sizeof *config->labels);
	if (!config->labels)
		return error_memory(error, "reading labels");
	config->model.num_labels = (int32_t)count;
	return true;
}

static bool put_label(struct hf_config *config, int32_t id, const json_t *name, struct error *error)
{
	int32_t count = config->model.num_labels;

	/* As many ids as labels, each below the count and none twice: they are 0..count-1. */
	RETURN_IF(id < 0 || id >= count || config->labels[id], error, ERROR_DATA,
	          "the ids of %" PRId32 " labels must be 0 to %" PRId32, count, count - 1);
	config->labels[id] = copy_name(name);
	RETURN_IF(!config->labels[id], error, ERROR_DATA, "the name of label %" PRId32 " must be text of 1 to %d bytes", id,
	          CONFIG_LABEL_BYTES_MAX);
	return true;
}

static bool read_id2label(struct hf_config *config, const json_t *map, struct error *error)
{
	const char *id;
	json_t *name;

	if (!take_room(config, "id2label", json_object_size(map), error))
		return false;
	json_object_foreach((json_t *)(uintptr_t)map, id, name)
		if (!put_label(config, parse_id(id), name, error))
			return false;
	return true;
}

static bool read_label2id(struct hf_config *config, const json_t *map, struct error *error)
{
	const char *name;
	json_t *id;

	if (!take_room(config, "label2id", json_object_size(map), error))
		return false;
	json_object_foreach((json_t *)(uintptr_t)map, name, id) {
		json_int_t number = json_is_integer(id) ? json_integer_value(id) : -1;
		json_t *text = json_string(name);
		bool done = text && put_label(config, number >= 0 && number < CONFIG_LABELS_MAX ? (int32_t)number : -1, text,
		                              error);
		json_decref(text);
		if (!done)
			return text ? false : error_memory(error, "reading labels");
	}
	return true;
}

/* {"LABEL_0": 0, ...}: what the Hugging Face tools leave behind when only id2label was set. */
static bool is_default_map(const json_t *map)
{
	const char *name;
	json_t *id;

	json_object_foreach((json_t *)(uintptr_t)map, name, id)
		if (strncmp(name, "LABEL_", 6) != 0 || !json_is_integer(id) ||
		    json_integer_value(id) != parse_id(name + 6))
			return false;
	return true;
}

static bool check_label2id(struct hf_config *config, const json_t *map, struct error *error)
{
	const char *disagreement = NULL;

	if (json_object_size(map) != (size_t)config->model.num_labels)
		disagreement = "they have not the same number of labels";
	for (int32_t i = 0; !disagreement && i < config->model.num_labels; i++) {
		const json_t *id = json_object_get(map, config->labels[i]);
		if (!json_is_integer(id) || json_integer_value(id) != i)
			disagreement = config->labels[i];
	}
	if (!disagreement)
		return true;
	if (is_default_map(map))
		return notices_add(&config->notices, "config.json: label2id has only default names, id2label counts") ||
	       error_memory(error, "reading config.json");
	return error_set(error, ERROR_DATA, "id2label and label2id disagree: %.200s", disagreement);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names that occur twice could not be told apart in data or output. */
static bool names_are_unique(const char *const *names, size_t count, struct error *error)
{
	const char **sorted = size_calloc(count, sizeof *sorted), *twice = NULL;

	if (!sorted)
		return error_memory(error, "reading labels");
	memcpy(sorted, names, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare_names);
	for (size_t i = 1; i < count && !twice; i++)
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			twice = sorted[i];
	free(sorted);
	RETURN_IF(twice, error, ERROR_DATA, "two labels are named %.200s", twice);
	return true;
}

bool hf_config_check_labels(const char *const *names, int32_t count, struct error *error)
{
	RETURN_IF(count < 1 || count > CONFIG_LABELS_MAX, error, ERROR_DATA, "%" PRId32 " labels: 1 to %d are allowed", count,
	          CONFIG_LABELS_MAX);
	for (int32_t i = 0; i < count; i++) {
		size_t size = strlen(names[i]);
		RETURN_IF(size == 0 || size > CONFIG_LABEL_BYTES_MAX, error, ERROR_DATA,
		          "the name of label %" PRId32 " must be text of 1 to %d bytes: it has %zu", i, CONFIG_LABEL_BYTES_MAX,
		          size);
	}
	return names_are_unique(names, (size_t)count, error);
}

/* num_labels and _num_labels of older files: names are then LABEL_0 and so on. */
static bool read_count(struct hf_config *config, const char *key, struct error *error)
{
	const json_t *value = json_object_get(config->document, key);
	json_int_t count = json_integer_value(value);

	if (!value || json_is_null(value))
		return true;
	RETURN_IF(!json_is_integer(value) || count < 1 || count > CONFIG_LABELS_MAX, error, ERROR_DATA,
	          "%s must be a whole number from 1 to %d", key, CONFIG_LABELS_MAX);
	RETURN_IF(config->model.num_labels != 0 && config->model.num_labels != (int32_t)count, error, ERROR_DATA,
	          "%s is %" JSON_INTEGER_FORMAT ", but there are %" PRId32 " labels", key, count, config->model.num_labels);
	config->model.num_labels = (int32_t)count;
	return true;
}

bool config_read_labels(struct hf_config *config, const struct tensor_file *tensors, struct error *error)
{
	const json_t *by_id = json_object_get(config->document, "id2label");
	const json_t *by_name = json_object_get(config->document, "label2id");
	bool have_ids = by_id && !json_is_null(by_id), have_names = by_name && !json_is_null(by_name);
	int32_t rows = config_infer_labels(tensors, config->model.architecture);

	RETURN_IF(have_ids && !json_is_object(by_id), error, ERROR_DATA, "id2label is not a JSON object");
	RETURN_IF(have_names && !json_is_object(by_name), error, ERROR_DATA, "label2id is not a JSON object");
	if (have_ids && (!read_id2label(config, by_id, error) ||
	                 !names_are_unique((const char *const *)config->labels, (size_t)config->model.num_labels, error)))
		return false;
	if (have_ids && have_names && !check_label2id(config, by_name, error))
		return false;
	if (!have_ids && have_names && !read_label2id(config, by_name, error))
		return false;
	if (!read_count(config, "num_labels", error) || !read_count(config, "_num_labels", error))
		return false;
	/* An only row without a name is the head of another task (multiple choice), not a classifier of one label. */
	if (config->model.num_labels == 0 && rows > 1)
		config->model.num_labels = rows;
	RETURN_IF(config->model.num_labels > CONFIG_LABELS_MAX, error, ERROR_DATA, "the classifier has %" PRId32
	          " rows: at most %d labels are allowed", config->model.num_labels, CONFIG_LABELS_MAX);
	return true;
}
