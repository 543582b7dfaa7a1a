/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tokenizer knows of Unicode: UTF-8 (RFC 3629), the categories that BertNormalizer and BertPreTokenizer ask
 * for, canonical decomposition (Unicode Standard Annex 15) without the marks that are removed, and lower case. The
 * tables were read off the Hugging Face tokenizers (make_tables.py), not off a Unicode release or a system library:
 * the ids are theirs on every system, whatever version of Unicode it has. */
#ifndef REVUE_TEXT_UNICODE_H
#define REVUE_TEXT_UNICODE_H

#include "engine/text/unicode_range.h"

#include <stdbool.h>

#define UNICODE_REPLACEMENT 0xFFFDu

/* Reads one code point and moves *at past it; at < end. Each maximal part of an ill-formed sequence counts as
 * U+FFFD (Unicode 15, 3.9, "U+FFFD Substitution of Maximal Subparts"). */
uint32_t unicode_decode(const unsigned char **at, const unsigned char *end);

/* Writes 1..4 bytes, returns how many. */
size_t unicode_encode(uint32_t code_point, unsigned char out[4]);

/* The code point's row; {0, 0, KIND_OTHER, 0} for one that stands in no row. */
struct unicode_range unicode_classify(uint32_t code_point);

/* Canonical decomposition, marks that are removed left out; 1..4 code points. Not for marks themselves. */
size_t unicode_decompose(uint32_t code_point, uint32_t out[4]);

/* Lower case as Rust's char::to_lowercase; U+0130, the only one that becomes two, becomes 'i' and *mark U+0307
 * (else 0). */
uint32_t unicode_lower(uint32_t code_point, uint32_t *mark);

#endif
