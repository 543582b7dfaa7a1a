/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BertNormalizer of the Hugging Face tokenizers: clean, spaces around ideographs, accents off, lower case, in this
 * order. */
#ifndef REVUE_TEXT_BERT_NORMAL_H
#define REVUE_TEXT_BERT_NORMAL_H

#include "engine/text/step.h"

extern const struct normaliser bert_normaliser;

/* All four switches on, as a BertTokenizer has them where no file says otherwise. */
struct normal bert_normal_default(void);

/* "strip_accents" as JSON: null where accents go as case does, which is how Hugging Face writes it. */
json_t *bert_normal_strip_accents(const struct bert_normal *bert);

#endif
