/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/dialect.h"

#include "engine/base/number.h"

#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct dialect_row dialect_rows[DIALECT_ROW_COUNT] = {
#define ROW(kind, field, name, default, minimum, maximum, values, help) [DIALECT_##field] = {name, values, help},
	DIALECT_ROWS(ROW)
#undef ROW
};

int dialect_find(const char *name)
{
	for (int row = 0; row < DIALECT_ROW_COUNT; row++) {
		const char *a = dialect_rows[row].name, *b = name;

		while (*a && (*a == *b || (*a == '-' && *b == '_')))
			a++, b++;
		if (!*a && !*b)
			return row;
	}
	return -1;
}

static const struct {
	const char *word, *name;
} formats[] = {
	[DATASET_AUTO] = {"auto", ""},
	[DATASET_CSV] = {"csv", "CSV"},
	[DATASET_TSV] = {"tsv", "TSV"},
	[DATASET_JSONL] = {"jsonl", "JSON lines"},
	[DATASET_JSON] = {"json", "JSON"},
	[DATASET_LINES] = {"lines", "a review a line"},
	[DATASET_FASTTEXT] = {"fasttext", "fastText"},
	[DATASET_FOLDER] = {"folder", "a folder a label"},
};

#define FORMATS ((int)(sizeof formats / sizeof *formats))

const char *dataset_format_name(enum dataset_format format)
{
	return formats[format].name;
}

static const struct {
	const char *word;
	char character;
} characters[] = {
	{"auto", 0}, {"none", DIALECT_NONE}, {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"\\t", '\t'},
	{"bar", '|'}, {"pipe", '|'}, {"space", ' '}, {"double", '"'}, {"single", '\''}, {"backslash", '\\'},
};

#define CHARACTERS (sizeof characters / sizeof *characters)

/* An ASCII character by itself or by its name. */
static bool parse_character(const char *text, char *out)
{
	for (size_t i = 0; i < CHARACTERS; i++)
		if (strcasecmp(text, characters[i].word) == 0) {
			*out = characters[i].character;
			return true;
		}
	if (text[0] == '\0' || text[1] != '\0' || !((text[0] > ' ' && text[0] < 127) || text[0] == '\t' || text[0] == ' '))
		return false;
	*out = text[0];
	return true;
}

static bool parse_format(const char *text, enum dataset_format *out)
{
	for (int i = 0; i < FORMATS; i++)
		if (strcasecmp(text, formats[i].word) == 0) {
			*out = (enum dataset_format)i;
			return true;
		}
	return false;
}

static bool parse_encoding(const char *text, char *out)
{
	iconv_t known;

	out[0] = '\0';
	if (strcasecmp(text, "auto") == 0)
		return true;
	if (strlen(text) >= DIALECT_WORD_MAX || strchr(text, '/'))
		return false;
	known = iconv_open("UTF-8", text);
	if (known == (iconv_t)-1)
		return false;
	iconv_close(known);
	snprintf(out, DIALECT_WORD_MAX, "%s", text);
	return true;
}

static bool parse_header(const char *text, int64_t *out)
{
	if (strcasecmp(text, "auto") == 0)
		*out = 0;
	else if (strcasecmp(text, "no") == 0)
		*out = DIALECT_NO_HEADER;
	else if (strcasecmp(text, "yes") == 0)
		*out = 1;
	else
		return number_parse_integer(text, out) && *out >= 1 && *out <= 1000;
	return true;
}

bool dialect_set(struct dataset_dialect *dialect, int row, const char *text, struct error *error)
{
	struct dataset_dialect with = *dialect;
	bool known = false;

	if (text[0] == '\0')
		text = "auto";
	switch (row) {
	case DIALECT_input_format:
		known = parse_format(text, &with.format);
		break;
	case DIALECT_delimiter:
		known = parse_character(text, &with.delimiter) && with.delimiter != DIALECT_NONE && with.delimiter != '"' &&
		        with.delimiter != '#';
		break;
	case DIALECT_quote:
		known = parse_character(text, &with.quote);
		break;
	case DIALECT_escape:
		known = parse_character(text, &with.escape);
		break;
	case DIALECT_encoding:
		known = parse_encoding(text, with.encoding);
		break;
	case DIALECT_header:
		known = parse_header(text, &with.header);
		break;
	case DIALECT_label_separator:
		known = parse_character(text, &with.label_separator) && with.label_separator != '"';
		break;
	}
	RETURN_IF(!known, error, ERROR_USAGE, "--%s \"%.60s\": must be %s", dialect_rows[row].name, text,
	          row == DIALECT_encoding ? "a name that `iconv -l` lists" : dialect_rows[row].values);
	*dialect = with;
	return true;
}

static void format_character(char character, char out[DIALECT_WORD_MAX])
{
	for (size_t i = 0; i < CHARACTERS; i++)
		if (characters[i].character == character) {
			snprintf(out, DIALECT_WORD_MAX, "%s", characters[i].word);
			return;
		}
	snprintf(out, DIALECT_WORD_MAX, "%c", character);
}

static void format_header(int64_t header, char out[DIALECT_WORD_MAX])
{
	if (header > 0)
		snprintf(out, DIALECT_WORD_MAX, "%lld", (long long)header);
	else
		snprintf(out, DIALECT_WORD_MAX, "%s", header == 0 ? "auto" : "no");
}

void dialect_format(const struct dataset_dialect *dialect, int row, char out[DIALECT_WORD_MAX])
{
	switch (row) {
	case DIALECT_input_format:
		snprintf(out, DIALECT_WORD_MAX, "%s", formats[dialect->format].word);
		break;
	case DIALECT_delimiter:
		format_character(dialect->delimiter, out);
		break;
	case DIALECT_quote:
		format_character(dialect->quote, out);
		break;
	case DIALECT_escape:
		format_character(dialect->escape, out);
		break;
	case DIALECT_encoding:
		snprintf(out, DIALECT_WORD_MAX, "%s", dialect->encoding[0] ? dialect->encoding : "auto");
		break;
	case DIALECT_header:
		format_header(dialect->header, out);
		break;
	default:
		format_character(dialect->label_separator, out);
	}
}

bool dialect_is_empty(const struct dataset_dialect *dialect)
{
	char text[DIALECT_WORD_MAX];

	for (int row = 0; row < DIALECT_ROW_COUNT; row++) {
		dialect_format(dialect, row, text);
		if (strcmp(text, "auto") != 0)
			return false;
	}
	return true;
}
