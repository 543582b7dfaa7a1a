/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/ngram_config.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/format/config.h"
#include "engine/format/config_labels.h"
#include "engine/format/config_own.h"
#include "engine/format/config_write.h"

#include <limits.h>
#include <string.h>

#define SHAPE_KEY "revue_ngram"

bool ngram_config_is(const char *folder, bool *is, struct error *error)
{
	struct error why = {0};
	char path[PATH_MAX];
	const char *type;
	json_t *document;

	*is = false;
	if (!path_join(path, sizeof path, folder, "config.json", NULL))
		return true;
	document = json_read(path, CONFIG_BYTES_MAX, &why);
	if (!document)
		return why.kind != ERROR_FAILED || error_memory(error, "reading config.json");
	type = json_string_value(json_object_get(document, "model_type"));
	*is = type && strcmp(type, NGRAM_TYPE) == 0;
	json_decref(document);
	return true;
}

/* A whole number of the object that must be there. */
static bool read_number(const json_t *object, const char *name, json_int_t least, json_int_t most, json_int_t *out,
                        struct error *error)
{
	const json_t *value = json_object_get(object, name);

	*out = json_integer_value(value);
	RETURN_IF(!json_is_integer(value) || *out < least || *out > most, error, ERROR_DATA,
	          SHAPE_KEY ": %s: a whole number from %lld to %lld is needed", name, (long long)least, (long long)most);
	return true;
}

static bool read_shape(const json_t *document, struct ngram_shape *shape, struct error *error)
{
	const json_t *object = json_object_get(document, SHAPE_KEY);
	json_int_t version, words, buckets;

	RETURN_IF(!json_is_object(object), error, ERROR_DATA, SHAPE_KEY ": an object with version, words and buckets is needed");
	if (!read_number(object, "version", 1, INT32_MAX, &version, error))
		return false;
	RETURN_IF(version != NGRAM_VERSION, error, ERROR_DATA, SHAPE_KEY ": version %lld is not read by this version of revue, which "
	          "reads %d", (long long)version, NGRAM_VERSION);
	if (!read_number(object, "words", 1, NGRAM_WORDS_MAX, &words, error) ||
	    !read_number(object, "buckets", 1 << NGRAM_BITS_MIN, 1 << NGRAM_BITS_MAX, &buckets, error))
		return false;
	RETURN_IF((buckets & (buckets - 1)) != 0, error, ERROR_DATA, SHAPE_KEY ": buckets is %lld: a power of 2 is needed",
	          (long long)buckets);
	*shape = (struct ngram_shape){.words = (int32_t)words};
	while ((json_int_t)1 << shape->bits < buckets)
		shape->bits++;
	return true;
}

static bool read_problem(struct hf_config *config, struct error *error)
{
	const json_t *value = json_object_get(config->document, "problem_type");
	const char *name = json_string_value(value);

	config->model.independent_labels = name && strcmp(name, "multi_label_classification") == 0;
	RETURN_IF(value && !json_is_null(value) && !config->model.independent_labels &&
	          (!name || strcmp(name, "single_label_classification") != 0), error, ERROR_DATA,
	          "problem_type: single_label_classification or multi_label_classification is needed");
	RETURN_IF(config->model.num_labels < 1, error, ERROR_DATA, "id2label is missing: it names the labels");
	RETURN_IF(config->model.num_labels < 2 && !config->model.independent_labels, error, ERROR_DATA,
	          "id2label has one label: two or more can exclude each other");
	return true;
}

static bool read_document(struct hf_config *config, struct ngram_shape *shape, struct error *error)
{
	RETURN_IF(!json_is_object(config->document), error, ERROR_DATA, "not a JSON object");
	return read_shape(config->document, shape, error) && config_read_labels(config, NULL, error) &&
	       read_problem(config, error) && config_own_read(config->document, &config->model.own, error) &&
	       config_own_fits(&config->model, error);
}

bool ngram_config_read(const char *folder, struct hf_config *config, struct ngram_shape *shape, struct error *error)
{
	char path[PATH_MAX];

	*config = (struct hf_config){0};
	if (!path_join(path, sizeof path, folder, "config.json", error))
		return false;
	config->document = json_read(path, CONFIG_BYTES_MAX, error);
	if (!config->document)
		return false;
	return read_document(config, shape, error) || error_prefix(error, "%s", path);
}

static bool set(json_t *out, const char *name, json_t *value)
{
	return json_object_set_new(out, name, value) == 0;
}

static bool fill_document(json_t *out, const struct model_config *model, const char *const *labels,
                          const struct ngram_shape *shape, struct error *error)
{
	const char *problem = model->independent_labels ? "multi_label_classification" : "single_label_classification";

	if (!set(out, "model_type", json_string(NGRAM_TYPE)) ||
	    !set(out, SHAPE_KEY, json_pack("{s:i, s:i, s:i}", "version", NGRAM_VERSION, "words", (int)shape->words, "buckets",
	                                   1 << shape->bits)) ||
	    !set(out, "problem_type", json_string(problem)) || !config_own_set(out, &model->own))
		return error_memory(error, "writing config.json");
	return config_set_labels(out, model, labels, error);
}

bool ngram_config_write(const char *folder, const struct model_config *model, const char *const *labels,
                        const struct ngram_shape *shape, const json_t *base, struct error *error)
{
	json_t *out = base ? json_deep_copy(base) : json_object();
	char path[PATH_MAX];
	bool done;

	/* Jansson does not always say that it had no memory for some of the members. */
	if (!json_is_object(out) || (base && !json_equal(base, out))) {
		json_decref(out);
		return error_memory(error, "writing config.json");
	}
	done = path_join(path, sizeof path, folder, "config.json", error) && fill_document(out, model, labels, shape, error) &&
	       config_write_document(path, out, error);
	json_decref(out);
	return done;
}
