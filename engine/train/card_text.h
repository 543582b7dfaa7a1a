/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pieces of text for a model card. Names and labels come from strangers: each is scrubbed and shortened before
 * it is quoted, as YAML or as Markdown wants it. */
#ifndef REVUE_TRAIN_CARD_TEXT_H
#define REVUE_TRAIN_CARD_TEXT_H

#include "engine/base/buffer.h"

#define CARD_TEXT_COLUMNS 120 /* of a name or label that are shown */

/* A text that is put together: `made` turns false, for good, when a piece finds no room. */
struct card_text {
	struct buffer text;
	bool made;
};

void card_put(struct card_text *card, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "..." with escapes: always a text, never a number, a boolean or the start of something else. */
void card_put_quoted(struct card_text *card, const char *text);

/* `...`: nothing in it is Markdown or HTML, backquotes neither. Not for tables, where '|' still counts. */
void card_put_code(struct card_text *card, const char *text);

/* "imdb-1": only letters, digits, '.', '_' and '-', as identifiers on the Hugging Face Hub have. */
void card_put_identifier(struct card_text *card, const char *text);

/* Whether it reads as OWNER/NAME on the Hugging Face Hub. */
bool card_is_hub_name(const char *text);

/* What follows the last '/'; "" stays "". */
const char *card_base_name(const char *path);

#endif
