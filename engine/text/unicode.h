/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tokenizer knows of Unicode: UTF-8, the categories that BertNormalizer and BertPreTokenizer ask for,
 * canonical decomposition without the marks that are removed, lower case. The tables were read off the
 * Hugging Face tokenizers (make_tables.py), not off a Unicode release and not off a system library, so that
 * ids are theirs on every system, whatever Unicode version that has. */
#ifndef REVUE_TEXT_UNICODE_H
#define REVUE_TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNICODE_REPLACEMENT 0xFFFDu

enum unicode_kind {
	KIND_OTHER,
	KIND_SPACE,         /* separates words */
	KIND_CONTROL,       /* removed by clean_text, U+FFFD included */
	KIND_CONTROL_SPACE, /* removed by clean_text; where that is off it separates words */
	KIND_PUNCTUATION,   /* a word of its own */
	KIND_IDEOGRAPH,     /* spaces are put around it */
	KIND_MARK,          /* category Mn: removed with accents */
};

/* A row of a sorted table, inclusive on both ends. `order` is the canonical combining class, 0 for a starter; of a
 * KIND_MARK, which is removed, only whether it is 0. */
struct unicode_range {
	uint32_t first, last;
	uint8_t kind, order;
};

/* Reads one code point and moves *at behind it; at < end. Each maximal part of an ill-formed sequence counts as
 * U+FFFD (Unicode 15, 3.9, "U+FFFD Substitution of Maximal Subparts"). */
uint32_t unicode_decode(const unsigned char **at, const unsigned char *end);

/* Writes 1..4 bytes, returns how many. */
size_t unicode_encode(uint32_t code_point, unsigned char out[4]);

/* The range of a sorted table that holds the code point, NULL: none does. */
const struct unicode_range *unicode_find(const struct unicode_range *ranges, size_t count, uint32_t code_point);

/* {0, 0, KIND_OTHER, 0} for everything that has no entry. */
struct unicode_range unicode_classify(uint32_t code_point);

/* Canonical decomposition, marks that are removed left out; 1..4 code points. Not for marks themselves. */
size_t unicode_decompose(uint32_t code_point, uint32_t out[4]);

/* Lower case as Rust's char::to_lowercase; U+0130, the only one that becomes two, becomes 'i' and *mark U+0307
 * (else 0). */
uint32_t unicode_lower(uint32_t code_point, uint32_t *mark);

#endif
