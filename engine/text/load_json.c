/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tokenizer.json: every member that would change ids is understood or refused by its name. `truncation`,
 * `padding` and `decoder` do not: Hugging Face overrides the first two on every call. */
#include "engine/text/tokenizer_parts.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *type_of(const json_t *part)
{
	const char *type = json_string_value(json_object_get(part, "type"));

	return type ? type : "without a type";
}

bool tokenizer_read_flag(const json_t *object, const char *name, bool otherwise, bool *out, struct error *error)
{
	const json_t *value = json_object_get(object, name);

	*out = value && !json_is_null(value) ? json_is_true(value) : otherwise;
	RETURN_IF(value && !json_is_boolean(value) && !json_is_null(value), error, ERROR_DATA,
	          "\"%s\" should be true or false", name);
	return true;
}

/* A part may stand alone or as the only one of a Sequence; NULL when there is none. */
static bool unwrap(const json_t *part, const char *list, const char *wanted, const json_t **out,
                   struct error *error)
{
	if (!part || json_is_null(part)) {
		*out = NULL;
		return true;
	}
	if (strcmp(type_of(part), "Sequence") == 0) {
		const json_t *parts = json_object_get(part, list);

		for (size_t i = 0; i < json_array_size(parts); i++)
			RETURN_IF(strcmp(type_of(json_array_get(parts, i)), wanted) != 0, error, ERROR_DATA,
			          "%s %.64s is not known, only %s", list, type_of(json_array_get(parts, i)), wanted);
		RETURN_IF(json_array_size(parts) != 1, error, ERROR_DATA, "a Sequence of %zu %s, only one %s is known",
		          json_array_size(parts), list, wanted);
		part = json_array_get(parts, 0);
	}
	RETURN_IF(strcmp(type_of(part), wanted) != 0, error, ERROR_DATA, "%s %.64s is not known, only %s", list,
	          type_of(part), wanted);
	*out = part;
	return true;
}

static bool load_normalizer(struct tokenizer *tokenizer, const json_t *document, struct error *error)
{
	struct normal_options *normal = &tokenizer->normal;
	const json_t *part;

	if (!unwrap(json_object_get(document, "normalizer"), "normalizers", "BertNormalizer", &part, error))
		return false;
	*normal = (struct normal_options){0};
	if (!part)
		return true;
	return tokenizer_read_flag(part, "clean_text", true, &normal->clean_text, error) &&
	       tokenizer_read_flag(part, "handle_chinese_chars", true, &normal->ideographs, error) &&
	       tokenizer_read_flag(part, "lowercase", true, &normal->lowercase, error) &&
	       tokenizer_read_flag(part, "strip_accents", normal->lowercase, &normal->strip_accents, error);
}

static bool load_pretokenizer(const json_t *document, bool rebuild, struct error *error)
{
	const json_t *part;

	if (!unwrap(json_object_get(document, "pre_tokenizer"), "pretokenizers", "BertPreTokenizer", &part, error))
		return false;
	RETURN_IF(!part && !rebuild, error, ERROR_DATA, "there is no pre_tokenizer, only BertPreTokenizer is known");
	return true;
}

/* -1: not an id that a piece may have. */
static int32_t read_id(const json_t *value)
{
	json_int_t id = json_is_integer(value) ? json_integer_value(value) : -1;

	return id >= 0 && id < PIECES_MAX ? (int32_t)id : -1;
}

/* What stands at `index` of a template: {"id", "type_id"} of a "SpecialToken" or a "Sequence", NULL when it is something
 * else, or of another type than 0, which is the only one that a review has. */
static const json_t *template_place(const json_t *processor, size_t index, const char *kind)
{
	const json_t *place = json_object_get(json_array_get(json_object_get(processor, "single"), index), kind);

	return json_integer_value(json_object_get(place, "type_id")) == 0 ? place : NULL;
}

