/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/vocab_text.h"

#include "engine/base/buffer.h"
#include "engine/base/file.h"
#include "engine/text/unicode.h"

#include <stdlib.h>

static bool is_utf8(struct span text)
{
	const unsigned char *at = (const unsigned char *)text.data, *end = at + text.size;

	while (at < end) {
		const unsigned char *start = at;

		/* A real U+FFFD has three bytes and begins with EF. */
		if (unicode_decode(&at, end) == UNICODE_REPLACEMENT && (at - start != 3 || *start != 0xEF))
			return false;
	}
	return true;
}

/* Without the white space at its end, as the Rust reader of vocab.txt takes a line. */
static struct span trim_end(struct span line)
{
	const unsigned char *start = (const unsigned char *)line.data;

	while (line.size > 0) {
		size_t from = line.size - 1;
		const unsigned char *at;
		uint8_t kind;

		while (from > 0 && (start[from] & 0xC0) == 0x80)
			from--;
		at = start + from;
		kind = unicode_classify(unicode_decode(&at, start + line.size)).kind;
		if (kind != KIND_SPACE && kind != KIND_CONTROL_SPACE)
			break;
		line.size = from;
	}
	return line;
}

static bool read_lines(struct pieces *pieces, struct span text, struct error *error)
{
	size_t at = text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

	for (int32_t id = 0; at < text.size; id++) {
		const char *newline = memchr(text.data + at, '\n', text.size - at);
		size_t size = newline ? (size_t)(newline - (text.data + at)) : text.size - at;
		struct span line = trim_end((struct span){text.data + at, size});

		at += size + 1;
		RETURN_IF(id == PIECES_MAX, error, ERROR_DATA, "more than %d lines", PIECES_MAX);
		RETURN_IF(line.size && memchr(line.data, '\0', line.size), error, ERROR_DATA, "line %d: holds a NUL byte",
		          id + 1);
		RETURN_IF(!is_utf8(line), error, ERROR_DATA, "line %d: not UTF-8", id + 1);
		if (line.size && !pieces_add(pieces, line, id, error))
			return error_prefix(error, "line %d", id + 1);
	}
	return true;
}

bool vocab_text_read(struct pieces *pieces, const char *path, struct error *error)
{
	size_t size;
	char *text = file_read(path, VOCAB_TEXT_BYTES_MAX, &size, error);
	bool done;

	if (!text)
		return false;
	done = read_lines(pieces, (struct span){text, size}, error) || error_prefix(error, "%s", path);
	free(text);
	return done;
}

/* A line that is read back as the piece, also by those who take a carriage return for the end of a line. */
static bool is_line(struct span piece)
{
	return !memchr(piece.data, '\n', piece.size) && !memchr(piece.data, '\r', piece.size) &&
	       trim_end(piece).size == piece.size;
}

bool vocab_text_write(const struct pieces *pieces, const char *path, struct error *error)
{
	struct buffer lines = {.maximum = SIZE_MAX / 4};
	bool done = true;

	for (int32_t id = 0; done && id < pieces->count; id++) {
		struct span piece = pieces_text(pieces, id);

		if (!is_line(piece)) {
			buffer_free(&lines);
			return true;
		}
		done = buffer_add(&lines, piece.data, piece.size) && buffer_add_byte(&lines, '\n');
	}
	done = done ? file_replace(path, lines.data, lines.size, error) : error_memory(error, "writing a tokenizer");
	buffer_free(&lines);
	return done;
}
