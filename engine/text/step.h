/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a text to ids in three steps, and what passes between them. Each way of doing a step is a row: a constant
 * struct of functions in a file of its own, listed in steps.c.
 *
 *   normalise  characters to characters  struct normaliser  bert_normal.c
 *   split      characters to words       struct splitter    bert_split.c
 *   pieces     a word to ids             struct piece_step  wordpiece.c
 *
 * Steps are immutable once a tokenizer is open. Whatever changes while a text is encoded lies in the stream and the
 * lists below, which belong to the thread that encodes. */
#ifndef REVUE_TEXT_STEP_H
#define REVUE_TEXT_STEP_H

#include "engine/text/pieces.h"

#include <jansson.h>

#define WORD_CHARS_MAX 512 /* the largest max_word_chars that a tokenizer may ask for */

/* --- normalise --- */

struct normaliser;

/* BertNormalizer's four switches. */
struct bert_normal {
	bool clean_text, ideographs, strip_accents, lowercase;
};

/* The way that a tokenizer normalises, and that way's settings. */
struct normal {
	const struct normaliser *step;
	struct bert_normal bert;
};

/* A mark that waits for those beside it. */
struct held_mark {
	uint32_t code_point, end;
	uint8_t order;
};

/* A text on its way through a normaliser. Characters go in with the byte of the source where they end, and come out
 * through `take`. Start with normal, take and context set and held_count 0. */
struct normal_stream {
	struct normal normal;
	void (*take)(void *context, uint32_t code_point, uint32_t end);
	void *context;
	size_t held_count; /* above 0: finish has something to let out */
	struct held_mark held[WORD_CHARS_MAX + 1];
};

struct normaliser {
	const char *type;  /* as tokenizer.json names it */
	bool by_character; /* an ASCII character becomes the same whatever stands before it, once `finish` was called */
	bool (*read)(struct normal *normal, const json_t *part, struct error *error);
	json_t *(*write)(const struct normal *normal); /* NULL: memory is short */
	void (*take)(struct normal_stream *stream, uint32_t code_point, uint32_t end);
	void (*finish)(struct normal_stream *stream); /* lets out what is held back */
};

static inline void normal_take(struct normal_stream *stream, uint32_t code_point, uint32_t end)
{
	stream->normal.step->take(stream, code_point, end);
}

static inline void normal_finish(struct normal_stream *stream)
{
	if (stream->held_count)
		stream->normal.step->finish(stream);
}

/* --- split --- */

enum split_part {
	SPLIT_JOIN,  /* goes on with the word, or begins one */
	SPLIT_DROP,  /* ends the word and belongs to none */
	SPLIT_ALONE, /* a word of its own */
};

struct splitter {
	const char *type; /* as tokenizer.json names it */

	/* What one normalised character is. NULL where that depends on its neighbours: then the normalised text is
	 * gathered first and `next` cuts it. */
	enum split_part (*part)(uint32_t code_point);

	/* The next word of normalised text (UTF-8) from *at on, and *at moved past it. False: there is none. */
	bool (*next)(struct span text, size_t *at, struct span *word);
};

/* --- pieces --- */

struct piece_step;

/* What WordPiece needs beside a vocabulary: what pieces inside a word begin with. */
#define PREFIX_MAX 15
struct wordpiece {
	char prefix[PREFIX_MAX + 1];
	size_t prefix_size;
};

/* The way that a tokenizer finds pieces, its vocabulary and that way's settings. */
struct piece_model {
	const struct piece_step *step;
	struct pieces pieces; /* owned */
	int32_t unknown;
	int32_t max_word_chars; /* a longer word is unknown as a whole; 0: there is no limit */
	struct wordpiece wordpiece;
};

/* A normalised word. ends[i] is the byte of the source where the character of bytes[i] ends. Of a word that is longer
 * than max_word_chars not all bytes may be there. */
struct word {
	const char *bytes;
	const uint32_t *ends;
	size_t size;
	int32_t chars;
	uint32_t end; /* of the whole word in the source */
};

/* Ids as they are found; `full` is set when there were more than `limit`, which `grow` (or NULL) may raise first. */
struct id_list {
	int32_t *ids;   /* [limit] or NULL */
	uint32_t *ends; /* [limit] or NULL */
	int64_t count, limit;
	uint32_t last_end;
	bool full;
	bool (*grow)(struct id_list *list); /* false: there is to be no more */
};

static inline void id_list_add(struct id_list *list, int32_t id, uint32_t end)
{
	if (list->count == list->limit && !(list->grow && list->grow(list))) {
		list->full = true;
		return;
	}
	if (list->ids)
		list->ids[list->count] = id;
	if (list->ends)
		list->ends[list->count] = end;
	list->count++;
	list->last_end = end;
}

struct piece_step {
	const char *type; /* as tokenizer.json names it */
	bool (*read)(struct piece_model *model, const json_t *part, struct error *error);

	/* `unknown` is the name of the unknown token, which may be an added one. NULL: memory is short. */
	json_t *(*write)(const struct piece_model *model, const char *unknown);
	void (*encode)(const struct piece_model *model, const struct word *word, struct id_list *out);
};

#endif