/* The id of the special token that stands at `index` of a template, -1 when something else stands there. */
static int32_t template_id(const json_t *processor, size_t index)
{
	const char *name = json_string_value(json_object_get(template_place(processor, index, "SpecialToken"), "id"));
	const json_t *ids;

	if (!name)
		return -1;
	ids = json_object_get(json_object_get(json_object_get(processor, "special_tokens"), name), "ids");
	return json_array_size(ids) == 1 ? read_id(json_array_get(ids, 0)) : -1;
}

/* [CLS] A [SEP], in one of the two ways that it can be said. */
static bool load_processor(struct tokenizer *tokenizer, const json_t *document, bool rebuild,
                           struct error *error)
{
	const json_t *part = json_object_get(document, "post_processor");

	if (rebuild && (!part || json_is_null(part)))
		return true;
	RETURN_IF(!part || json_is_null(part), error, ERROR_DATA, "there is no post_processor that adds [CLS] and [SEP]");
	if (strcmp(type_of(part), "BertProcessing") == 0) {
		tokenizer->cls = read_id(json_array_get(json_object_get(part, "cls"), 1));
		tokenizer->sep = read_id(json_array_get(json_object_get(part, "sep"), 1));
		RETURN_IF(tokenizer->cls < 0 || tokenizer->sep < 0, error, ERROR_DATA,
		          "BertProcessing should have \"cls\" and \"sep\", each a token and its id");
		return true;
	}
	RETURN_IF(strcmp(type_of(part), "TemplateProcessing") != 0, error, ERROR_DATA,
	          "post_processor %.64s is not known, only TemplateProcessing and BertProcessing", type_of(part));
	tokenizer->cls = template_id(part, 0);
	tokenizer->sep = template_id(part, 2);
	RETURN_IF(json_array_size(json_object_get(part, "single")) != 3 || tokenizer->cls < 0 || tokenizer->sep < 0 ||
	                  !template_place(part, 1, "Sequence"),
	          error, ERROR_DATA, "the template is not [CLS] A [SEP], all of type 0");
	return true;
}

static bool load_vocabulary(struct tokenizer *tokenizer, const json_t *model, struct error *error)
{
	json_t *vocabulary = json_object_get(model, "vocab"), *id;
	const char *piece;

	RETURN_IF(!json_is_object(vocabulary), error, ERROR_DATA, "\"vocab\" should be an object of pieces and ids");
	json_object_foreach (vocabulary, piece, id) {
		json_int_t value = json_integer_value(id);

		RETURN_IF(!json_is_integer(id) || value < 0 || value >= PIECES_MAX, error, ERROR_DATA,
		          "the id of \"%.64s\" should be a whole number from 0 to %d", piece, PIECES_MAX - 1);
		if (*piece && !pieces_add(&tokenizer->pieces, span_of(piece), (int32_t)value, error))
			return false;
	}
	return true;
}

static bool load_model(struct tokenizer *tokenizer, const json_t *document, struct error *error)
{
	const json_t *model = json_object_get(document, "model");
	const json_t *type = json_object_get(model, "type"), *most = json_object_get(model, "max_input_chars_per_word");
	const char *prefix = json_string_value(json_object_get(model, "continuing_subword_prefix"));
	const char *unknown = json_string_value(json_object_get(model, "unk_token"));

	RETURN_IF(!json_is_object(model), error, ERROR_DATA, "there is no \"model\": not a tokenizer.json");
	/* Old files leave the type out; then only WordPiece has a limit for words. */
	RETURN_IF(type ? strcmp(type_of(model), "WordPiece") != 0 : !most, error, ERROR_DATA,
	          "a tokenizer of kind %.64s; only WordPiece is known", type_of(model));
	RETURN_IF(!unknown, error, ERROR_DATA, "the model has no \"unk_token\"");
	RETURN_IF(prefix && strlen(prefix) > PREFIX_MAX, error, ERROR_DATA,
	          "\"continuing_subword_prefix\" is longer than %d bytes", PREFIX_MAX);
	RETURN_IF(most && (json_integer_value(most) < 1 || json_integer_value(most) > WORD_CHARS_MAX), error, ERROR_DATA,
	          "\"max_input_chars_per_word\" should be a whole number from 1 to %d", WORD_CHARS_MAX);
	if (prefix) {
		tokenizer->prefix_size = strlen(prefix);
		memcpy(tokenizer->prefix, prefix, tokenizer->prefix_size + 1);
	}
	if (most)
		tokenizer->max_word_chars = (int32_t)json_integer_value(most);
	if (!load_vocabulary(tokenizer, model, error))
		return false;
	tokenizer->unknown = pieces_find(&tokenizer->pieces, span_of(unknown));
	RETURN_IF(tokenizer->unknown < 0, error, ERROR_DATA, "the vocabulary has no unknown token \"%.64s\"", unknown);
	return true;
}

