/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/bert_split.h"

#include "engine/text/unicode.h"

static enum split_part part(uint32_t c)
{
	switch (unicode_classify(c).kind) {
	case KIND_SPACE:
	case KIND_CONTROL_SPACE:
		return SPLIT_DROP;
	case KIND_PUNCTUATION:
		return SPLIT_ALONE;
	default:
		return SPLIT_JOIN;
	}
}

static bool next(struct span text, size_t *at, struct span *word)
{
	const unsigned char *start = (const unsigned char *)text.data, *end = start + text.size, *past = start + *at;

	*word = (struct span){text.data + *at, 0};
	while (past < end) {
		const unsigned char *character = past;
		enum split_part kind = part(unicode_decode(&past, end));

		if (kind != SPLIT_JOIN && word->size > 0)
			break;
		*at = (size_t)(past - start);
		if (kind == SPLIT_DROP)
			*word = (struct span){text.data + *at, 0};
		else
			word->size += (size_t)(past - character);
		if (kind == SPLIT_ALONE)
			break;
	}
	return word->size > 0;
}

const struct splitter bert_splitter = {.type = "BertPreTokenizer", .part = part, .next = next};
