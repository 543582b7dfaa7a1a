/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a tokenizer is made of. Those who make one (load.c, vocabulary.c) fill the parts in and call finish; from then
 * on it is immutable. */
#ifndef REVUE_TEXT_TOKENIZER_CORE_H
#define REVUE_TEXT_TOKENIZER_CORE_H

#include "engine/text/added.h"
#include "engine/text/ascii_plan.h"
#include "engine/text/step.h"
#include "engine/text/template.h"
#include "engine/tokenizer.h"

#include <limits.h>

struct tokenizer {
	struct normal normal;
	const struct splitter *splitter;
	struct piece_model model;
	struct template template;
	struct added_tokens added;
	struct ascii_plan ascii;
	int32_t pad, mask;        /* ids; -1: there is none */
	int32_t model_max_length; /* 0: not said */
	char folder[PATH_MAX];    /* where it came from, "" when it was learned */
};

/* A new one with the steps and defaults of BertTokenizer and no pieces. NULL when memory is short; tokenizer_free
 * frees it. */
struct tokenizer *tokenizer_new(struct error *error);

/* Makes ready what is derived from the parts: the added tokens' table, the plan for ASCII. */
bool tokenizer_finish(struct tokenizer *tokenizer, struct error *error);

/* The ids of a text without special tokens around it, up to the list's limit (engine/text/encode.c). */
void tokenizer_find_ids(const struct tokenizer *tokenizer, struct span text, struct id_list *list);

#endif
