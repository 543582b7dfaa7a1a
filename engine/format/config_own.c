/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/config_own.h"

#include "engine/base/json.h"
#include "engine/words.h"

#include <stdlib.h>
#include <string.h>

#define CONFIG_LENGTH_MAX 65536 /* what --max-length allows */

static const char *const poolings[] = {"mean", "max"};

bool pooling_find(const char *name, enum pooling *pooling)
{
	for (int i = POOLING_MEAN; i <= POOLING_MAX; i++)
		if (strcmp(name, poolings[i]) == 0) {
			*pooling = (enum pooling)i;
			return true;
		}
	return false;
}

static bool read_temperature(const json_t *object, struct model_own *own, struct error *error)
{
	const json_t *value = json_object_get(object, "temperature");

	if (!value)
		return true;
	RETURN_IF(!json_is_number(value) || !(json_number_value(value) >= 0.01) || !(json_number_value(value) <= 100), error,
	          ERROR_DATA, CONFIG_OWN_KEY ": temperature: a number from 0.01 to 100 is needed");
	own->temperature = json_number_value(value);
	return true;
}

/* An integer of the object, 0 where there is none. */
static bool read_count(const json_t *object, const char *name, int32_t most, int32_t *out, struct error *error)
{
	const json_t *value = json_object_get(object, name);
	json_int_t number = json_integer_value(value);

	RETURN_IF(value && (!json_is_integer(value) || number < 0 || number > most), error, ERROR_DATA,
	          CONFIG_OWN_KEY ": %s: a whole number from 0 to %d is needed", name, (int)most);
	*out = (int32_t)number;
	return true;
}

static bool read_stride(const json_t *object, double *stride, struct error *error)
{
	const json_t *value = json_object_get(object, "stride");

	RETURN_IF(value && (!json_is_number(value) || !(json_number_value(value) > 0) ||
	                    !(json_number_value(value) <= CONFIG_LENGTH_MAX)), error, ERROR_DATA,
	          CONFIG_OWN_KEY ": stride: a number above 0, at most %d, is needed", CONFIG_LENGTH_MAX);
	*stride = json_number_value(value);
	return true;
}

static bool read_pooling(const json_t *object, enum pooling *pooling, struct error *error)
{
	const json_t *value = json_object_get(object, "pooling");
	const char *word = json_string_value(value);

	RETURN_IF(value && !(word && pooling_find(word, pooling)), error, ERROR_DATA,
	          CONFIG_OWN_KEY ": pooling: one of " POOLING_WORDS " is needed");
	return true;
}

static bool read_reading(const json_t *object, struct model_reading *reading, struct error *error)
{
	const json_t *value = json_object_get(object, "truncation");
	const char *word = json_string_value(value);
	struct cut *cut = &reading->cut;

	RETURN_IF(value && !(word && truncation_find(word, &cut->truncation)), error, ERROR_DATA,
	          CONFIG_OWN_KEY ": truncation: one of " TRUNCATION_WORDS " is needed");
	return read_count(object, "max_length", CONFIG_LENGTH_MAX, &cut->max_length, error) &&
	       read_count(object, "head_tokens", CONFIG_LENGTH_MAX, &cut->head_tokens, error) &&
	       read_count(object, "max_windows", INT32_MAX, &cut->max_windows, error) &&
	       read_stride(object, &cut->stride, error) && read_pooling(object, &reading->pooling, error);
}

static bool read_thresholds(const json_t *object, struct model_own *own, struct error *error)
{
	const json_t *values = json_object_get(object, "thresholds");
	size_t count = json_array_size(values);

	if (!values)
		return true;
	RETURN_IF(!json_is_array(values) || count < 1 || count > MODEL_THRESHOLDS_MAX, error, ERROR_DATA,
	          CONFIG_OWN_KEY ": thresholds: a list of 1 to %d numbers is needed", MODEL_THRESHOLDS_MAX);
	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_array_get(values, i);
		RETURN_IF(!json_is_number(value) || !(json_number_value(value) >= 0) || !(json_number_value(value) <= 1), error,
		          ERROR_DATA, CONFIG_OWN_KEY ": thresholds: number %zu is not from 0 to 1", i + 1);
		own->thresholds[i] = (float)json_number_value(value);
	}
	own->threshold_count = (int32_t)count;
	return true;
}

