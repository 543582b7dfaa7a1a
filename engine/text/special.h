/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The added and special tokens that the files of a folder list, in whichever of four places. */
#ifndef REVUE_TEXT_SPECIAL_H
#define REVUE_TEXT_SPECIAL_H

#include "engine/text/sources.h"
#include "engine/text/tokenizer_core.h"

/* Adds all of them; the vocabulary is there already. `rebuild`: the class of the tokenizer knows the names of special
 * tokens where the files are silent. */
bool special_tokens_load(struct tokenizer *tokenizer, const struct sources *sources, bool rebuild, struct error *error);

/* The id of a special token by its key ("cls_token"), by BERT's name for it where the files are silent. */
bool special_token_find(const struct tokenizer *tokenizer, const struct sources *sources, const char *key, int32_t *id,
                        struct error *error);

#endif
