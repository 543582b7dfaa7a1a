/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/special.h"

#include "engine/base/json.h"

#include <inttypes.h>
#include <stdlib.h>

/* The special tokens that every BERT tokenizer has, and what they are where the files are silent. */
static const struct {
	const char *key, *otherwise;
} named_tokens[] = {
	{"unk_token", "[UNK]"}, {"cls_token", "[CLS]"},   {"sep_token", "[SEP]"},
	{"pad_token", "[PAD]"}, {"mask_token", "[MASK]"},
};

/* lstrip, rstrip, single_word, normalized and special of a token. */
static bool read_flags(const json_t *object, struct added_token *token, struct error *error)
{
	return json_read_flag(object, "special", false, &token->special, error) &&
	       json_read_flag(object, "single_word", false, &token->single_word, error) &&
	       json_read_flag(object, "lstrip", false, &token->lstrip, error) &&
	       json_read_flag(object, "rstrip", false, &token->rstrip, error) &&
	       json_read_flag(object, "normalized", !token->special, &token->normalized, error);
}

/* That a token may have this id, which is put into it. */
static bool check_id(const struct tokenizer *tokenizer, struct added_token *token, json_int_t id, struct error *error)
{
	const char *name = token->name;
	int32_t known;

	RETURN_IF(!name || !*name, error, ERROR_DATA, "an added token without \"content\"");
	RETURN_IF(id < 0 || id >= PIECES_MAX, error, ERROR_DATA, "the added token \"%.64s\" has no id from 0 to %d", name,
	          PIECES_MAX - 1);
	known = pieces_find(&tokenizer->model.pieces, span_of(name));
	RETURN_IF(known >= 0 && known != id, error, ERROR_DATA,
	          "the added token \"%.64s\" has the id %" JSON_INTEGER_FORMAT ", in the vocabulary it is %" PRId32, name, id,
	          known);
	RETURN_IF(known < 0 && pieces_text(&tokenizer->model.pieces, (int32_t)id).size, error, ERROR_DATA,
	          "the added token \"%.64s\" has the id %" JSON_INTEGER_FORMAT " of \"%.64s\"", name, id,
	          pieces_text(&tokenizer->model.pieces, (int32_t)id).data);
	token->id = (int32_t)id;
	return true;
}

static bool load_added(struct tokenizer *tokenizer, const json_t *object, json_int_t id, struct error *error)
{
	struct added_token token = {
		.name = (char *)(uintptr_t)json_string_value(json_object_get(object, "content")),
	};

	return check_id(tokenizer, &token, id, error) && read_flags(object, &token, error) &&
	       added_tokens_add(&tokenizer->added, token, error);
}

/* The added tokens of tokenizer.json (an array), of tokenizer_config.json (an object by id). */
static bool load_added_tokens(struct tokenizer *tokenizer, const json_t *tokens, struct error *error)
{
	json_t *copy = (json_t *)(uintptr_t)tokens, *token;
	const char *key;
	size_t index;

	RETURN_IF(copy && !json_is_array(copy) && !json_is_object(copy), error, ERROR_DATA,
	          "the added tokens should be a list");
	json_array_foreach (copy, index, token) {
		const json_t *id = json_object_get(token, "id");

		if (!load_added(tokenizer, token, json_is_integer(id) ? json_integer_value(id) : -1, error))
			return false;
	}
	json_object_foreach (copy, key, token) {
		char *end;
		long long id = strtoll(key, &end, 10);

		if (!load_added(tokenizer, token, *key && !*end ? id : -1, error))
			return false;
	}
	return true;
}

/* Special tokens are matched literally; those that have no id cannot be. */
static bool add_special(struct tokenizer *tokenizer, const char *name, const json_t *flags, struct error *error)
{
	struct added_token token = {.name = (char *)(uintptr_t)name};

	token.id = name ? tokenizer_find(tokenizer, name) : -1;
	if (token.id < 0)
		return true;
	if (json_is_object(flags) && !read_flags(flags, &token, error))
		return false;
	token.special = true;
	return added_tokens_add(&tokenizer->added, token, error);
}

/* A list of tokens, or an object of them by names that nobody uses. */
static bool add_special_list(struct tokenizer *tokenizer, const json_t *names, struct error *error)
{
	json_t *copy = (json_t *)(uintptr_t)names, *name;
	const char *key;
	size_t index;

	json_array_foreach (copy, index, name)
		if (!add_special(tokenizer, token_name(name), name, error))
			return false;
	json_object_foreach (copy, key, name)
		if (!add_special(tokenizer, token_name(name), name, error))
			return false;
	return true;
}

/* "mask_token", "entity_token", ...: every member with such a name is a special token. */
static bool is_token_key(const char *key)
{
	static const char ending[] = "_token";
	size_t size = strlen(key);

	return size >= sizeof ending && strcmp(key + size - (sizeof ending - 1), ending) == 0;
}

