/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The files of a tokenizer. What it was opened from is copied byte for byte, so that a fine-tuned model keeps the
 * tokenizer of its base exactly; only the longest length may be set right. What the base did not have is made, so that
 * every Hugging Face library finds the file it looks for. */
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/text/bert_normal.h"
#include "engine/text/tokenizer_core.h"
#include "engine/text/vocab_text.h"

#include <stdlib.h>

#define FILE_LIMIT ((size_t)256 << 20)

/* Sets a member and gives the value away; false also when making the value failed. */
static bool set(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0;
}

/* A document that was built, or lack of memory; takes it over. */
static bool write_document(const char *path, json_t *document, bool built, struct error *error)
{
	bool done = built ? json_write(path, document, error) : error_memory(error, "writing a tokenizer");

	json_decref(document);
	return done;
}

/* The name of a token that every text has at one end; nothing where the template has none there. */
static bool set_end(json_t *object, const char *key, const struct tokenizer *tokenizer, const int32_t *id)
{
	return !id || set(object, key, json_string(tokenizer_piece(tokenizer, *id)));
}

static bool set_special_names(json_t *object, const struct tokenizer *tokenizer)
{
	const struct template *template = &tokenizer->template;
	const char *pad = "[PAD]", *mask = "[MASK]";

	return set_end(object, "cls_token", tokenizer, template->before_count ? template->before : NULL) &&
	       (tokenizer_find(tokenizer, mask) < 0 || set(object, "mask_token", json_string(mask))) &&
	       (tokenizer_find(tokenizer, pad) < 0 || set(object, "pad_token", json_string(pad))) &&
	       set_end(object, "sep_token", tokenizer,
	               template->after_count ? template->after + template->after_count - 1 : NULL) &&
	       set(object, "unk_token", json_string(tokenizer_piece(tokenizer, tokenizer->model.unknown)));
}

static bool make_map(const struct tokenizer *tokenizer, const char *path, struct error *error)
{
	json_t *map = json_object();

	return write_document(path, map, set_special_names(map, tokenizer), error);
}

static bool make_config(const struct tokenizer *tokenizer, const char *path, struct error *error)
{
	const struct bert_normal *bert = &tokenizer->normal.bert;
	json_t *config = json_object();
	bool built = set(config, "do_lower_case", json_boolean(bert->lowercase)) &&
	             (!tokenizer->model_max_length ||
	              set(config, "model_max_length", json_integer(tokenizer->model_max_length))) &&
	             set_special_names(config, tokenizer) && set(config, "strip_accents", bert_normal_strip_accents(bert)) &&
	             set(config, "tokenize_chinese_chars", json_boolean(bert->ideographs)) &&
	             set(config, "tokenizer_class", json_string("BertTokenizer"));

	return write_document(path, config, built, error);
}

static bool make_vocabulary(const struct tokenizer *tokenizer, const char *path, struct error *error)
{
	return vocab_text_write(&tokenizer->model.pieces, path, error);
}

static json_t *added_entry(const struct added_token *token)
{
	return json_pack("{s:i,s:s,s:b,s:b,s:b,s:b,s:b}", "id", token->id, "content", token->name, "single_word",
	                 token->single_word, "lstrip", token->lstrip, "rstrip", token->rstrip, "normalized",
	                 token->normalized, "special", token->special);
}

static json_t *added_list(const struct tokenizer *tokenizer)
{
	json_t *list = json_array();
	int32_t size = tokenizer_vocab_size(tokenizer);
	bool done = list != NULL;

	for (int32_t id = 0; done && id < size; id++) {
		const char *name = tokenizer_piece(tokenizer, id);

		for (size_t i = 0; done && *name && i < tokenizer->added.count; i++)
			if (tokenizer->added.items[i].id == id)
				done = json_array_append_new(list, added_entry(&tokenizer->added.items[i])) == 0;
	}
	return json_complete(list, done);
}

/* {KIND: {"id": NAME, "type_id": TYPE}} */
static bool add_place(json_t *places, const char *kind, const char *name, int type)
{
	return json_array_append_new(places, json_pack("{s:{s:s,s:i}}", kind, "id", name, "type_id", type)) == 0;
}

static bool add_tokens(json_t *places, const struct tokenizer *tokenizer, const int32_t *ids, int32_t count, int type)
{
	bool done = true;

	for (int32_t i = 0; done && i < count; i++)
		done = add_place(places, "SpecialToken", tokenizer_piece(tokenizer, ids[i]), type);
	return done;
}

