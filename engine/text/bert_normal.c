/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/bert_normal.h"

#include "engine/base/json.h"
#include "engine/text/unicode.h"

static void take_lower(struct normal_stream *stream, uint32_t c, uint32_t end)
{
	uint32_t mark = 0;

	if (stream->normal.bert.lowercase)
		c = unicode_lower(c, &mark);
	stream->take(stream->context, c, end);
	if (mark)
		stream->take(stream->context, mark, end);
}

static void finish(struct normal_stream *stream)
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
		finish(stream);
		at = 0;
	}
	for (; at > 0 && stream->held[at - 1].order > order; at--)
		stream->held[at] = stream->held[at - 1];
	stream->held[at] = (struct held_mark){c, end, order};
	stream->held_count++;
}

/* Removed marks still matter when they are starters: kept ones do not move across them. */
static void take_decomposed(struct normal_stream *stream, uint32_t c, struct unicode_range class, uint32_t end)
{
	if (class.order == 0)
		normal_finish(stream);
	if (class.kind == KIND_MARK)
		return;
	if (class.order)
		hold(stream, c, end, class.order);
	else
		take_lower(stream, c, end);
}

static void take_clean(struct normal_stream *stream, uint32_t c, struct unicode_range class, uint32_t end)
{
	uint32_t parts[4];
	size_t count;

	if (!stream->normal.bert.strip_accents) {
		take_lower(stream, c, end);
		return;
	}
	count = unicode_decompose(c, parts);
	for (size_t i = 0; i < count; i++)
		take_decomposed(stream, parts[i], parts[i] == c ? class : unicode_classify(parts[i]), end);
}

static void take_space(struct normal_stream *stream, uint32_t end)
{
	take_clean(stream, ' ', unicode_classify(' '), end);
}

static void take(struct normal_stream *stream, uint32_t c, uint32_t end)
{
	const struct bert_normal *bert = &stream->normal.bert;
	struct unicode_range class = unicode_classify(c);

	if (bert->clean_text && (class.kind == KIND_CONTROL || class.kind == KIND_CONTROL_SPACE))
		return;
	if (bert->clean_text && class.kind == KIND_SPACE) {
		take_space(stream, end);
	} else if (bert->ideographs && class.kind == KIND_IDEOGRAPH) {
		take_space(stream, end);
		take_clean(stream, c, class, end);
		take_space(stream, end);
	} else {
		take_clean(stream, c, class, end);
	}
}

static bool read_switches(struct normal *normal, const json_t *part, struct error *error)
{
	struct bert_normal *bert = &normal->bert;

	return json_read_flag(part, "clean_text", true, &bert->clean_text, error) &&
	       json_read_flag(part, "handle_chinese_chars", true, &bert->ideographs, error) &&
	       json_read_flag(part, "lowercase", true, &bert->lowercase, error) &&
	       json_read_flag(part, "strip_accents", bert->lowercase, &bert->strip_accents, error);
}

json_t *bert_normal_strip_accents(const struct bert_normal *bert)
{
	return bert->strip_accents == bert->lowercase ? json_null() : json_boolean(bert->strip_accents);
}

static json_t *write_switches(const struct normal *normal)
{
	const struct bert_normal *bert = &normal->bert;

	return json_pack("{s:s,s:b,s:b,s:o,s:b}", "type", bert_normaliser.type, "clean_text", bert->clean_text,
	                 "handle_chinese_chars", bert->ideographs, "strip_accents", bert_normal_strip_accents(bert),
	                 "lowercase", bert->lowercase);
}

const struct normaliser bert_normaliser = {
	.type = "BertNormalizer",
	.by_character = true,
	.read = read_switches,
	.write = write_switches,
	.take = take,
	.finish = finish,
};

struct normal bert_normal_default(void)
{
	return (struct normal){
		.step = &bert_normaliser,
		.bert = {.clean_text = true, .ideographs = true, .strip_accents = true, .lowercase = true},
	};
}
