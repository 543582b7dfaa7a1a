/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a model folder to a tokenizer, with the precedence of transformers 5 (checked against it in
 * tests/golden): the classes BertTokenizer and DistilBertTokenizer, also assumed where no class is named, take
 * only the pieces and added tokens from tokenizer.json and everything else from tokenizer_config.json or their
 * defaults, whatever tokenizer.json says; the class PreTrainedTokenizerFast takes tokenizer.json as it is. */
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/text/tokenizer_parts.h"
#include "engine/text/unicode.h"

#include <stdlib.h>
#include <strings.h>

#define FILE_LIMIT ((size_t)256 << 20)

static const char *const rebuilding_classes[] = {
	"BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "DistilBertTokenizerFast",
};
static const char *const plain_classes[] = {"PreTrainedTokenizerFast", "TokenizersBackend"};

/* The special tokens that every BERT tokenizer has, and what they are where the files are silent. */
static const struct {
	const char *key, *otherwise;
} named_tokens[] = {
	{"unk_token", "[UNK]"}, {"cls_token", "[CLS]"},   {"sep_token", "[SEP]"},
	{"pad_token", "[PAD]"}, {"mask_token", "[MASK]"},
};
enum { NAMED_UNK, NAMED_CLS, NAMED_SEP, NAMED_COUNT = sizeof named_tokens / sizeof *named_tokens };

/* The files of a folder, read; a member is NULL where there is no such file. */
struct sources {
	json_t *json, *config, *map, *added;
};

