/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * WordPiece of the Hugging Face tokenizers (Schuster and Nakajima 2012; Devlin et al. 2018): the longest piece from the
 * left, again and again; a word with a part that is no piece is unknown as a whole. */
#ifndef REVUE_TEXT_WORDPIECE_H
#define REVUE_TEXT_WORDPIECE_H

#include "engine/text/step.h"

extern const struct piece_step wordpiece_step;

/* An empty vocabulary; "##" inside words, and 100 characters a word at most, as a BertTokenizer has it. */
struct piece_model wordpiece_default(void);

#endif
