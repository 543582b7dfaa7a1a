/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/json_scan.h"

#include <string.h>

enum { EXPECT_VALUE, EXPECT_FIRST_VALUE, EXPECT_KEY, EXPECT_FIRST_KEY, EXPECT_COMMA, EXPECT_NOTHING };

void json_scan_begin(struct json_scan *scan, struct span text, bool python)
{
	scan->text = text;
	scan->python = python;
	scan->at = scan->start = 0;
	scan->depth = 0;
	scan->expected = EXPECT_VALUE;
	scan->fault = NULL;
	scan->cut = false;
}

static enum json_event fault(struct json_scan *scan, const char *reason)
{
	scan->fault = reason;
	scan->cut = scan->at >= scan->text.size;
	return EVENT_FAULT;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The next character that is no white space; -1: there is none. */
static int peek(struct json_scan *scan)
{
	while (scan->at < scan->text.size && is_space(scan->text.data[scan->at]))
		scan->at++;
	return scan->at < scan->text.size ? (unsigned char)scan->text.data[scan->at] : -1;
}

static bool in_object(const struct json_scan *scan)
{
	int top = scan->depth - 1;

	return top >= 0 && (scan->objects[top / 64] >> (top % 64) & 1);
}

static enum json_event end_value(struct json_scan *scan, enum json_event event)
{
	scan->expected = scan->depth > 0 ? EXPECT_COMMA : EXPECT_NOTHING;
	return event;
}

static enum json_event open_bracket(struct json_scan *scan, bool object)
{
	uint64_t bit = (uint64_t)1 << (scan->depth % 64);

	if (scan->depth == JSON_SCAN_DEPTH)
		return fault(scan, "nested too deep");
	if (object)
		scan->objects[scan->depth / 64] |= bit;
	else
		scan->objects[scan->depth / 64] &= ~bit;
	scan->depth++;
	scan->at++;
	scan->expected = object ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE;
	return object ? EVENT_OBJECT : EVENT_ARRAY;
}

static enum json_event close_bracket(struct json_scan *scan)
{
	bool object = in_object(scan);

