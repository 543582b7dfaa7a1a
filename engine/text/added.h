/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tokens that are matched literally before words are looked for: "[SEP]" typed in a text is the token. The leftmost
 * counts, and of those that begin at the same place the longest. */
#ifndef REVUE_TEXT_ADDED_H
#define REVUE_TEXT_ADDED_H

#include "engine/text/step.h"

struct added_token {
	char *name;    /* owned; as the files have it */
	char *content; /* owned; what is looked for: the name, normalised when `normalized` */
	size_t size;   /* of content */
	int32_t id;
	bool single_word;    /* only where no letter or digit touches it */
	bool lstrip, rstrip; /* swallows the white space before it, after it */
	bool normalized;     /* looked for in the normalised text, else in the text itself */
	bool special;
};

/* [begin, end) of the items. */
struct added_range {
	uint16_t begin, end;
};

/* Sorted by content, those that are looked for in normalised text last. Start with {0}. */
struct added_tokens {
	struct added_token *items;
	size_t count, capacity;
	struct added_range first[2][256]; /* [normalized][first byte of content] */
	int different[2];                 /* [normalized] first bytes; where it is one, that is in `start` */
	unsigned char start[2];
	bool any_normalized;
};

/* The token's name and flags are copied; its content is made by finish, which also sorts. One that is there already
 * keeps its flags. */
bool added_tokens_add(struct added_tokens *added, struct added_token token, struct error *error);
bool added_tokens_finish(struct added_tokens *added, const struct normal *normal, struct error *error);
void added_tokens_free(struct added_tokens *added);

/* That the tokens beyond `pieces` have the ids pieces, pieces + 1, ..., as Hugging Face numbers them whatever the
 * file says. */
bool added_tokens_check_ids(const struct added_tokens *added, int32_t pieces, struct error *error);

/* Goes through a text from token to token; start with {0}. `start` and `stop`: the token's place, with the white space
 * that it swallows. `scan`: where the next token may begin, perhaps in that white space. */
struct added_cursor {
	size_t scan, start, stop;
};

/* The next token of the given kind, or NULL. */
const struct added_token *added_tokens_next(const struct added_tokens *added, bool normalized, struct span text,
                                            struct added_cursor *cursor);

#endif
