/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a model folder to a tokenizer, with the precedence of transformers 5 (checked against it in
 * tests/golden): the classes BertTokenizer and DistilBertTokenizer, also assumed where no class is named, take
 * only the pieces and added tokens from tokenizer.json and everything else from tokenizer_config.json or their
 * defaults, whatever tokenizer.json says; the class PreTrainedTokenizerFast takes tokenizer.json as it is. */
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/text/bert_normal.h"
#include "engine/text/bert_split.h"
#include "engine/text/load_json.h"
#include "engine/text/special.h"
#include "engine/text/vocab_text.h"
#include "engine/text/wordpiece.h"

#include <stdlib.h>
#include <strings.h>

/* What BertTokenizer.__init__ makes of tokenizer_config.json, whatever tokenizer.json says. */
static bool rebuild_bert(struct tokenizer *tokenizer, const struct sources *sources, struct error *error)
{
	struct piece_model defaults = wordpiece_default();
	struct bert_normal *bert = &tokenizer->normal.bert;
	const json_t *config = sources->config;
	int32_t cls, sep;

	tokenizer->normal = bert_normal_default();
	tokenizer->splitter = &bert_splitter;
	tokenizer->model.max_word_chars = defaults.max_word_chars;
	tokenizer->model.wordpiece = defaults.wordpiece;
	if (!json_read_flag(config, "do_lower_case", true, &bert->lowercase, error) ||
	    !json_read_flag(config, "strip_accents", bert->lowercase, &bert->strip_accents, error) ||
	    !json_read_flag(config, "tokenize_chinese_chars", true, &bert->ideographs, error))
		return error_prefix(error, "tokenizer_config.json");
	if (!special_token_find(tokenizer, sources, "unk_token", &tokenizer->model.unknown, error) ||
	    !special_token_find(tokenizer, sources, "cls_token", &cls, error) ||
	    !special_token_find(tokenizer, sources, "sep_token", &sep, error))
		return false;
	tokenizer->template = template_of_two(cls, sep);
	return true;
}

/* The classes of tokenizers; `rebuild` makes everything but the vocabulary anew, NULL: tokenizer.json counts as it is. */
static const struct tokenizer_class {
	const char *name;
	bool (*rebuild)(struct tokenizer *tokenizer, const struct sources *sources, struct error *error);
} classes[] = {
	{"BertTokenizer", rebuild_bert},
	{"BertTokenizerFast", rebuild_bert},
	{"DistilBertTokenizer", rebuild_bert},
	{"DistilBertTokenizerFast", rebuild_bert},
	{"PreTrainedTokenizerFast", NULL},
	{"TokenizersBackend", NULL},
};

/* NULL: the class is not known. tokenizer_config.json names it, else config.json; where neither does, or tokenizer.json is
 * missing, it is a BertTokenizer. */
static const struct tokenizer_class *choose_class(const struct sources *sources, struct error *error)
{
	const char *file = "tokenizer_config.json";
	const char *name = json_string_value(json_object_get(sources->config, "tokenizer_class"));

	if (!name || !*name) {
		file = "config.json";
		name = json_string_value(json_object_get(sources->model, "tokenizer_class"));
	}
	if (!name || !*name)
		return classes;
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (strcmp(name, classes[i].name) == 0)
			return classes[i].rebuild || sources->json ? classes + i : classes;
	error_set(error, ERROR_DATA,
	          "%s: a tokenizer of class %.64s; only BertTokenizer and DistilBertTokenizer are known", file, name);
	return NULL;
}

static bool load_text(struct tokenizer *tokenizer, const char *folder, struct error *error)
{
	char path[PATH_MAX];

	if (!path_join(path, sizeof path, folder, "vocab.txt", error))
		return false;
	RETURN_IF(!file_exists(path), error, ERROR_IO, "%s: neither tokenizer.json nor vocab.txt is there", folder);
	return vocab_text_read(&tokenizer->model.pieces, path, error);
}

static bool check_template(const struct tokenizer *tokenizer, struct error *error)
{
	const struct template *template = &tokenizer->template;

	for (int32_t i = 0; i < template->before_count; i++)
		RETURN_IF(!*tokenizer_piece(tokenizer, template->before[i]), error, ERROR_DATA,
		          "the vocabulary has no piece with the id %d, which begins every text", template->before[i]);
	for (int32_t i = 0; i < template->after_count; i++)
		RETURN_IF(!*tokenizer_piece(tokenizer, template->after[i]), error, ERROR_DATA,
		          "the vocabulary has no piece with the id %d, which ends every text", template->after[i]);
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

/* The id of a token that the files name; -1: they do not, or it is no piece. */
static int32_t named_token(const struct tokenizer *tokenizer, const struct sources *sources, const char *key)
{
	const char *name = token_name(sources_token(sources, key));

	return name ? tokenizer_find(tokenizer, name) : -1;
}

static bool load_sources(struct tokenizer *tokenizer, const struct sources *sources, const char *folder,
                         struct error *error)
{
	const struct tokenizer_class *class = choose_class(sources, error);

	if (!class || !refuse_variants(sources, error))
		return error_prefix(error, "%s", folder);
	if (!sources->json && !load_text(tokenizer, folder, error))
		return false;
	if (sources->json && !tokenizer_load_json(tokenizer, sources->json, class->rebuild != NULL, error))
		return error_prefix(error, "%s/tokenizer.json", folder);
	if (!special_tokens_load(tokenizer, sources, class->rebuild != NULL, error) ||
	    (class->rebuild && !class->rebuild(tokenizer, sources, error)) || !check_template(tokenizer, error))
		return error_prefix(error, "%s", folder);
	tokenizer->pad = named_token(tokenizer, sources, "pad_token");
	tokenizer->mask = named_token(tokenizer, sources, "mask_token");
	tokenizer->model_max_length = read_max_length(sources);
	return tokenizer_finish(tokenizer, error);
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
