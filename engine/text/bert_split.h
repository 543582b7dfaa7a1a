/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BertPreTokenizer of the Hugging Face tokenizers: words end at white space, and punctuation stands alone. */
#ifndef REVUE_TEXT_BERT_SPLIT_H
#define REVUE_TEXT_BERT_SPLIT_H

#include "engine/text/step.h"

extern const struct splitter bert_splitter;

#endif
