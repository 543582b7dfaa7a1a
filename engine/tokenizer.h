/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * WordPiece as the Hugging Face tokenizers do it, id for id: BertNormalizer, BertPreTokenizer,
 * WordPiece, [CLS] A [SEP]. Implemented in engine/text. A tokenizer is immutable after it was opened:
 * any number of threads may encode with it. */
#ifndef REVUE_ENGINE_TOKENIZER_H
#define REVUE_ENGINE_TOKENIZER_H

#include "engine/error.h"
#include "engine/progress.h"
#include "engine/span.h"

#include <stdint.h>

struct tokenizer;

/* Opens the tokenizer of a model folder: tokenizer.json if there, else vocab.txt; tokenizer_config.json
 * for lower case and accents (lower case where nothing says otherwise). Fails with one line: no such
 * file, a kind of tokenizer that is not WordPiece (named), a vocabulary with duplicate lines or without
 * [UNK], [CLS] or [SEP]. The caller frees it. */
struct tokenizer *tokenizer_open(const char *folder, struct error *error);
void tokenizer_free(struct tokenizer *tokenizer);

int32_t tokenizer_vocab_size(const struct tokenizer *tokenizer); /* highest id + 1 */
int32_t tokenizer_model_max_length(const struct tokenizer *tokenizer); /* 0: the files do not say */

/* Before the tokenizer is shared with other threads: what a tokenizer_config.json that is made says. 0: nothing. */
void tokenizer_set_model_max_length(struct tokenizer *tokenizer, int32_t length);
bool tokenizer_lowercase(const struct tokenizer *tokenizer);
const char *tokenizer_piece(const struct tokenizer *tokenizer, int32_t id); /* "##ing"; "" out of range */
int32_t tokenizer_find(const struct tokenizer *tokenizer, const char *piece); /* -1: not there */

/* What stands for a token of these roles, whatever the files call it; -1: nothing does. Unknown always is there. */
enum special_token { SPECIAL_UNKNOWN, SPECIAL_CLS, SPECIAL_SEP, SPECIAL_PAD, SPECIAL_MASK, SPECIAL_TOKENS };
int32_t tokenizer_special(const struct tokenizer *tokenizer, enum special_token which);

/* The part of a piece inside a word that belongs to the word: after "##", or what the files have instead. NULL: the piece begins
 * a word, or is special. */
const char *tokenizer_inner_piece(const struct tokenizer *tokenizer, int32_t id);

/* Encodes `text` as ids, [CLS] first and [SEP] last.
 *
 * max_length  entries in ids, special tokens included, at least 2
 * ids         out, at least max_length entries
 * ends        out or NULL, at least max_length entries: for each id the byte of `text` where it ends
 *             (0 for [CLS], the last piece's end for [SEP]); so a truncated text ends at ends[n-1]
 * truncated   out or NULL: set when pieces were dropped
 * returns     the number of ids written, 2..max_length. Cannot fail: bytes that are not UTF-8 count
 *             as U+FFFD; when memory is short the text counts as [UNK].
 * source      Devlin et al. 2018; the Hugging Face tokenizers (Rust) 0.2x. */
int32_t tokenizer_encode(const struct tokenizer *tokenizer, struct span text, int32_t max_length,
                         int32_t *ids, uint32_t *ends, bool *truncated);

/* Which tokens of a text count that has more than a sequence holds. Hugging Face's truncation_side "right" is the head,
 * "left" the tail; windows are its return_overflowing_tokens; head and tail together: Sun et al. 2019. */
enum truncation { TRUNCATION_HEAD, TRUNCATION_TAIL, TRUNCATION_HEAD_TAIL, TRUNCATION_WINDOWS };

#define TRUNCATION_WORDS "head|tail|head+tail|windows"
#define CUT_STRIDE 0.8 /* of a window, where nothing is said; simpletransformers' default */

