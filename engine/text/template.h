/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The special tokens around a text: [CLS] A [SEP] of BERT, <s> A </s> of RoBERTa. */
#ifndef REVUE_TEXT_TEMPLATE_H
#define REVUE_TEXT_TEMPLATE_H

#include "engine/error.h"

#include <jansson.h>
#include <stdint.h>

#define TEMPLATE_SIDE_MAX 8 /* ids on either side of the text */

struct template {
	int32_t before[TEMPLATE_SIDE_MAX], after[TEMPLATE_SIDE_MAX];
	int32_t before_count, after_count;
};

/* One id before the text and one after it. */
struct template template_of_two(int32_t before, int32_t after);

static inline int32_t template_size(const struct template *template)
{
	return template->before_count + template->after_count;
}

/* Reads the "post_processor" of tokenizer.json: a TemplateProcessing's template for one text, which must be of type 0
 * throughout, or a BertProcessing. Anything else is refused by its name. */
bool template_read(struct template *template, const json_t *processor, struct error *error);

#endif