/* [CLS] A [SEP], and for a pair [CLS] A [SEP] B [SEP]. */
static json_t *make_places(const struct tokenizer *tokenizer, bool pair)
{
	const struct template *template = &tokenizer->template;
	json_t *places = json_array();
	bool done = add_tokens(places, tokenizer, template->before, template->before_count, 0) &&
	            add_place(places, "Sequence", "A", 0) &&
	            add_tokens(places, tokenizer, template->after, template->after_count, 0);

	if (done && pair)
		done = add_place(places, "Sequence", "B", 1) &&
		       add_tokens(places, tokenizer, template->after, template->after_count, 1);
	if (done)
		return places;
	json_decref(places);
	return NULL;
}

static bool add_entries(json_t *entries, const struct tokenizer *tokenizer, const int32_t *ids, int32_t count)
{
	bool done = true;

	for (int32_t i = 0; done && i < count; i++) {
		const char *name = tokenizer_piece(tokenizer, ids[i]);

		done = set(entries, name, json_pack("{s:s,s:[i],s:[s]}", "id", name, "ids", ids[i], "tokens", name));
	}
	return done;
}

static json_t *make_processor(const struct tokenizer *tokenizer)
{
	const struct template *template = &tokenizer->template;
	json_t *entries = json_object();

	if (!add_entries(entries, tokenizer, template->before, template->before_count) ||
	    !add_entries(entries, tokenizer, template->after, template->after_count)) {
		json_decref(entries);
		entries = NULL;
	}
	return json_pack("{s:s,s:o,s:o,s:o}", "type", "TemplateProcessing", "single", make_places(tokenizer, false), "pair",
	                 make_places(tokenizer, true), "special_tokens", entries);
}

static bool make_json(const struct tokenizer *tokenizer, const char *path, struct error *error)
{
	const struct piece_model *model = &tokenizer->model;
	json_t *document = json_pack("{s:s,s:n,s:n,s:o,s:o,s:{s:s},s:o,s:{s:s,s:s,s:b},s:o}", "version", "1.0", "truncation",
	                             "padding", "added_tokens", added_list(tokenizer), "normalizer",
	                             tokenizer->normal.step->write(&tokenizer->normal), "pre_tokenizer", "type",
	                             tokenizer->splitter->type, "post_processor", make_processor(tokenizer), "decoder",
	                             "type", model->step->type, "prefix", model->wordpiece.prefix, "cleanup", true, "model",
	                             model->step->write(model, tokenizer_piece(tokenizer, model->unknown)));

	return write_document(path, document, document != NULL, error);
}

static bool copy_file(const char *from, const char *to, struct error *error)
{
	size_t size;
	char *data = file_read(from, FILE_LIMIT, &size, error);
	bool done = data && file_replace(to, data, size, error);

	free(data);
	return done;
}

/* tokenizer_config.json says how many ids a model takes; without it transformers would cut nothing. A file that says
 * nothing or more is copied with the right number in it, any other byte for byte. */
static bool copy_config(const struct tokenizer *tokenizer, const char *from, const char *to, struct error *error)
{
	json_t *config = json_read(from, FILE_LIMIT, error);
	double said = json_number_value(json_object_get(config, "model_max_length"));
	bool done;

	if (!config)
		return false;
	if (!tokenizer->model_max_length || (said >= 1 && said <= tokenizer->model_max_length)) {
		json_decref(config);
		return copy_file(from, to, error);
	}
	done = set(config, "model_max_length", json_integer(tokenizer->model_max_length));
	return write_document(to, config, done, error);
}

static bool copy(const struct tokenizer *tokenizer, const char *name, const char *from, const char *to,
                 struct error *error)
{
	return strcmp(name, "tokenizer_config.json") == 0 ? copy_config(tokenizer, from, to, error)
	                                                  : copy_file(from, to, error);
}

static const struct {
	const char *name;
	bool (*make)(const struct tokenizer *tokenizer, const char *path, struct error *error); /* NULL: only copied */
} files[] = {
	{"tokenizer.json", make_json},
	{"vocab.txt", make_vocabulary},
	{"tokenizer_config.json", make_config},
	{"special_tokens_map.json", make_map},
	{"added_tokens.json", NULL},
};

bool tokenizer_save(const struct tokenizer *tokenizer, const char *folder, struct error *error)
{
	char from[PATH_MAX], to[PATH_MAX];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (!path_join(to, sizeof to, folder, files[i].name, error) ||
		    (*tokenizer->folder && !path_join(from, sizeof from, tokenizer->folder, files[i].name, error)))
			return false;
		if (*tokenizer->folder && file_exists(from)) {
			if (!copy(tokenizer, files[i].name, from, to, error))
				return false;
		} else if (files[i].make && !files[i].make(tokenizer, to, error)) {
			return false;
		}
	}
	return true;
}
