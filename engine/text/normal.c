/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BertNormalizer: clean, spaces around ideographs, accents off, lower case, in this order. */
#include "engine/text/tokenizer_parts.h"
#include "engine/text/unicode.h"

static void take_lower(struct normal_stream *stream, uint32_t c, uint32_t end)
{
	uint32_t mark = 0;

	if (stream->options.lowercase)
		c = unicode_lower(c, &mark);
	stream->take(stream->context, c, end);
	if (mark)
		stream->take(stream->context, mark, end);
}

void normal_finish(struct normal_stream *stream)
{
	for (size_t i = 0; i < stream->held_count; i++)
		take_lower(stream, stream->held[i].code_point, stream->held[i].end);
	stream->held_count = 0;
}

/* Canonical ordering: a stable sort by combining class between two starters. A run longer than the longest word
 * is let out unsorted: it is one unknown word in any order. */
static void hold(struct normal_stream *stream, uint32_t c, uint32_t end, uint8_t order)
{
	size_t at = stream->held_count;

	if (at == sizeof stream->held / sizeof *stream->held) {
		normal_finish(stream);
		at = 0;
	}
	for (; at > 0 && stream->held[at - 1].order > order; at--)
		stream->held[at] = stream->held[at - 1];
	stream->held[at] = (struct held_mark){c, end, order};
	stream->held_count++;
}

/* Removed marks still matter when they are starters: kept ones do not move across them. */
static void take_decomposed(struct normal_stream *stream, uint32_t c, uint32_t end)
{
	struct unicode_range class = unicode_classify(c);

	if (class.order == 0)
		normal_finish(stream);
	if (class.kind == KIND_MARK)
		return;
	if (class.order)
		hold(stream, c, end, class.order);
	else
		take_lower(stream, c, end);
}

static void take_clean(struct normal_stream *stream, uint32_t c, uint32_t end)
{
	uint32_t parts[4];
	size_t count;

	if (!stream->options.strip_accents) {
		take_lower(stream, c, end);
		return;
	}
	count = unicode_decompose(c, parts);
	for (size_t i = 0; i < count; i++)
		take_decomposed(stream, parts[i], end);
}

void normal_take(struct normal_stream *stream, uint32_t c, uint32_t end)
{
	uint8_t kind = unicode_classify(c).kind;

	if (stream->options.clean_text) {
		if (kind == KIND_CONTROL || kind == KIND_CONTROL_SPACE)
			return;
		if (kind == KIND_SPACE)
			c = ' ';
	}
	if (stream->options.ideographs && kind == KIND_IDEOGRAPH) {
		take_clean(stream, ' ', end);
		take_clean(stream, c, end);
		take_clean(stream, ' ', end);
	} else {
		take_clean(stream, c, end);
	}
}