static bool read_base(const json_t *object, struct model_own *own, struct error *error)
{
	const json_t *type = json_object_get(object, "bnb_4bit_quant_type");
	const char *word = json_string_value(type);

	if (!json_read_flag(object, "load_in_4bit", false, &own->load_in_4bit, error) ||
	    !json_read_flag(object, "bnb_4bit_use_double_quant", false, &own->base.double_quant, error))
		return error_prefix(error, CONFIG_OWN_KEY);
	own->base.fp4 = word && strcmp(word, "fp4") == 0;
	RETURN_IF(type && !(word && (own->base.fp4 || strcmp(word, "nf4") == 0)), error, ERROR_DATA,
	          CONFIG_OWN_KEY ": bnb_4bit_quant_type: one of fp4|nf4 is needed");
	return true;
}

bool config_own_fits(const struct model_config *model, struct error *error)
{
	int32_t count = model->own.threshold_count, wanted = model->independent_labels ? model->num_labels : 1;

	RETURN_IF(count > 0 && !model->independent_labels && model->num_labels != 2, error, ERROR_DATA,
	          CONFIG_OWN_KEY ": thresholds: a model with one of %d labels a review has none", (int)model->num_labels);
	RETURN_IF(count > 0 && count != wanted, error, ERROR_DATA,
	          CONFIG_OWN_KEY ": thresholds: %d where the labels of the model want %d", (int)count, (int)wanted);
	return true;
}

static json_t *thresholds_to_json(const struct model_own *own)
{
	json_t *values = json_array();
	bool done = values != NULL;

	for (int32_t i = 0; done && i < own->threshold_count; i++) /* as short as it reads back */
		done = json_array_append_new(values, json_real(strtod(words_float(own->thresholds[i]).text, NULL))) == 0;
	return json_complete(values, done);
}

bool config_own_read(const json_t *document, struct model_own *own, struct error *error)
{
	const json_t *object = json_object_get(document, CONFIG_OWN_KEY);

	*own = (struct model_own){0};
	if (!object || json_is_null(object))
		return true;
	RETURN_IF(!json_is_object(object), error, ERROR_DATA, CONFIG_OWN_KEY ": is not an object");
	return read_temperature(object, own, error) && read_reading(object, &own->reading, error) &&
	       read_thresholds(object, own, error) && read_base(object, own, error);
}

static bool set(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0;
}

/* Only what means something to its truncation, so that nothing contradicts another. */
static bool set_reading(json_t *object, const struct model_reading *reading)
{
	const struct cut *cut = &reading->cut;
	bool windows = cut->truncation == TRUNCATION_WINDOWS;

	return (cut->truncation == TRUNCATION_HEAD ||
	        set(object, "truncation", json_string(truncation_name(cut->truncation)))) &&
	       (cut->max_length == 0 || set(object, "max_length", json_integer(cut->max_length))) &&
	       (cut->truncation != TRUNCATION_HEAD_TAIL || cut->head_tokens == 0 ||
	        set(object, "head_tokens", json_integer(cut->head_tokens))) &&
	       (!windows || (set(object, "stride", json_real(cut->stride > 0 ? cut->stride : CUT_STRIDE)) &&
	                     set(object, "pooling", json_string(poolings[reading->pooling])))) &&
	       (!windows || cut->max_windows == 0 || set(object, "max_windows", json_integer(cut->max_windows)));
}

static bool set_base(json_t *object, const struct model_own *own)
{
	return !own->load_in_4bit ||
	       (set(object, "load_in_4bit", json_true()) &&
	        set(object, "bnb_4bit_quant_type", json_string(own->base.fp4 ? "fp4" : "nf4")) &&
	        set(object, "bnb_4bit_use_double_quant", json_boolean(own->base.double_quant)));
}

bool config_own_set(json_t *document, const struct model_own *own)
{
	json_t *object = json_object();
	bool done = object != NULL;

	if (done && own->temperature > 0)
		done = json_object_set_new(object, "temperature", json_real(own->temperature)) == 0;
	done = done && set_reading(object, &own->reading) && set_base(object, own);
	if (done && own->threshold_count > 0)
		done = json_object_set_new(object, "thresholds", thresholds_to_json(own)) == 0;
	json_object_del(document, CONFIG_OWN_KEY);
	if (done && json_object_size(object) > 0)
		done = json_object_set(document, CONFIG_OWN_KEY, object) == 0;
	json_decref(object);
	return done;
}
