/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/wordpiece.h"

#include "engine/base/json.h"

static void encode(const struct piece_model *model, const struct word *word, struct id_list *out)
{
	struct span prefix = {model->wordpiece.prefix, 0};
	int32_t ids[WORD_CHARS_MAX];
	uint32_t ends[WORD_CHARS_MAX];
	size_t count = 0;

	if (word->chars > model->max_word_chars) {
		id_list_add(out, model->unknown, word->end);
		return;
	}
	for (size_t at = 0, used; at < word->size; at += used) {
		struct span rest = {word->bytes + at, word->size - at};

		ids[count] = pieces_match(&model->pieces, prefix, rest, &used);
		if (ids[count] < 0) {
			id_list_add(out, model->unknown, word->end);
			return;
		}
		ends[count++] = word->ends[at + used - 1];
		prefix.size = model->wordpiece.prefix_size;
	}
	for (size_t i = 0; i < count && !out->full; i++)
		id_list_add(out, ids[i], ends[i]);
}

static bool read_vocabulary(struct piece_model *model, const json_t *part, struct error *error)
{
	json_t *vocabulary = json_object_get(part, "vocab"), *id;
	const char *piece;

	RETURN_IF(!json_is_object(vocabulary), error, ERROR_DATA, "\"vocab\" should be an object of pieces and ids");
	json_object_foreach (vocabulary, piece, id) {
		json_int_t value = json_integer_value(id);

		RETURN_IF(!json_is_integer(id) || value < 0 || value >= PIECES_MAX, error, ERROR_DATA,
		          "the id of \"%.64s\" should be a whole number from 0 to %d", piece, PIECES_MAX - 1);
		if (*piece && !pieces_add(&model->pieces, span_of(piece), (int32_t)value, error))
			return false;
	}
	return true;
}

static bool read_model(struct piece_model *model, const json_t *part, struct error *error)
{
	const json_t *most = json_object_get(part, "max_input_chars_per_word");
	const char *prefix = json_string_value(json_object_get(part, "continuing_subword_prefix"));
	const char *unknown = json_string_value(json_object_get(part, "unk_token"));

	RETURN_IF(!unknown, error, ERROR_DATA, "the model has no \"unk_token\"");
	RETURN_IF(prefix && strlen(prefix) > PREFIX_MAX, error, ERROR_DATA,
	          "\"continuing_subword_prefix\" is longer than %d bytes", PREFIX_MAX);
	RETURN_IF(most && (json_integer_value(most) < 1 || json_integer_value(most) > WORD_CHARS_MAX), error, ERROR_DATA,
	          "\"max_input_chars_per_word\" should be a whole number from 1 to %d", WORD_CHARS_MAX);
	if (prefix) {
		model->wordpiece.prefix_size = strlen(prefix);
		memcpy(model->wordpiece.prefix, prefix, model->wordpiece.prefix_size + 1);
	}
	if (most)
		model->max_word_chars = (int32_t)json_integer_value(most);
	if (!read_vocabulary(model, part, error))
		return false;
	model->unknown = pieces_find(&model->pieces, span_of(unknown));
	RETURN_IF(model->unknown < 0, error, ERROR_DATA, "the vocabulary has no unknown token \"%.64s\"", unknown);
	return true;
}

static json_t *write_vocabulary(const struct pieces *pieces)
{
	json_t *object = json_object();
	bool done = object != NULL;

	for (int32_t id = 0; done && id < pieces->count; id++) {
		struct span piece = pieces_text(pieces, id);

		if (piece.size)
			done = json_object_set_new(object, piece.data, json_integer(id)) == 0;
	}
	return json_complete(object, done);
}

static json_t *write_model(const struct piece_model *model, const char *unknown)
{
	return json_pack("{s:s,s:s,s:s,s:i,s:o}", "type", wordpiece_step.type, "unk_token", unknown,
	                 "continuing_subword_prefix", model->wordpiece.prefix, "max_input_chars_per_word",
	                 model->max_word_chars, "vocab", write_vocabulary(&model->pieces));
}

const struct piece_step wordpiece_step = {
	.type = "WordPiece",
	.read = read_model,
	.write = write_model,
	.encode = encode,
};

struct piece_model wordpiece_default(void)
{
	return (struct piece_model){
		.step = &wordpiece_step,
		.max_word_chars = 100,
		.wordpiece = {.prefix = "##", .prefix_size = 2},
	};
}