bool tokenizer_load_json(struct tokenizer *tokenizer, const json_t *document, bool rebuild, struct error *error)
{
	return load_model(tokenizer, document, error) && load_normalizer(tokenizer, document, error) &&
	       load_pretokenizer(document, rebuild, error) && load_processor(tokenizer, document, rebuild, error);
}

bool tokenizer_read_token_flags(const json_t *object, struct added_token *token, struct error *error)
{
	return tokenizer_read_flag(object, "special", false, &token->special, error) &&
	       tokenizer_read_flag(object, "single_word", false, &token->single_word, error) &&
	       tokenizer_read_flag(object, "lstrip", false, &token->lstrip, error) &&
	       tokenizer_read_flag(object, "rstrip", false, &token->rstrip, error) &&
	       tokenizer_read_flag(object, "normalized", !token->special, &token->normalized, error);
}

/* That a token may have this id, which is put into it. */
static bool check_id(const struct tokenizer *tokenizer, struct added_token *token, json_int_t id, struct error *error)
{
	const char *name = token->name;
	int32_t known;

	RETURN_IF(!name || !*name, error, ERROR_DATA, "an added token without \"content\"");
	RETURN_IF(id < 0 || id >= PIECES_MAX, error, ERROR_DATA, "the added token \"%.64s\" has no id from 0 to %d", name,
	          PIECES_MAX - 1);
	known = pieces_find(&tokenizer->pieces, span_of(name));
	RETURN_IF(known >= 0 && known != id, error, ERROR_DATA,
	          "the added token \"%.64s\" has the id %" JSON_INTEGER_FORMAT ", in the vocabulary it is %" PRId32, name, id,
	          known);
	RETURN_IF(known < 0 && pieces_text(&tokenizer->pieces, (int32_t)id).size, error, ERROR_DATA,
	          "the added token \"%.64s\" has the id %" JSON_INTEGER_FORMAT " of \"%.64s\"", name, id,
	          pieces_text(&tokenizer->pieces, (int32_t)id).data);
	token->id = (int32_t)id;
	return true;
}

static bool load_added(struct tokenizer *tokenizer, const json_t *object, json_int_t id, struct error *error)
{
	struct added_token token = {
		.name = (char *)(uintptr_t)json_string_value(json_object_get(object, "content")),
	};

	return check_id(tokenizer, &token, id, error) && tokenizer_read_token_flags(object, &token, error) &&
	       added_tokens_add(&tokenizer->added, token, error);
}

bool tokenizer_load_old(struct tokenizer *tokenizer, const char *name, const json_t *id, bool special,
                        struct error *error)
{
	struct added_token token = {.name = (char *)(uintptr_t)name, .normalized = !special, .special = special};

	return check_id(tokenizer, &token, json_is_integer(id) ? json_integer_value(id) : -1, error) &&
	       added_tokens_add(&tokenizer->added, token, error);
}

bool tokenizer_load_added(struct tokenizer *tokenizer, const json_t *tokens, struct error *error)
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
