/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a tokenizer is made of, for the files of this folder: tokenizer.c (life and questions), load.c and
 * load_json.c (files to tokenizer), encode.c and normal.c (text to ids), added.c (literal tokens), save.c. */
#ifndef REVUE_TEXT_TOKENIZER_PARTS_H
#define REVUE_TEXT_TOKENIZER_PARTS_H

#include "engine/text/pieces.h"
#include "engine/tokenizer.h"

#include <jansson.h>
#include <limits.h>

#define WORD_CHARS_MAX 512 /* most that max_input_chars_per_word may say */
#define PREFIX_MAX 15

/* BertNormalizer's four switches. */
struct normal_options {
	bool clean_text, ideographs, strip_accents, lowercase;
};

/* A token that is matched literally before words are looked for: "[SEP]" typed in a text is the token. */
struct added_token {
	char *name;    /* owned; as the files have it */
	char *content; /* owned; what is looked for: the name, normalised when `normalized` */
	size_t size;   /* of content */
	int32_t id;
	bool single_word;    /* only where no letter or digit touches it */
	bool lstrip, rstrip; /* swallows the white space before, behind it */
	bool normalized;     /* looked for in the normalised text, else in the text itself */
	bool special;
};

/* [begin, end) of the items. */
struct added_range {
	uint16_t begin, end;
};

/* Sorted by content, those that are looked for in normalised text behind the others. */
struct added_tokens {
	struct added_token *items;
	size_t count, capacity;
	struct added_range first[2][256]; /* [normalized][first byte of content] */
	bool any_normalized;
};

struct tokenizer {
	struct pieces pieces;
	struct normal_options normal;
	struct added_tokens added;
	int32_t unknown, cls, sep;
	int32_t max_word_chars;
	int32_t model_max_length; /* 0: not said */
	char prefix[PREFIX_MAX + 1];
	size_t prefix_size;
	char folder[PATH_MAX]; /* where it came from, "" when it was learned */
};

/* A new one with nothing in it and the defaults of BertTokenizer. NULL when memory is short. */
struct tokenizer *tokenizer_new(struct error *error);

/* load.c: a line without the white space at its end, as the Rust reader of vocab.txt takes it. */
struct span tokenizer_trim_end(struct span line);

/* load_json.c: what tokenizer.json says, all of it. `rebuild`: parts that the class of the tokenizer makes anew
 * may be missing; those that are there must still be known ones. */
bool tokenizer_load_json(struct tokenizer *tokenizer, const json_t *document, bool rebuild, struct error *error);

/* A member that is true, false, or missing or null (then *out is `otherwise`); anything else is an error. */
bool tokenizer_read_flag(const json_t *object, const char *name, bool otherwise, bool *out, struct error *error);

/* lstrip, rstrip, single_word, normalized and special of a token's JSON object. */
bool tokenizer_read_token_flags(const json_t *object, struct added_token *token, struct error *error);

/* The added tokens of tokenizer.json (an array), of tokenizer_config.json (an object by id). */
bool tokenizer_load_added(struct tokenizer *tokenizer, const json_t *tokens, struct error *error);

/* One token of added_tokens.json. */
bool tokenizer_load_old(struct tokenizer *tokenizer, const char *name, const json_t *id, bool special,
                        struct error *error);

/* added.c. The token's name and flags are copied; content is made by finish, which also sorts. One that is
 * there already keeps its flags. */
bool added_tokens_add(struct added_tokens *added, struct added_token token, struct error *error);
bool added_tokens_finish(struct added_tokens *added, struct normal_options normal, struct error *error);
void added_tokens_free(struct added_tokens *added);

/* That the tokens beyond `pieces` have the ids pieces, pieces + 1, ..., as Hugging Face numbers them whatever the
 * file says. */
bool added_tokens_check_ids(const struct added_tokens *added, int32_t pieces, struct error *error);

/* Goes through a text from token to token; start with {0}. `start` and `stop`: the token's place, the white space that
 * it swallows included. `scan`: the next token begins there or behind, perhaps in that white space. */
struct added_cursor {
	size_t scan, start, stop;
};

/* The next token of the given kind, or NULL. */
const struct added_token *added_tokens_next(const struct added_tokens *added, bool normalized, struct span text,
                                            struct added_cursor *cursor);

/* normal.c: BertNormalizer as a stream. Characters go in with the byte of the source where they end and come out
 * through `take`. Marks that are kept are held back until their order is known; `finish` lets them out. */
struct held_mark {
	uint32_t code_point, end;
	uint8_t order;
};
struct normal_stream {
	struct normal_options options;
	void (*take)(void *context, uint32_t code_point, uint32_t end);
	void *context;
	size_t held_count;
	struct held_mark held[WORD_CHARS_MAX + 1];
};
void normal_take(struct normal_stream *stream, uint32_t code_point, uint32_t end);
void normal_finish(struct normal_stream *stream);

#endif