	scan->start = scan->at++;
	scan->depth--;
	return end_value(scan, object ? EVENT_OBJECT_END : EVENT_ARRAY_END);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* After a backslash. */
static bool pass_escape(struct json_scan *scan)
{
	struct span text = scan->text;

	if (scan->at == text.size || text.data[scan->at] == '\0' || !strchr("\"\\/bfnrtu", text.data[scan->at]))
		return false;
	if (text.data[scan->at++] != 'u')
		return true;
	for (int i = 0; i < 4; i++, scan->at++)
		if (scan->at == text.size || hex_value(text.data[scan->at]) < 0)
			return false;
	return true;
}

/* The characters that end a run of plain ones in a string: quote, backslash and controls. */
static size_t plain_run(const char *data, size_t size)
{
	size_t i = 0;

	/* Eight at a time: a byte below 0x20, or one that is 0 after a quote or backslash is taken away, sets its high bit. */
	for (; i + 8 <= size; i += 8) {
		const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
		uint64_t word, quotes, slashes;

		memcpy(&word, data + i, sizeof word);
		quotes = word ^ (ones * '"');
		slashes = word ^ (ones * '\\');
		if (((word - ones * 0x20) & ~word & high) | ((quotes - ones) & ~quotes & high) |
		    ((slashes - ones) & ~slashes & high))
			break;
	}
	while (i < size && (unsigned char)data[i] >= 0x20 && data[i] != '"' && data[i] != '\\')
		i++;
	return i;
}

/* At a quote. */
static bool pass_string(struct json_scan *scan)
{
	const char *data = scan->text.data;
	size_t size = scan->text.size, from = ++scan->at;

	scan->escaped = false;
	for (;;) {
		scan->at += plain_run(data + scan->at, size - scan->at);
		if (scan->at == size)
			return fault(scan, "a string does not end"), false;
		if (data[scan->at] == '"')
			break;
		if (data[scan->at] != '\\')
			return fault(scan, "a control character in a string"), false;
		scan->escaped = true;
		scan->at++;
		if (!pass_escape(scan))
			return fault(scan, "an unknown escape in a string"), false;
	}
	scan->token = (struct span){data + from, scan->at - from};
	scan->at++;
	return true;
}

static size_t pass_digits(struct json_scan *scan)
{
	size_t from = scan->at;

	while (scan->at < scan->text.size && scan->text.data[scan->at] >= '0' && scan->text.data[scan->at] <= '9')
		scan->at++;
	return scan->at - from;
}

static bool pass_one_of(struct json_scan *scan, const char *characters)
{
	char c = scan->at < scan->text.size ? scan->text.data[scan->at] : '\0';
	bool found = c != '\0' && strchr(characters, c);

	scan->at += found;
	return found;
}

/* A letter or digit right after a word or number belongs to it: 01, nullx. */
static bool at_word_end(const struct json_scan *scan)
{
	char c = scan->at < scan->text.size ? scan->text.data[scan->at] : ' ';

	return !((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' || c == '+' || c == '-' ||
	         c == '_');
}

static bool pass_word(struct json_scan *scan, const char *word)
{
	size_t size = strlen(word);

	if (scan->text.size - scan->at < size || memcmp(scan->text.data + scan->at, word, size) != 0)
		return false;
	scan->at += size;
	return true;
}

static enum json_event number(struct json_scan *scan)
{
	bool fits;

	scan->whole = true;
	pass_one_of(scan, "-");
	if (scan->python && pass_word(scan, "Infinity")) {
		scan->whole = false;
		fits = true;
	} else {
		fits = pass_one_of(scan, "0") || pass_digits(scan) > 0;
		if (fits && pass_one_of(scan, ".")) {
			scan->whole = false;
			fits = pass_digits(scan) > 0;
		}
		if (fits && pass_one_of(scan, "eE")) {
			scan->whole = false;
			pass_one_of(scan, "+-");
			fits = pass_digits(scan) > 0;
		}
	}
	if (!fits || !at_word_end(scan))
		return fault(scan, "not a number");
	scan->token = (struct span){scan->text.data + scan->start, scan->at - scan->start};
	return end_value(scan, EVENT_NUMBER);
}

static enum json_event word(struct json_scan *scan)
{
	enum json_event event = EVENT_FAULT;

	if (pass_word(scan, "true"))
		event = EVENT_TRUE;
	else if (pass_word(scan, "false"))
		event = EVENT_FALSE;
	else if (pass_word(scan, "null"))
		event = EVENT_NULL;
	else if (scan->python && (pass_word(scan, "NaN") || pass_word(scan, "Infinity")))
		event = EVENT_NUMBER;
	if (event == EVENT_FAULT || !at_word_end(scan)) {
		/* A word that the end of the text cut in two is not wrong yet. */
		while (scan->at < scan->text.size && !at_word_end(scan))
			scan->at++;
		return fault(scan, "a value is expected");
	}
	scan->whole = false;
	scan->token = (struct span){scan->text.data + scan->start, scan->at - scan->start};
	return end_value(scan, event);
}

static enum json_event value(struct json_scan *scan, int c)
{
	scan->start = scan->at;
	switch (c) {
	case '{':
		return open_bracket(scan, true);
	case '[':
		return open_bracket(scan, false);
	case '"':
		return pass_string(scan) ? end_value(scan, EVENT_STRING) : EVENT_FAULT;
	default:
		return c == '-' || (c >= '0' && c <= '9') ? number(scan) : word(scan);
	}
}

static enum json_event key(struct json_scan *scan, int c)
{
	scan->start = scan->at;
	if (c != '"')
		return fault(scan, "a key in quotes is expected");
	if (!pass_string(scan))
		return EVENT_FAULT;
	if (peek(scan) != ':')
		return fault(scan, "a colon is expected after a key");
	scan->at++;
	scan->expected = EXPECT_VALUE;
	return EVENT_KEY;
}

enum json_event json_scan_next(struct json_scan *scan)
{
	int c;

	if (scan->expected == EXPECT_NOTHING)
		return EVENT_END;
	c = peek(scan);
	if (scan->expected == EXPECT_COMMA) {
		if (c == (in_object(scan) ? '}' : ']'))
			return close_bracket(scan);
		if (c != ',')
			return fault(scan, in_object(scan) ? "a comma or } is expected" : "a comma or ] is expected");
		scan->at++;
		scan->expected = in_object(scan) ? EXPECT_KEY : EXPECT_VALUE;
		c = peek(scan);
	} else if ((scan->expected == EXPECT_FIRST_KEY && c == '}') || (scan->expected == EXPECT_FIRST_VALUE && c == ']')) {
		return close_bracket(scan);
	}
	return scan->expected == EXPECT_KEY || scan->expected == EXPECT_FIRST_KEY ? key(scan, c) : value(scan, c);
}

bool json_scan_skip(struct json_scan *scan)
{
	int outside = scan->depth - 1;

	while (scan->depth > outside)
		if (json_scan_next(scan) == EVENT_FAULT)
			return false;
	return true;
}

bool json_scan_rest_is(struct json_scan *scan, const char *more)
{
	while (peek(scan) >= 0 && pass_one_of(scan, more))
		;
	return scan->at == scan->text.size;
}

static uint32_t hex4(const char *digits)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value = value << 4 | (uint32_t)hex_value(digits[i]);
	return value;
}

static size_t put_utf8(uint32_t c, char *out)
{
	size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = size; i > 1; i--, c >>= 6)
		out[i - 1] = (char)(0x80 | (c & 0x3F));
	out[0] = (char)(first[size] | c);
	return size;
}

/* At the first digit of \uXXXX; *at is moved after the escape, or after the two of a pair. */
static uint32_t escaped_character(struct span token, size_t *at, struct json_replaced *replaced)
{
	uint32_t c = hex4(token.data + *at), low;

	*at += 4;
	if (c == 0) {
		replaced->nuls++;
		return 0xFFFD;
	}
	if ((c & 0xF800) != 0xD800)
		return c;
	if (c < 0xDC00 && token.size - *at >= 6 && token.data[*at] == '\\' && token.data[*at + 1] == 'u') {
		low = hex4(token.data + *at + 2);
		if ((low & 0xFC00) == 0xDC00) {
			*at += 6;
			return 0x10000 + ((c & 0x3FF) << 10 | (low & 0x3FF));
		}
	}
	replaced->surrogates++;
	return 0xFFFD;
}

size_t json_scan_unescape(struct span token, char *out, struct json_replaced *replaced)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	size_t size = 0, at = 0;

	while (at < token.size) {
		const char *slash = memchr(token.data + at, '\\', token.size - at), *letter;
		size_t plain = (slash ? (size_t)(slash - token.data) : token.size) - at;

		memcpy(out + size, token.data + at, plain);
		size += plain;
		at += plain;
		if (!slash)
			break;
		letter = strchr(letters, token.data[at + 1]);
		at += 2;
		if (token.data[at - 1] == 'u')
			size += put_utf8(escaped_character(token, &at, replaced), out + size);
		else
			out[size++] = letter ? meant[letter - letters] : token.data[at - 1];
	}
	return size;
}

void json_scan_place(struct span text, size_t at, size_t *line, size_t *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < at && i < text.size; i++) {
		if (text.data[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)text.data[i] & 0xC0) != 0x80) {
			++*column;
		}
	}
}
