/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text to ids. Literal tokens split the text; what is between them is normalised, cut into words and each word
 * into pieces, a character at a time: nothing is allocated but for the rare tokenizer that has tokens to be found
 * in normalised text. Encoding stops soon after max_length was reached. */
#include "engine/base/buffer.h"
#include "engine/text/tokenizer_parts.h"
#include "engine/text/unicode.h"

#include <stdlib.h>

/* The word that is being read. ends[i] belongs to bytes[i]. Characters beyond the longest word are only counted. */
struct word {
	size_t size;
	int32_t chars;
	uint32_t end;
	char bytes[4 * WORD_CHARS_MAX];
	uint32_t ends[4 * WORD_CHARS_MAX];
};

/* Normalised text with the source byte where each of its bytes ends. */
struct normal_text {
	struct buffer text, ends;
	bool failed;
};

struct encoder {
	const struct tokenizer *tokenizer;
	int32_t *ids;   /* [limit] or NULL */
	uint32_t *ends; /* [limit] or NULL */
	int64_t count, limit;
	bool full; /* more pieces than fit */
	uint32_t last_end;
	struct word word;
	struct normal_stream normal;
	struct normal_text *kept; /* not NULL while normalised text is gathered instead of cut into words */
};

static void emit(struct encoder *encoder, int32_t id, uint32_t end)
{
	if (encoder->count == encoder->limit) {
		encoder->full = true;
		return;
	}
	if (encoder->ids)
		encoder->ids[encoder->count] = id;
	if (encoder->ends)
		encoder->ends[encoder->count] = end;
	encoder->count++;
	encoder->last_end = end;
}

/* WordPiece: the longest piece from the left, again and again; a word with a part that is no piece is unknown
 * as a whole. */
static void emit_pieces(struct encoder *encoder, const struct word *word)
{
	const struct tokenizer *tokenizer = encoder->tokenizer;
	struct span prefix = {tokenizer->prefix, 0};
	int32_t ids[WORD_CHARS_MAX];
	uint32_t ends[WORD_CHARS_MAX];
	size_t count = 0;

	for (size_t at = 0, used; at < word->size; at += used) {
		struct span rest = {word->bytes + at, word->size - at};

		ids[count] = pieces_match(&tokenizer->pieces, prefix, rest, &used);
		if (ids[count] < 0) {
			emit(encoder, tokenizer->unknown, word->end);
			return;
		}
		ends[count++] = word->ends[at + used - 1];
		prefix.size = tokenizer->prefix_size;
	}
	for (size_t i = 0; i < count && !encoder->full; i++)
		emit(encoder, ids[i], ends[i]);
}

static void word_finish(struct encoder *encoder)
{
	struct word *word = &encoder->word;

	if (word->chars > encoder->tokenizer->max_word_chars)
		emit(encoder, encoder->tokenizer->unknown, word->end);
	else if (word->chars > 0)
		emit_pieces(encoder, word);
	word->chars = 0;
	word->size = 0;
}

static void word_add(struct encoder *encoder, const unsigned char *bytes, size_t size, uint32_t end)
{
	struct word *word = &encoder->word;

	word->end = end;
	if (word->chars > encoder->tokenizer->max_word_chars)
		return;
	if (word->chars++ == encoder->tokenizer->max_word_chars)
		return;
	for (size_t i = 0; i < size; i++) {
		word->bytes[word->size] = (char)bytes[i];
		word->ends[word->size++] = end;
	}
}

/* BertPreTokenizer, on one normalised character. */
static void words_take(struct encoder *encoder, uint32_t c, uint32_t end)
{
	uint8_t kind = unicode_classify(c).kind;
	unsigned char bytes[4];
	size_t size = unicode_encode(c, bytes);

	if (kind == KIND_SPACE || kind == KIND_CONTROL_SPACE || kind == KIND_PUNCTUATION)
		word_finish(encoder);
	if (kind == KIND_SPACE || kind == KIND_CONTROL_SPACE)
		return;
	word_add(encoder, bytes, size, end);
	if (kind == KIND_PUNCTUATION)
		word_finish(encoder);
}

static void keep(struct normal_text *kept, uint32_t c, uint32_t end)
{
	unsigned char bytes[4];
	size_t size = unicode_encode(c, bytes);

	kept->failed = kept->failed || !buffer_add(&kept->text, bytes, size);
	for (size_t i = 0; i < size; i++)
		kept->failed = kept->failed || !buffer_add(&kept->ends, &end, sizeof end);
}

static void take_normalised(void *context, uint32_t c, uint32_t end)
{
	struct encoder *encoder = context;

	if (encoder->kept)
		keep(encoder->kept, c, end);
	else
		words_take(encoder, c, end);
}