static void sources_free(struct sources *sources)
{
	json_decref(sources->json);
	json_decref(sources->config);
	json_decref(sources->map);
	json_decref(sources->added);
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

static bool sources_read(struct sources *sources, const char *folder, struct error *error)
{
	return read_optional(folder, "tokenizer.json", &sources->json, error) &&
	       read_optional(folder, "tokenizer_config.json", &sources->config, error) &&
	       read_optional(folder, "special_tokens_map.json", &sources->map, error) &&
	       read_optional(folder, "added_tokens.json", &sources->added, error);
}

static bool one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Whether the class makes everything but the vocabulary anew. */
static bool choose_class(const struct sources *sources, bool *rebuild, struct error *error)
{
	const char *name = json_string_value(json_object_get(sources->config, "tokenizer_class"));
	const size_t known = sizeof rebuilding_classes / sizeof *rebuilding_classes;

	*rebuild = true;
	if (!name || one_of(name, rebuilding_classes, known))
		return true;
	RETURN_IF(!one_of(name, plain_classes, sizeof plain_classes / sizeof *plain_classes), error, ERROR_DATA,
	          "tokenizer_config.json: a tokenizer of class %.64s; only BertTokenizer and DistilBertTokenizer are known",
	          name);
	*rebuild = !sources->json;
	return true;
}

static bool is_utf8(struct span text)
{
	const unsigned char *at = (const unsigned char *)text.data, *end = at + text.size;

	while (at < end) {
		const unsigned char *start = at;

		/* A real U+FFFD has three bytes and begins with EF. */
		if (unicode_decode(&at, end) == UNICODE_REPLACEMENT && (at - start != 3 || *start != 0xEF))
			return false;
	}
	return true;
}

struct span tokenizer_trim_end(struct span line)
{
	const unsigned char *start = (const unsigned char *)line.data;

	while (line.size > 0) {
		size_t from = line.size - 1;
		const unsigned char *at;
		uint8_t kind;

		while (from > 0 && (start[from] & 0xC0) == 0x80)
			from--;
		at = start + from;
		kind = unicode_classify(unicode_decode(&at, start + line.size)).kind;
		if (kind != KIND_SPACE && kind != KIND_CONTROL_SPACE)
			break;
		line.size = from;
	}
	return line;
}

/* One piece a line, the id is the number of the line counted from 0. An empty line is an id without a piece. */
static bool read_lines(struct tokenizer *tokenizer, struct span text, struct error *error)
{
	size_t at = text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

	for (int32_t id = 0; at < text.size; id++) {
		const char *newline = memchr(text.data + at, '\n', text.size - at);
		size_t size = newline ? (size_t)(newline - (text.data + at)) : text.size - at;
		struct span line = tokenizer_trim_end((struct span){text.data + at, size});

		at += size + 1;
		RETURN_IF(id == PIECES_MAX, error, ERROR_DATA, "more than %d lines", PIECES_MAX);
		RETURN_IF(line.size && memchr(line.data, '\0', line.size), error, ERROR_DATA, "line %d: holds a NUL byte",
		          id + 1);
		RETURN_IF(!is_utf8(line), error, ERROR_DATA, "line %d: not UTF-8", id + 1);
		if (line.size && !pieces_add(&tokenizer->pieces, line, id, error))
			return error_prefix(error, "line %d", id + 1);
	}
	return true;
}

static bool load_text(struct tokenizer *tokenizer, const char *folder, struct error *error)
{
	char path[PATH_MAX];
	size_t size;
	char *text;
	bool done;

	if (!path_join(path, sizeof path, folder, "vocab.txt", error))
		return false;
	RETURN_IF(!file_exists(path), error, ERROR_IO, "%s: neither tokenizer.json nor vocab.txt is there", folder);
	text = file_read(path, FILE_LIMIT, &size, error);
	if (!text)
		return false;
	done = read_lines(tokenizer, (struct span){text, size}, error) || error_prefix(error, "%s", path);
	free(text);
	return done;
}

/* A special token is named by a string or by an object with "content". */
static const char *token_name(const json_t *value)
{
	return json_string_value(json_is_object(value) ? json_object_get(value, "content") : value);
}

/* What the files say of a token: special_tokens_map.json goes first, where tokenizer_config.json is of the old kind.
 * NULL: nothing. */
static const json_t *named_value(const struct sources *sources, const char *key)
{
	const json_t *value = NULL;

	if (!json_object_get(sources->config, "added_tokens_decoder"))
		value = json_object_get(sources->map, key);
	return value ? value : json_object_get(sources->config, key);
}

/* NULL: the files say that there is none. */
static const char *named_token(const struct sources *sources, size_t index)
{
	const json_t *value = named_value(sources, named_tokens[index].key);

	return value ? token_name(value) : named_tokens[index].otherwise;
}

/* Special tokens are matched literally; those that have no id cannot be. */
static bool add_special(struct tokenizer *tokenizer, const char *name, const json_t *flags, struct error *error)
{
	struct added_token token = {.name = (char *)(uintptr_t)name};

	token.id = name ? tokenizer_find(tokenizer, name) : -1;
	if (token.id < 0)
		return true;
	if (json_is_object(flags) && !tokenizer_read_token_flags(flags, &token, error))
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
		const json_t *counts = named_value(sources, key);

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
	       add_special_list(tokenizer, named_value(sources, "additional_special_tokens"), error);
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
		if (is_token_key(key) && is_called(named_value(sources, key), name))
			return true;
	return false;
}

/* added_tokens.json of old folders: {"token": id}. */
static bool add_old(struct tokenizer *tokenizer, const struct sources *sources, struct error *error)
{
	const char *name;
	json_t *id;

	json_object_foreach (sources->added, name, id)
		if (!tokenizer_load_old(tokenizer, name, id, is_special(sources, name), error))
			return error_prefix(error, "added_tokens.json");
	return true;
}

/* Those that only the class knows, or the padding that tokenizer.json was saved with. */
static bool add_silent(struct tokenizer *tokenizer, const struct sources *sources, bool rebuild, struct error *error)
{
	const json_t *padding = json_object_get(sources->json, "padding");

	if (!rebuild)
		return named_value(sources, "pad_token") ||
		       add_special(tokenizer, json_string_value(json_object_get(padding, "pad_token")), NULL, error);
	for (size_t i = 0; i < NAMED_COUNT; i++)
		if (!named_value(sources, named_tokens[i].key) &&
		    !add_special(tokenizer, named_tokens[i].otherwise, NULL, error))
			return false;
	return true;
}

static bool load_added_tokens(struct tokenizer *tokenizer, const struct sources *sources, bool rebuild,
                              struct error *error)
{
	const json_t *decoder = json_object_get(sources->config, "added_tokens_decoder");
	const json_t *map = decoder ? NULL : sources->map;

	if (decoder && !tokenizer_load_added(tokenizer, decoder, error))
		return error_prefix(error, "tokenizer_config.json");
	if ((!decoder || !rebuild) &&
	    !tokenizer_load_added(tokenizer, json_object_get(sources->json, "added_tokens"), error))
		return error_prefix(error, "tokenizer.json");
	if (!decoder && !add_old(tokenizer, sources, error))
		return false;
	return added_tokens_check_ids(&tokenizer->added, tokenizer->pieces.count, error) &&
	       add_named(tokenizer, sources, map, error) && add_named(tokenizer, sources, sources->config, error) &&
	       add_silent(tokenizer, sources, rebuild, error) && add_extra(tokenizer, sources, error);
}

static bool find_special(struct tokenizer *tokenizer, const struct sources *sources, size_t index, int32_t *id,
                         struct error *error)
{
	const char *name = named_token(sources, index);

	RETURN_IF(!name, error, ERROR_DATA, "tokenizer_config.json: %s names no token", named_tokens[index].key);
	*id = tokenizer_find(tokenizer, name);
	RETURN_IF(*id < 0, error, ERROR_DATA, "the vocabulary has no \"%.64s\"", name);
	return true;
}

/* What BertTokenizer.__init__ makes of tokenizer_config.json. */
static bool rebuild_from_config(struct tokenizer *tokenizer, const struct sources *sources, struct error *error)
{
	struct normal_options *normal = &tokenizer->normal;
	const json_t *config = sources->config;

	normal->clean_text = true;
	tokenizer->max_word_chars = 100;
	memcpy(tokenizer->prefix, "##", 3);
	tokenizer->prefix_size = 2;
	if (!tokenizer_read_flag(config, "do_lower_case", true, &normal->lowercase, error) ||
	    !tokenizer_read_flag(config, "strip_accents", normal->lowercase, &normal->strip_accents, error) ||
	    !tokenizer_read_flag(config, "tokenize_chinese_chars", true, &normal->ideographs, error))
		return error_prefix(error, "tokenizer_config.json");
	return find_special(tokenizer, sources, NAMED_UNK, &tokenizer->unknown, error) &&
	       find_special(tokenizer, sources, NAMED_CLS, &tokenizer->cls, error) &&
	       find_special(tokenizer, sources, NAMED_SEP, &tokenizer->sep, error);
}

static bool check_template(const struct tokenizer *tokenizer, struct error *error)
{
	RETURN_IF(!*tokenizer_piece(tokenizer, tokenizer->cls), error, ERROR_DATA,
	          "the vocabulary has no piece with the id %d, which begins every text", tokenizer->cls);
	RETURN_IF(!*tokenizer_piece(tokenizer, tokenizer->sep), error, ERROR_DATA,
	          "the vocabulary has no piece with the id %d, which ends every text", tokenizer->sep);
	return true;
}

/* Missing, or the 1e30 that Hugging Face writes for "no limit": 0. */
static int32_t read_max_length(const struct sources *sources)
{
	const json_t *value = json_object_get(sources->config, "model_max_length");
	const json_t *older = json_object_get(sources->config, "max_len");
	double length = json_number_value(value ? value : older);

	return length >= 1 && length <= INT32_MAX ? (int32_t)length : 0;
}

/* What would give other ids for some texts and is not done here. */
static bool refuse_variants(const struct sources *sources, struct error *error)
{
	const json_t *side = json_object_get(sources->config, "truncation_side");

	if (!side)
		side = json_object_get(json_object_get(sources->json, "truncation"), "direction");
	RETURN_IF(json_is_string(side) && strcasecmp(json_string_value(side), "left") == 0, error, ERROR_DATA,
	          "the tokenizer cuts long texts at their beginning (truncation side left); only the end can be cut");
	RETURN_IF(json_is_true(json_object_get(sources->config, "split_special_tokens")), error, ERROR_DATA,
	          "tokenizer_config.json: split_special_tokens is true, which is not known");
	return true;
}

static bool load_sources(struct tokenizer *tokenizer, const struct sources *sources, const char *folder,
                         struct error *error)
{
	bool rebuild;

	if (!choose_class(sources, &rebuild, error) || !refuse_variants(sources, error))
		return error_prefix(error, "%s", folder);
	if (!sources->json && !load_text(tokenizer, folder, error))
		return false;
	if (sources->json && !tokenizer_load_json(tokenizer, sources->json, rebuild, error))
		return error_prefix(error, "%s/tokenizer.json", folder);
	if (!load_added_tokens(tokenizer, sources, rebuild, error) ||
	    (rebuild && !rebuild_from_config(tokenizer, sources, error)) || !check_template(tokenizer, error))
		return error_prefix(error, "%s", folder);
	tokenizer->model_max_length = read_max_length(sources);
	return added_tokens_finish(&tokenizer->added, tokenizer->normal, error);
}

struct tokenizer *tokenizer_open(const char *folder, struct error *error)
{
	struct tokenizer *tokenizer = tokenizer_new(error);
	struct sources sources = {0};
	bool done;

	if (!tokenizer)
		return NULL;
	done = path_join(tokenizer->folder, sizeof tokenizer->folder, folder, "", error) &&
	       sources_read(&sources, folder, error) && load_sources(tokenizer, &sources, folder, error);
	sources_free(&sources);
	if (!done) {
		tokenizer_free(tokenizer);
		return NULL;
	}
	return tokenizer;
}
