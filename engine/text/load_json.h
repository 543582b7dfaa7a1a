/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tokenizer.json: every member that would change ids is understood or refused by its name. `truncation`, `padding` and
 * `decoder` do not: Hugging Face overrides the first two on every call. */
#ifndef REVUE_TEXT_LOAD_JSON_H
#define REVUE_TEXT_LOAD_JSON_H

#include "engine/text/tokenizer_core.h"

/* All that the document says but its added tokens. `rebuild`: parts that the class of the tokenizer makes anew may be
 * missing; those that are there must still be known ones. */
bool tokenizer_load_json(struct tokenizer *tokenizer, const json_t *document, bool rebuild, struct error *error);

#endif