/* One ASCII character straight to the word; the same that the long way through normal_take would do. */
static void take_ascii(struct encoder *encoder, unsigned char byte, uint32_t end)
{
	const struct normal_options *options = &encoder->tokenizer->normal;
	unsigned char lower = byte >= 'A' && byte <= 'Z' && options->lowercase ? (unsigned char)(byte | 0x20) : byte;
	bool space = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';

	if (!space && (byte < ' ' || byte == 0x7F)) {
		normal_take(&encoder->normal, byte, end);
		return;
	}
	if (encoder->normal.held_count)
		normal_finish(&encoder->normal);
	if (space) {
		word_finish(encoder);
		return;
	}
	if ((lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z')) {
		word_add(encoder, &lower, 1, end);
		return;
	}
	word_finish(encoder);
	word_add(encoder, &byte, 1, end);
	word_finish(encoder);
}

static void normalise(struct encoder *encoder, struct span text, size_t from, size_t to)
{
	const unsigned char *start = (const unsigned char *)text.data, *at = start + from, *end = start + to;

	while (at < end && !encoder->full) {
		if (*at < 0x80 && !encoder->kept) {
			take_ascii(encoder, *at, (uint32_t)(at - start + 1));
			at++;
		} else {
			uint32_t c = unicode_decode(&at, end);

			normal_take(&encoder->normal, c, (uint32_t)(at - start));
		}
	}
	normal_finish(&encoder->normal);
}

static void cut_kept(struct encoder *encoder, const struct normal_text *kept, size_t from, size_t to)
{
	const unsigned char *start = (const unsigned char *)kept->text.data, *at = start + from, *end = start + to;
	const uint32_t *ends = (const uint32_t *)(const void *)kept->ends.data;

	while (at < end && !encoder->full) {
		uint32_t c = unicode_decode(&at, end);

		words_take(encoder, c, ends[at - start - 1]);
	}
	word_finish(encoder);
}

/* The long way, for tokenizers with tokens that are looked for in normalised text. */
static void encode_kept(struct encoder *encoder, struct normal_text *kept)
{
	struct span text = {kept->text.data, kept->text.size};
	const uint32_t *ends = (const uint32_t *)(const void *)kept->ends.data;
	struct added_cursor cursor = {0};
	const struct added_token *token;
	size_t at = 0;

	while (!encoder->full && (token = added_tokens_next(&encoder->tokenizer->added, true, text, &cursor)) != NULL) {
		cut_kept(encoder, kept, at, cursor.start);
		emit(encoder, token->id, ends[cursor.stop - 1]);
		at = cursor.stop;
	}
	cut_kept(encoder, kept, at, text.size);
}

/* A stretch of the text that holds no literal token; none of it (from > to) before a token in the white space that
 * the one before has swallowed. */
static void encode_plain(struct encoder *encoder, struct span text, size_t from, size_t to)
{
	struct normal_text kept = {.text = {.maximum = SIZE_MAX / 16}, .ends = {.maximum = SIZE_MAX / 4}};

	if (from >= to || !encoder->tokenizer->added.any_normalized) {
		normalise(encoder, text, from, to);
		word_finish(encoder);
		return;
	}
	encoder->kept = &kept;
	normalise(encoder, text, from, to);
	encoder->kept = NULL;
	if (kept.failed)
		emit(encoder, encoder->tokenizer->unknown, (uint32_t)to);
	else
		encode_kept(encoder, &kept);
	buffer_free(&kept.text);
	buffer_free(&kept.ends);
}

static void encode(struct encoder *encoder, struct span text)
{
	struct added_cursor cursor = {0};
	const struct added_token *token;
	size_t at = 0;

	encoder->normal.options = encoder->tokenizer->normal;
	encoder->normal.take = take_normalised;
	encoder->normal.context = encoder;
	while (!encoder->full && (token = added_tokens_next(&encoder->tokenizer->added, false, text, &cursor)) != NULL) {
		encode_plain(encoder, text, at, cursor.start);
		emit(encoder, token->id, (uint32_t)cursor.stop);
		at = cursor.stop;
	}
	encode_plain(encoder, text, at, text.size);
}

static void encoder_start(struct encoder *encoder, const struct tokenizer *tokenizer)
{
	encoder->tokenizer = tokenizer;
	encoder->ids = NULL;
	encoder->ends = NULL;
	encoder->count = 0;
	encoder->limit = INT64_MAX;
	encoder->full = false;
	encoder->last_end = 0;
	encoder->word.size = 0;
	encoder->word.chars = 0;
	encoder->normal.held_count = 0;
	encoder->kept = NULL;
}

int32_t tokenizer_encode(const struct tokenizer *tokenizer, struct span text, int32_t max_length, int32_t *ids,
                         uint32_t *ends, bool *truncated)
{
	struct encoder encoder;

	encoder_start(&encoder, tokenizer);
	encoder.ids = ids + 1;
	encoder.ends = ends ? ends + 1 : NULL;
	encoder.limit = max_length - 2;
	encode(&encoder, text);
	ids[0] = tokenizer->cls;
	ids[encoder.count + 1] = tokenizer->sep;
	if (ends) {
		ends[0] = 0;
		ends[encoder.count + 1] = encoder.last_end;
	}
	if (truncated)
		*truncated = encoder.full;
	return (int32_t)encoder.count + 2;
}

int64_t tokenizer_count(const struct tokenizer *tokenizer, struct span text)
{
	struct encoder encoder;

	encoder_start(&encoder, tokenizer);
	encode(&encoder, text);
	return encoder.count + 2;
}
