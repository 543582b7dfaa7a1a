/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standards: ECMA-48 (the C0 and C1 control functions, which terminals obey), Unicode Standard Annex 9 (bidirectional
 * controls), Annex 11 (columns), Technical Standard 51 (emoji sequences).
 *
 * One glyph at a time, for scrub_text and scrub_line alike. What a terminal may draw in more than one way is
 * given in the way that takes the same columns in all of them: variation selectors, skin tones and the joiners
 * of emoji sequences are left out, so that each part of a sequence stands for itself with its own width. */
#include "engine/scrub.h"

#include "engine/base/size.h"
#include "engine/text/unicode.h"
#include "engine/text/width_table.h"

#include <stdlib.h>

#define MARKS_MAX 4 /* what a curses cell holds beside its base */
#define TEXT_MAX ((size_t)1 << 30)

struct reader {
	const unsigned char *start, *at, *end;
	struct scrub_options options;
};

struct cluster {
	unsigned char bytes[4 * (1 + MARKS_MAX)];
	uint16_t size;
	uint8_t width;
	bool substitute;
};

int scrub_width(uint32_t c)
{
	const struct unicode_range *range;

	if (c < 0x20 || (c >= 0x7F && c < 0xA0))
		return 0;
	range = unicode_range_find(widths, sizeof widths / sizeof *widths, c);
	return range ? range->kind : 1;
}

static bool within(uint32_t c, uint32_t first, uint32_t last)
{
	return c >= first && c <= last;
}

static bool is_selector(uint32_t c)
{
	return within(c, 0xFE00, 0xFE0F) || within(c, 0xE0100, 0xE01EF) || within(c, 0x180B, 0x180D) || c == 0x34F;
}

static bool is_modifier(uint32_t c)
{
	return within(c, 0x1F3FB, 0x1F3FF);
}

static bool is_regional(uint32_t c)
{
	return within(c, 0x1F1E6, 0x1F1FF);
}

/* Roughly Extended_Pictographic: what stands on either side of a joiner in an emoji sequence. */
static bool is_pictograph(uint32_t c)
{
	return within(c, 0x1F000, 0x1FAFF) || within(c, 0x2190, 0x2BFF) || c == 0xA9 || c == 0xAE || c == 0x203C ||
	       c == 0x2049 || c == 0x2122 || c == 0x2139 || c == 0x3030 || c == 0x303D || c == 0x3297 || c == 0x3299;
}

/* Moves a cursor, reorders a line, cannot be seen, or means something else on every machine. */
static bool is_hidden(uint32_t c)
{
	static const uint32_t ranges[][2] = {
		{0x00, 0x1F},       {0x7F, 0x9F},       {0x61C, 0x61C},     {0x115F, 0x1160},   {0x17B4, 0x17B5},
		{0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},
		{0xD800, 0xF8FF},   {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
		{0x13430, 0x13440}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, UINT32_MAX},
	};

	if ((c & 0xFFFE) == 0xFFFE)
		return true;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges && c >= ranges[i][0]; i++)
		if (c <= ranges[i][1])
			return true;
	return false;
}

/* The next code point without taking it, 0 at the end. *past is where the one after it begins. */
static uint32_t peek(const struct reader *reader, const unsigned char *from, const unsigned char **past)
{
	*past = from;
	return from < reader->end ? unicode_decode(past, reader->end) : 0;
}

static void put(struct cluster *cluster, uint32_t c, int width, bool substitute)
{
	cluster->size = (uint16_t)unicode_encode(c, cluster->bytes);
	cluster->width = (uint8_t)width;
	cluster->substitute = substitute;
}

static void put_more(struct cluster *cluster, uint32_t c)
{
	cluster->size = (uint16_t)(cluster->size + unicode_encode(c, cluster->bytes + cluster->size));
}

static void put_newline(const struct reader *reader, struct cluster *cluster)
{
	switch (reader->options.newline) {
	case SCRUB_NEWLINE_KEEP:
		put(cluster, '\n', 0, false);
		break;
	case SCRUB_NEWLINE_SYMBOL:
		put(cluster, reader->options.ascii ? '/' : 0x21B5, 1, true);
		break;
	case SCRUB_NEWLINE_SPACE:
	default:
		put(cluster, ' ', 1, false);
	}
}

/* What reads best for c in ASCII, 0 when nothing does. */
static uint32_t ascii_for(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		char ascii;
	} table[] = {
		{0xAB, 0xAB, '"'},     {0xB4, 0xB4, '\''},    {0xBB, 0xBB, '"'},     {0xD7, 0xD7, 'x'},
		{0x2010, 0x2015, '-'}, {0x2018, 0x201B, '\''}, {0x201C, 0x201F, '"'}, {0x2022, 0x2022, '*'},
		{0x2026, 0x2026, '.'}, {0x2032, 0x2032, '\''}, {0x2033, 0x2033, '"'}, {0x2039, 0x2039, '<'},
		{0x203A, 0x203A, '>'}, {0x2212, 0x2212, '-'},
	};
	uint32_t parts[4];

	if (unicode_classify(c).kind == KIND_SPACE)
		return ' ';
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (within(c, table[i].first, table[i].last))
			return (uint32_t)table[i].ascii;
	return unicode_decompose(c, parts) == 1 && parts[0] < 0x7F ? parts[0] : 0;
}