const char *truncation_name(enum truncation truncation);
bool truncation_find(const char *name, enum truncation *truncation); /* also "right" and "left" */

/* How a text becomes sequences, [CLS] and [SEP] in and around each of them. */
struct cut {
	enum truncation truncation;
	int32_t max_length;  /* tokens of a sequence, special tokens included, at least 2 */
	int32_t head_tokens; /* of head+tail: tokens before the gap; 0: a quarter of what fits */
	double stride;       /* of windows, from the start of one to that of the next: up to 1 as a share of max_length, above that
	                      * in tokens; what does not fit into a window counts as a whole one; 0: CUT_STRIDE */
	int32_t max_windows; /* of a text; 0: as many as it needs */
};

/* The sequences of one text, and memory for them that the next text uses again. Start with {0}, end with
 * tokenizer_cut_free. */
struct sequences {
	int32_t count;       /* at least 1 */
	int32_t tokens_read; /* that count, each once, and the special tokens of one sequence */
	int64_t tokens;      /* of the whole text, as tokenizer_count; of a text of which the head counts: tokens_read */
	bool truncated;      /* some tokens are in no sequence */
	uint32_t unread_from, unread_to; /* these are in bytes unread_from .. unread_to - 1 of the text; else both are its end */

	int64_t found;       /* tokens of the text without special ones; where the head counts, only those */
	int32_t *ids;        /* [found] */
	uint32_t *ends;      /* [found] the byte of the text where each ends */

	const struct tokenizer *tokenizer; /* from here on its own */
	struct cut cut;
	int32_t room, step;  /* tokens of a sequence without special ones; from window to window */
	int64_t capacity;
};

/* Cuts `text`. False: no memory for its tokens. */
bool tokenizer_cut(const struct tokenizer *tokenizer, struct span text, const struct cut *cut,
                   struct sequences *sequences);
void tokenizer_cut_free(struct sequences *sequences);

/* Writes sequence `index` (0 .. count - 1) of the text that was cut last, at most cut.max_length ids. Returns their number. */
int32_t tokenizer_cut_take(const struct sequences *sequences, int32_t index, int32_t *ids);

/* Which token of the text, counted in ids[] and ends[], stands at a place of sequence `index`; -1: a special token. */
int64_t tokenizer_cut_token(const struct sequences *sequences, int32_t index, int32_t place);

/* How many ids the whole text would have, special tokens included. */
int64_t tokenizer_count(const struct tokenizer *tokenizer, struct span text);

/* The same, of a text of which the first `count` ids, special tokens apart, are known to end at ends[count]: only what comes
 * after them is looked at, where the tokenizer allows. */
int64_t tokenizer_count_rest(const struct tokenizer *tokenizer, struct span text, const uint32_t *ends, int64_t count);

/* Writes tokenizer.json, vocab.txt, tokenizer_config.json and special_tokens_map.json into `folder`. When
 * the tokenizer came from files, those are copied byte for byte and only what is missing is made. */
bool tokenizer_save(const struct tokenizer *tokenizer, const char *folder, struct error *error);

/* Learning a vocabulary as the Hugging Face WordPieceTrainer does: words are counted after normalising
 * (lower case) and pre-tokenising, then the pair of pieces with the highest count is merged (ties: the smaller
 * pair of ids), pieces inside a word written with "##". [PAD] [UNK] [CLS] [SEP] [MASK] come first, then the
 * characters by code point. min_frequency is the least count of a pair; the reference's default is 0. */
struct vocabulary_trainer;
struct vocabulary_trainer *vocabulary_trainer_new(int32_t vocab_size, int32_t min_frequency, struct error *error);
void vocabulary_trainer_free(struct vocabulary_trainer *trainer);
bool vocabulary_trainer_add(struct vocabulary_trainer *trainer, struct span text, struct error *error);
struct tokenizer *vocabulary_trainer_finish(struct vocabulary_trainer *trainer,
                                            const struct progress *progress, struct error *error);

#endif
