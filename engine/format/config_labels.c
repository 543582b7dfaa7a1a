/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The labels of config.json: id2label and label2id say the same thing twice, older files say only how many. */
#include "engine/format/config_labels.h"

#include "engine/base/names.h"
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

/* A label's name; whole numbers occur in the wild and are spelled out. */
static bool is_name(const json_t *value)
{
	return json_is_integer(value) || (json_is_string(value) && json_string_length(value) > 0 &&
	                                  json_string_length(value) <= CONFIG_LABEL_BYTES_MAX);
}

static char *copy_name(const json_t *value)
{
	char digits[32];

	if (json_is_string(value))
		return strdup(json_string_value(value));
	snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return strdup(digits);
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
	RETURN_IF(!is_name(name), error, ERROR_DATA, "the name of label %" PRId32 " must be text of 1 to %d bytes", id,
	          CONFIG_LABEL_BYTES_MAX);
	config->labels[id] = copy_name(name);
	return config->labels[id] || error_memory(error, "reading labels");
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

/* The id that label2id gives a name; tools write it as a number or as its digits. -1: neither. */
static int32_t id_of(const json_t *value)
{
	json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;

	if (json_is_string(value))
		return parse_id(json_string_value(value));
	return number >= 0 && number < CONFIG_LABELS_MAX ? (int32_t)number : -1;
}

void config_drop_labels(struct hf_config *config)
{
	for (int32_t i = 0; config->labels && i < config->model.num_labels; i++)
		free(config->labels[i]);
	free(config->labels);
	config->labels = NULL;
	config->model.num_labels = 0;
	config->model.twin_labels = false;
}

/* Whether the ids of the map are 0 to its count less one, each once. */
static bool is_numbered(const json_t *map, bool *numbered, struct error *error)
{
	size_t count = json_object_size(map);
	bool *seen = size_calloc(count, sizeof *seen);
	const char *name;
	json_t *id;

	if (!seen)
		return error_memory(error, "reading labels");
	*numbered = count > 0 && count <= CONFIG_LABELS_MAX;
	json_object_foreach((json_t *)(uintptr_t)map, name, id) {
		int32_t number = *numbered ? id_of(id) : -1;

		*numbered = number >= 0 && (size_t)number < count && !seen[number] && *name &&
		            strlen(name) <= CONFIG_LABEL_BYTES_MAX;
		if (!*numbered)
			break;
		seen[number] = true;
	}
	free(seen);
	return true;
}

static bool note(struct hf_config *config, struct error *error, const char *text, const char *name)
{
	return notices_add(&config->notices, "config.json: %s%.*s", text, NAME_ARGUMENTS(name)) ||
	       error_memory(error, "reading config.json");
}

/* Without id2label, where a map that makes no sense is left alone. */
static bool read_label2id(struct hf_config *config, const json_t *map, struct error *error)
{
	const char *name;
	json_t *id;
	bool numbered = false;

	if (!is_numbered(map, &numbered, error))
		return false;
	if (!numbered)
		return note(config, error, "label2id does not number its labels from 0: it is not used", "");
	if (!take_room(config, "label2id", json_object_size(map), error))
		return false;
	json_object_foreach((json_t *)(uintptr_t)map, name, id) {
		config->labels[id_of(id)] = strdup(name);
		if (!config->labels[id_of(id)])
			return error_memory(error, "reading labels");
	}
	return true;
}

/* {"LABEL_0": 0, ...}: what the Hugging Face tools leave behind when only id2label was set. */
static bool is_default_map(const json_t *map)
{
	const char *name;
	json_t *id;

	json_object_foreach((json_t *)(uintptr_t)map, name, id)
		if (strncmp(name, "LABEL_", 6) != 0 || id_of(id) < 0 || id_of(id) != parse_id(name + 6))
			return false;
	return true;
}

/* What is odd about a label2id beside the id2label that was read; NULL: nothing. *name may become the label that it is
 * about. */
static const char *oddity(const struct hf_config *config, const json_t *map, const char **name)
{
	bool texts = false;

	if (!json_is_object(map))
		return "label2id is no JSON object";
	for (int32_t i = 0; i < config->model.num_labels; i++) {
		const json_t *id = json_object_get(map, config->labels[i]);

		texts = texts || json_is_string(id);
		if (id_of(id) == i)
			continue;
		if (is_default_map(map))
			return "label2id has only default names";
		*name = config->labels[i];
		return "label2id has another id or name for ";
	}
	if (json_object_size(map) != (size_t)config->model.num_labels)
		return "label2id has more labels";
	return texts ? "label2id has its ids as texts" : NULL;
}

/* transformers reads label2id nowhere when it scores: where the two disagree, id2label counts. */
static bool compare_label2id(struct hf_config *config, const json_t *map, struct error *error)
{
	const char *name = "", *odd = oddity(config, map, &name);

	return !odd ||
	       notices_add(&config->notices, "config.json: %s%.*s, id2label counts", odd, NAME_ARGUMENTS(name)) ||
	       error_memory(error, "reading config.json");
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A name that occurs more than once goes to *twice, borrowed from `names`; NULL: none does. False: out of memory. */
static bool find_twice(const char *const *names, size_t count, const char **twice, struct error *error)
{
	const char **sorted = size_calloc(count, sizeof *sorted);

	*twice = NULL;
	if (!sorted)
		return error_memory(error, "reading labels");
	memcpy(sorted, names, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare_names);
	for (size_t i = 1; i < count && !*twice; i++)
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			*twice = sorted[i];
	free(sorted);
	return true;
}

bool hf_config_check_names(const char *const *names, int32_t count, struct error *error)
{
	RETURN_IF(count < 1 || count > CONFIG_LABELS_MAX, error, ERROR_DATA, "%" PRId32 " labels: 1 to %d are allowed", count,
	          CONFIG_LABELS_MAX);
	for (int32_t i = 0; i < count; i++) {
		size_t size = strlen(names[i]);
		RETURN_IF(size == 0 || size > CONFIG_LABEL_BYTES_MAX, error, ERROR_DATA,
		          "the name of label %" PRId32 " must be text of 1 to %d bytes: it has %zu", i, CONFIG_LABEL_BYTES_MAX,
		          size);
	}
	return true;
}

bool hf_config_check_labels(const char *const *names, int32_t count, struct error *error)
{
	const char *twice;

	if (!hf_config_check_names(names, count, error) || !find_twice(names, (size_t)count, &twice, error))
		return false;
	RETURN_IF(twice, error, ERROR_DATA, "two labels are named %.200s", twice);
	return true;
}

/* The count that a key gives, into *count where it is there. */
static bool read_count(const struct hf_config *config, const char *key, int32_t *count, struct error *error)
{
	const json_t *value = json_object_get(config->document, key);

	if (!value || json_is_null(value))
		return true;
	RETURN_IF(!json_is_integer(value) || json_integer_value(value) < 1 || json_integer_value(value) > CONFIG_LABELS_MAX,
	          error, ERROR_DATA, "%s must be a whole number from 1 to %d", key, CONFIG_LABELS_MAX);
	*count = (int32_t)json_integer_value(value);
	return true;
}

/* Setting num_labels in transformers makes other maps of another length new, with default names. _num_labels is of a
 * time without maps. */
static bool read_counts(struct hf_config *config, struct error *error)
{
	int32_t named = config->model.num_labels, count = 0, older = 0;

	if (!read_count(config, "num_labels", &count, error) || !read_count(config, "_num_labels", &older, error))
		return false;
	if (count == 0 || count == named) {
		if (named == 0)
			config->model.num_labels = older;
		return true;
	}
	config_drop_labels(config);
	config->model.num_labels = count;
	return named == 0 ||
	       notices_add(&config->notices, "config.json: num_labels is %" PRId32 " beside the names of %" PRId32
	                   " labels: it counts, as in transformers, and they are named LABEL_0 and so on", count, named) ||
	       error_memory(error, "reading config.json");
}

static bool note_twins(struct hf_config *config, struct error *error)
{
	const char *twice = NULL;

	if (config->labels && !find_twice((const char *const *)config->labels, (size_t)config->model.num_labels, &twice, error))
		return false;
	config->model.twin_labels = twice != NULL;
	return !twice || note(config, error, "two labels have the same name: ", twice);
}

bool config_read_labels(struct hf_config *config, const struct tensor_file *tensors, struct error *error)
{
	const json_t *by_id = json_object_get(config->document, "id2label");
	const json_t *by_name = json_object_get(config->document, "label2id");
	bool have_ids = json_object_size(by_id) > 0;
	bool have_names = json_object_size(by_name) > 0 || (by_name && !json_is_null(by_name) && !json_is_object(by_name));
	int32_t rows = config_infer_labels(tensors, config->model.architecture);

	RETURN_IF(by_id && !json_is_null(by_id) && !json_is_object(by_id), error, ERROR_DATA, "id2label is not a JSON object");
	if (have_ids &&
	    (!read_id2label(config, by_id, error) || (have_names && !compare_label2id(config, by_name, error))))
		return false;
	if (!have_ids && json_object_size(by_name) > 0 && !read_label2id(config, by_name, error))
		return false;
	if (!read_counts(config, error) || !note_twins(config, error))
		return false;
	/* An only row without a name is the head of another task (multiple choice), not a classifier of one label. */
	if (config->model.num_labels == 0 && rows > 1)
		config->model.num_labels = rows;
	RETURN_IF(config->model.num_labels > CONFIG_LABELS_MAX, error, ERROR_DATA, "the classifier has %" PRId32
	          " rows: at most %d labels are allowed", config->model.num_labels, CONFIG_LABELS_MAX);
	return true;
}
