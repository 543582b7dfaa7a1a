/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/sources.h"

#include "engine/base/file.h"
#include "engine/base/json.h"

#include <limits.h>

#define FILE_LIMIT ((size_t)256 << 20)

void sources_free(struct sources *sources)
{
	json_decref(sources->json);
	json_decref(sources->config);
	json_decref(sources->map);
	json_decref(sources->added);
	json_decref(sources->model);
}

static bool read_optional(const char *folder, const char *name, json_t **out, struct error *error)
{
	char path[PATH_MAX];

	if (!path_join(path, sizeof path, folder, name, error))
		return false;
	if (!file_exists(path))
		return true;
	*out = json_read(path, FILE_LIMIT, error);
	RETURN_IF(*out && !json_is_object(*out), error, ERROR_DATA, "%s: should be a JSON object", path);
	return *out != NULL;
}

bool sources_read(struct sources *sources, const char *folder, struct error *error)
{
	return read_optional(folder, "tokenizer.json", &sources->json, error) &&
	       read_optional(folder, "tokenizer_config.json", &sources->config, error) &&
	       read_optional(folder, "special_tokens_map.json", &sources->map, error) &&
	       read_optional(folder, "added_tokens.json", &sources->added, error) &&
	       read_optional(folder, "config.json", &sources->model, error);
}

const char *token_name(const json_t *value)
{
	return json_string_value(json_is_object(value) ? json_object_get(value, "content") : value);
}

const json_t *sources_token(const struct sources *sources, const char *key)
{
	const json_t *value = NULL;

	if (!json_object_get(sources->config, "added_tokens_decoder"))
		value = json_object_get(sources->map, key);
	return value ? value : json_object_get(sources->config, key);
}
