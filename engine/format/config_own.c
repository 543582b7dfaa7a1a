/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/config_own.h"

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

bool config_own_read(const json_t *document, struct model_own *own, struct error *error)
{
	const json_t *object = json_object_get(document, CONFIG_OWN_KEY);

	*own = (struct model_own){0};
	if (!object || json_is_null(object))
		return true;
	RETURN_IF(!json_is_object(object), error, ERROR_DATA, CONFIG_OWN_KEY ": is not an object");
	return read_temperature(object, own, error);
}

bool config_own_set(json_t *document, const struct model_own *own)
{
	json_t *object = json_object();
	bool done = object != NULL;

	if (done && own->temperature > 0)
		done = json_object_set_new(object, "temperature", json_real(own->temperature)) == 0;
	json_object_del(document, CONFIG_OWN_KEY);
	if (done && json_object_size(object) > 0)
		done = json_object_set(document, CONFIG_OWN_KEY, object) == 0;
	json_decref(object);
	return done;
}
