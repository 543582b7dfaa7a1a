/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The files of a tokenizer. What it was opened from is copied byte for byte: a fine-tuned model keeps the tokenizer
 * of its base exactly. What that did not have is made, so that every Hugging Face library finds the file it
 * looks for. */
#include "engine/base/buffer.h"
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/text/tokenizer_parts.h"

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

static bool set_special_names(json_t *object, const struct tokenizer *tokenizer)
{
	const char *pad = "[PAD]", *mask = "[MASK]";

	return set(object, "cls_token", json_string(tokenizer_piece(tokenizer, tokenizer->cls))) &&
	       (tokenizer_find(tokenizer, mask) < 0 || set(object, "mask_token", json_string(mask))) &&
	       (tokenizer_find(tokenizer, pad) < 0 || set(object, "pad_token", json_string(pad))) &&
	       set(object, "sep_token", json_string(tokenizer_piece(tokenizer, tokenizer->sep))) &&
	       set(object, "unk_token", json_string(tokenizer_piece(tokenizer, tokenizer->unknown)));
}

/* null where accents go as case does, which is how Hugging Face writes it. */
static json_t *strip_accents(const struct normal_options *normal)
{
	return normal->strip_accents == normal->lowercase ? json_null() : json_boolean(normal->strip_accents);
}

static bool make_map(const struct tokenizer *tokenizer, const char *path, struct error *error)
{
	json_t *map = json_object();

	return write_document(path, map, set_special_names(map, tokenizer), error);
}

static bool make_config(const struct tokenizer *tokenizer, const char *path, struct error *error)
{
	const struct normal_options *normal = &tokenizer->normal;
	json_t *config = json_object();
	bool built = set(config, "do_lower_case", json_boolean(normal->lowercase)) &&
	             (!tokenizer->model_max_length ||
	              set(config, "model_max_length", json_integer(tokenizer->model_max_length))) &&
	             set_special_names(config, tokenizer) && set(config, "strip_accents", strip_accents(normal)) &&
	             set(config, "tokenize_chinese_chars", json_boolean(normal->ideographs)) &&
	             set(config, "tokenizer_class", json_string("BertTokenizer"));

	return write_document(path, config, built, error);
}

/* A line that is read back as the piece, by those too who take a carriage return for the end of a line. */
static bool is_line(struct span piece)
{
	return !memchr(piece.data, '\n', piece.size) && !memchr(piece.data, '\r', piece.size) &&
	       tokenizer_trim_end(piece).size == piece.size;
}

/* No file is made when a piece could not be read back from its line. */
static bool make_vocabulary(const struct tokenizer *tokenizer, const char *path, struct error *error)
{
	struct buffer lines = {.maximum = SIZE_MAX / 4};
	bool done = true;

	for (int32_t id = 0; done && id < tokenizer->pieces.count; id++) {
		struct span piece = pieces_text(&tokenizer->pieces, id);

		if (!is_line(piece)) {
			buffer_free(&lines);
			return true;
		}
		done = buffer_add(&lines, piece.data, piece.size) && buffer_add_byte(&lines, '\n');
	}
	done = done ? file_replace(path, lines.data, lines.size, error) : error_memory(error, "writing a tokenizer");
	buffer_free(&lines);
	return done;
}

static json_t *added_list(const struct tokenizer *tokenizer)
{
	json_t *list = json_array();
	int32_t size = tokenizer_vocab_size(tokenizer);

	for (int32_t id = 0; id < size; id++) {
		const char *name = tokenizer_piece(tokenizer, id);

		for (size_t i = 0; *name && i < tokenizer->added.count; i++) {
			const struct added_token *token = tokenizer->added.items + i;

			if (token->id == id)
				json_array_append_new(list, json_pack("{s:i,s:s,s:b,s:b,s:b,s:b,s:b}", "id", id, "content", token->name,
				                                      "single_word", token->single_word, "lstrip", token->lstrip,
				                                      "rstrip", token->rstrip, "normalized", token->normalized,
				                                      "special", token->special));
		}
	}
	return list;
}

static json_t *special_place(const struct tokenizer *tokenizer, int32_t id, int type)
{
	return json_pack("{s:{s:s,s:i}}", "SpecialToken", "id", tokenizer_piece(tokenizer, id), "type_id", type);
}

static json_t *special_entry(const struct tokenizer *tokenizer, int32_t id)
{
	const char *name = tokenizer_piece(tokenizer, id);

	return json_pack("{s:s,s:[i],s:[s]}", "id", name, "ids", id, "tokens", name);
}

/* [CLS] A [SEP] and [CLS] A [SEP] B [SEP]. */
static json_t *processor(const struct tokenizer *tokenizer)
{
	int32_t cls = tokenizer->cls, sep = tokenizer->sep;

	return json_pack("{s:s,s:[o,{s:{s:s,s:i}},o],s:[o,{s:{s:s,s:i}},o,{s:{s:s,s:i}},o],s:{s:o,s:o}}", "type",
	                 "TemplateProcessing", "single", special_place(tokenizer, cls, 0), "Sequence", "id", "A", "type_id",
	                 0, special_place(tokenizer, sep, 0), "pair", special_place(tokenizer, cls, 0), "Sequence", "id",
	                 "A", "type_id", 0, special_place(tokenizer, sep, 0), "Sequence", "id", "B", "type_id", 1,
	                 special_place(tokenizer, sep, 1), "special_tokens", tokenizer_piece(tokenizer, cls),
	                 special_entry(tokenizer, cls), tokenizer_piece(tokenizer, sep), special_entry(tokenizer, sep));
}

static json_t *vocabulary(const struct tokenizer *tokenizer)
{
	json_t *object = json_object();

	for (int32_t id = 0; id < tokenizer->pieces.count; id++) {
		struct span piece = pieces_text(&tokenizer->pieces, id);

		if (piece.size)
			json_object_set_new(object, piece.data, json_integer(id));
	}
	return object;
}

static json_t *model(const struct tokenizer *tokenizer)
{
	return json_pack("{s:s,s:s,s:s,s:i,s:o}", "type", "WordPiece", "unk_token",
	                 tokenizer_piece(tokenizer, tokenizer->unknown), "continuing_subword_prefix", tokenizer->prefix,
	                 "max_input_chars_per_word", tokenizer->max_word_chars, "vocab", vocabulary(tokenizer));
}

static bool make_json(const struct tokenizer *tokenizer, const char *path, struct error *error)
{
	const struct normal_options *normal = &tokenizer->normal;
	json_t *document = json_pack(
		"{s:s,s:n,s:n,s:o,s:{s:s,s:b,s:b,s:o,s:b},s:{s:s},s:o,s:{s:s,s:s,s:b},s:o}", "version", "1.0", "truncation",
		"padding", "added_tokens", added_list(tokenizer), "normalizer", "type", "BertNormalizer", "clean_text",
		normal->clean_text, "handle_chinese_chars", normal->ideographs, "strip_accents", strip_accents(normal),
		"lowercase", normal->lowercase, "pre_tokenizer", "type", "BertPreTokenizer", "post_processor",
		processor(tokenizer), "decoder", "type", "WordPiece", "prefix", tokenizer->prefix, "cleanup", true, "model",
		model(tokenizer));

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
			if (!copy_file(from, to, error))
				return false;
		} else if (files[i].make && !files[i].make(tokenizer, to, error)) {
			return false;
		}
	}
	return true;
}