static bool add_named(struct tokenizer *tokenizer, const struct sources *sources, const json_t *object,
                      struct error *error)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
		const json_t *counts = sources_token(sources, key);

		if (is_token_key(key) && !add_special(tokenizer, token_name(counts), counts, error))
			return false;
	}
	return true;
}

/* The other special tokens of tokenizer_config.json: under the newer name, where that is empty under the older one. */
static const json_t *extra_tokens(const struct sources *sources)
{
	const json_t *extra = json_object_get(sources->config, "extra_special_tokens");
	const json_t *older = json_object_get(sources->config, "additional_special_tokens");

	return (json_array_size(extra) > 0 || json_object_size(extra) > 0) || !older ? extra : older;
}

static bool add_extra(struct tokenizer *tokenizer, const struct sources *sources, struct error *error)
{
	const json_t *extra = extra_tokens(sources);
	const json_t *map = json_object_get(sources->config, "added_tokens_decoder") ? NULL : sources->map;

	if (!add_special_list(tokenizer, extra, error) ||
	    !add_special_list(tokenizer, json_object_get(map, "extra_special_tokens"), error))
		return false;
	return json_is_array(extra) ||
	       add_special_list(tokenizer, sources_token(sources, "additional_special_tokens"), error);
}

static bool is_called(const json_t *value, const char *name)
{
	return token_name(value) && strcmp(token_name(value), name) == 0;
}

/* Whether the files call a token of added_tokens.json special. */
static bool is_special(const struct sources *sources, const char *name)
{
	const json_t *extra = extra_tokens(sources);
	const char *key;
	json_t *value;

	for (size_t i = 0; i < json_array_size(extra); i++)
		if (is_called(json_array_get(extra, i), name))
			return true;
	json_object_foreach (sources->map, key, value)
		if (is_token_key(key) && is_called(value, name))
			return true;
	json_object_foreach (sources->config, key, value)
		if (is_token_key(key) && is_called(sources_token(sources, key), name))
			return true;
	return false;
}

static bool load_old(struct tokenizer *tokenizer, const char *name, const json_t *id, bool special,
                     struct error *error)
{
	struct added_token token = {.name = (char *)(uintptr_t)name, .normalized = !special, .special = special};

	return check_id(tokenizer, &token, json_is_integer(id) ? json_integer_value(id) : -1, error) &&
	       added_tokens_add(&tokenizer->added, token, error);
}

/* added_tokens.json of old folders: {"token": id}. */
static bool add_old(struct tokenizer *tokenizer, const struct sources *sources, struct error *error)
{
	const char *name;
	json_t *id;

	json_object_foreach (sources->added, name, id)
		if (!load_old(tokenizer, name, id, is_special(sources, name), error))
			return error_prefix(error, "added_tokens.json");
	return true;
}

/* Those that only the class knows, or the padding that tokenizer.json was saved with. */
static bool add_silent(struct tokenizer *tokenizer, const struct sources *sources, bool rebuild, struct error *error)
{
	const json_t *padding = json_object_get(sources->json, "padding");

	if (!rebuild)
		return sources_token(sources, "pad_token") ||
		       add_special(tokenizer, json_string_value(json_object_get(padding, "pad_token")), NULL, error);
	for (size_t i = 0; i < sizeof named_tokens / sizeof *named_tokens; i++)
		if (!sources_token(sources, named_tokens[i].key) &&
		    !add_special(tokenizer, named_tokens[i].otherwise, NULL, error))
			return false;
	return true;
}

bool special_tokens_load(struct tokenizer *tokenizer, const struct sources *sources, bool rebuild, struct error *error)
{
	const json_t *decoder = json_object_get(sources->config, "added_tokens_decoder");
	const json_t *map = decoder ? NULL : sources->map;

	if (decoder && !load_added_tokens(tokenizer, decoder, error))
		return error_prefix(error, "tokenizer_config.json");
	if ((!decoder || !rebuild) &&
	    !load_added_tokens(tokenizer, json_object_get(sources->json, "added_tokens"), error))
		return error_prefix(error, "tokenizer.json");
	if (!decoder && !add_old(tokenizer, sources, error))
		return false;
	return added_tokens_check_ids(&tokenizer->added, tokenizer->model.pieces.count, error) &&
	       add_named(tokenizer, sources, map, error) && add_named(tokenizer, sources, sources->config, error) &&
	       add_silent(tokenizer, sources, rebuild, error) && add_extra(tokenizer, sources, error);
}

bool special_token_find(const struct tokenizer *tokenizer, const struct sources *sources, const char *key, int32_t *id,
                        struct error *error)
{
	const json_t *value = sources_token(sources, key);
	const char *name = token_name(value);

	for (size_t i = 0; !value && i < sizeof named_tokens / sizeof *named_tokens; i++)
		if (strcmp(named_tokens[i].key, key) == 0)
			name = named_tokens[i].otherwise;
	RETURN_IF(!name, error, ERROR_DATA, "tokenizer_config.json: %s names no token", key);
	*id = tokenizer_find(tokenizer, name);
	RETURN_IF(*id < 0, error, ERROR_DATA, "the vocabulary has no \"%.64s\"", name);
	return true;
}