/* Marks on the base that was just put, and what follows a base in an emoji sequence. */
static void take_followers(struct reader *reader, struct cluster *cluster, uint32_t base)
{
	const unsigned char *past, *further;
	int marks = 0;

	while (reader->at < reader->end && *reader->at >= 0x80) {
		uint32_t c = peek(reader, reader->at, &past);

		if (is_regional(c) && is_regional(base) && marks == 0) {
			if (!reader->options.ascii)
				put_more(cluster, c);
			cluster->width = 2;
			reader->at = past;
			return;
		}
		if (c == 0x200D && is_pictograph(base) && is_pictograph(peek(reader, past, &further))) {
			reader->at = past;
			return;
		}
		if (!is_selector(c) && !(is_modifier(c) && is_pictograph(base)) && (scrub_width(c) != 0 || is_hidden(c)))
			return;
		if (scrub_width(c) == 0 && !is_selector(c) && marks++ < MARKS_MAX && !reader->options.ascii)
			put_more(cluster, c);
		reader->at = past;
	}
}

static void put_substitute(const struct reader *reader, struct cluster *cluster, uint32_t c)
{
	if (c == 0xAD) /* a soft hyphen */
		put(cluster, '-', 1, true);
	else
		put(cluster, reader->options.ascii ? '.' : UNICODE_REPLACEMENT, 1, true);
}

static void put_base(struct reader *reader, struct cluster *cluster, uint32_t c)
{
	uint32_t ascii = reader->options.ascii && c >= 0x80 ? ascii_for(c) : c;

	if (reader->options.ascii)
		put(cluster, ascii ? ascii : '?', 1, ascii == 0);
	else
		put(cluster, c, scrub_width(c), false);
	take_followers(reader, cluster, c);
	if (reader->options.ascii)
		cluster->width = 1;
}

/* Reads one glyph; false at the end of the text. */
static bool read_cluster(struct reader *reader, struct cluster *cluster)
{
	const unsigned char *from = reader->at;
	uint32_t c;
	bool broken;

	if (from == reader->end)
		return false;
	c = unicode_decode(&reader->at, reader->end);
	broken = c == UNICODE_REPLACEMENT && (reader->at - from != 3 || *from != 0xEF);
	if (c == '\r' && reader->at < reader->end && *reader->at == '\n')
		reader->at++;
	if (c == '\n' || c == '\r')
		put_newline(reader, cluster);
	else if (c == '\t')
		put(cluster, ' ', 1, false);
	else if (broken || c == 0xAD || is_hidden(c) || scrub_width(c) == 0)
		put_substitute(reader, cluster, c);
	else
		put_base(reader, cluster, c);
	return true;
}

static struct reader reader_of(struct span text, struct scrub_options options)
{
	const unsigned char *start = (const unsigned char *)text.data;

	return (struct reader){.start = start, .at = start, .end = start + text.size, .options = options};
}

static bool grow(struct scrubbed *out, size_t text_needed, size_t glyphs_needed)
{
	size_t capacity;
	void *memory;

	if (text_needed >= out->text_capacity) {
		capacity = text_needed + text_needed / 2 + 64;
		memory = realloc(out->text_capacity ? out->text : NULL, capacity);
		if (!memory)
			return false;
		out->text = memory;
		out->text_capacity = capacity;
	}
	if (glyphs_needed > out->glyph_capacity) {
		capacity = glyphs_needed + glyphs_needed / 2 + 64;
		memory = size_realloc(out->glyphs, capacity, sizeof *out->glyphs);
		if (!memory)
			return false;
		out->glyphs = memory;
		out->glyph_capacity = capacity;
	}
	return true;
}

static bool add_cluster(struct scrubbed *out, const struct cluster *cluster, size_t source)
{
	if (!grow(out, out->size + cluster->size, out->count + 1))
		return false;
	out->glyphs[out->count++] = (struct glyph){.offset = (uint32_t)out->size,
	                                           .size = cluster->size,
	                                           .width = cluster->width,
	                                           .substitute = cluster->substitute,
	                                           .source = (uint32_t)source};
	memcpy(out->text + out->size, cluster->bytes, cluster->size);
	out->size += cluster->size;
	return true;
}

/* No memory was had: an empty text, which scrubbed_free does not free. */
static bool give_up(struct scrubbed *out)
{
	static char nothing[1];

	if (!out->text_capacity)
		out->text = nothing;
	out->text[0] = '\0';
	out->size = out->count = 0;
	return false;
}

bool scrub_text(struct scrubbed *out, struct span text, struct scrub_options options)
{
	struct reader reader = reader_of(text, options);
	struct cluster cluster;

	out->size = out->count = 0;
	if (text.size > TEXT_MAX || !grow(out, text.size, text.size / 8))
		return give_up(out);
	for (size_t from = 0; read_cluster(&reader, &cluster); from = (size_t)(reader.at - reader.start))
		if (!add_cluster(out, &cluster, from))
			return give_up(out);
	out->text[out->size] = '\0';
	return true;
}

void scrubbed_free(struct scrubbed *scrubbed)
{
	if (scrubbed->text_capacity)
		free(scrubbed->text);
	free(scrubbed->glyphs);
	*scrubbed = (struct scrubbed){0};
}

int scrub_columns(struct span text, int most)
{
	struct reader reader = reader_of(text, (struct scrub_options){SCRUB_NEWLINE_SPACE, false});
	struct cluster cluster;
	int used = 0;

	while (used < most && read_cluster(&reader, &cluster))
		used += cluster.width;
	return used < most ? used : most > 0 ? most : 0;
}

int scrub_line(char *out, size_t capacity, int columns, struct span text, struct scrub_options options)
{
	struct reader reader = reader_of(text, options);
	struct cluster cluster;
	size_t size = 0;
	int used = 0;

	if (capacity == 0)
		return 0;
	while (read_cluster(&reader, &cluster)) {
		if (size + cluster.size >= capacity || (columns > 0 && used + cluster.width > columns))
			break;
		memcpy(out + size, cluster.bytes, cluster.size);
		size += cluster.size;
		used += cluster.width;
	}
	out[size] = '\0';
	return used;
}
